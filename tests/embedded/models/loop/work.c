#include "work.h"

/* Two instructions per turn, n turns. */
int32_t work(int32_t n) {
    int32_t left = n;
#ifdef __arm__
    __asm__ volatile("1: subs %0, %0, #1\n bne 1b\n" : "+r"(left) : : "cc");
#endif
    return n + 0 * left;
}
