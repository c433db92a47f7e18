#include <stdint.h>

/* What the model does with its input; tests replace the file that defines it. */
int32_t work(int32_t n);
