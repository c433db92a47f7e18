/* SPDX-License-Identifier: Apache-2.0 */
/* Helpers that compute single numbers, for whole ranges of arguments at once. */
#include "stj_fixed_point.h"
#include "stj_pixels.h"
#include "stj_region.h"
#include "stj_requantize.h"
#include "stj_reuse.h"
#include "stj_schedule.h"
#include "stj_window.h"
#include "unknown.h"

#ifdef __FRAMAC__
#define SAMPLES 1
#define PIECES 256
#else
#define SAMPLES 20000
#define PIECES 1000000
#endif

/* Eva shows that the assertion is never reached, a sanitized build that the program is not stopped. */
static void holds(int condition) {
    if (!condition) {
        /*@ assert \false; */
        abort();
    }
}

static volatile int32_t sink; /* keeps calls whose result is not looked at */

#define POSITIONS (1 << 15) /* of an axis */

static void check_schedule(void) {
    const int32_t rows = unknown(0, POSITIONS);
    const int32_t done = stj_frontier(unknown(-1, POSITIONS), unknown(0, POSITIONS), unknown(1, POSITIONS),
                                      unknown(-(1 << 29), 1 << 29), rows);
    holds(0 <= done && done <= POSITIONS);
    const int32_t coarse = stj_frontier_by(unknown(-1, POSITIONS), unknown(0, POSITIONS), unknown(1, POSITIONS),
                                           unknown(-(1 << 29), 1 << 29), rows, unknown(1, POSITIONS));
    holds(-POSITIONS <= coarse && coarse <= POSITIONS);
}

static void check_regions(void) {
    int32_t first = unknown(0, POSITIONS), last = unknown(0, POSITIONS);
    stj_widen(&first, &last, unknown(0, POSITIONS), unknown(0, POSITIONS), unknown(1, 1 << 14),
              unknown(-POSITIONS, POSITIONS), unknown(1, 1024), unknown(0, 1023), unknown(1, POSITIONS),
              unknown(1, POSITIONS));
    holds(0 <= first && first <= POSITIONS);
    holds(0 <= last && last <= POSITIONS);
    const stj_region region = {0, first, 0, last};
    sink = stj_any(&region);
}

static void check_slots(void) {
    int32_t run = unknown(1, POSITIONS);
    const int32_t slot = stj_pixel_slot(unknown(1, POSITIONS), unknown(0, POSITIONS), unknown(1, 1 << 30),
                                        unknown(0, POSITIONS - 1), unknown(0, POSITIONS - 1), &run);
    holds(0 <= slot && slot < 1 << 30);
    holds(run <= POSITIONS);
}

static void check_taps(void) {
    const int32_t start = unknown(-POSITIONS, POSITIONS), dilation = unknown(1, 255), taps = unknown(1, 255);
    const int32_t first = stj_first_tap(start, dilation);
    const int32_t end = stj_end_tap(start, dilation, taps, unknown(1, POSITIONS));
    holds(0 <= first && first <= 2 * POSITIONS);
    holds(-2 * POSITIONS <= end && end <= 3 * POSITIONS);
}

/* Every multiplier, every shift, and every number that the shift does not push out of int32, by sign. */
static void check_requantize(void) {
    sink = stj_doubling_high_mul(unknown(INT32_MIN, INT32_MAX), unknown(INT32_MIN, INT32_MAX));
    for (int32_t shift = -31; shift <= 30; shift++) {
        const int32_t most = shift > 0 ? INT32_MAX >> shift : INT32_MAX;
        sink = stj_requantize(unknown(0, most), unknown(0, INT32_MAX), shift);
        sink = stj_requantize(unknown(-most - 1, -1), unknown(0, INT32_MAX), shift);
        if (shift <= 0) {
            sink = stj_rounding_shift_right(unknown(INT32_MIN, INT32_MAX), -shift);
        }
    }
}

/* Every fraction, piece by piece. */
static void check_reciprocal(void) {
    const int32_t step = (int32_t)((INT64_C(1) << 31) / PIECES);
    for (int32_t k = 0; k < PIECES; k++) {
        const int32_t reciprocal = stj_one_over_one_plus(unknown(k * step, k * step + (step - 1)));
        holds(reciprocal >= 1 << 29);
    }
}

int main(void) {
    for (int i = 0; i < SAMPLES; i++) {
        check_schedule();
        check_regions();
        check_slots();
        check_taps();
        check_requantize();
    }
    check_reciprocal();
    return 0;
}
