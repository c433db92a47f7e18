/* SPDX-License-Identifier: Apache-2.0 */
/* Given to Eva in front of every file: what claim C6 proves for a plan's own weights, taken as given here.
 *
 * A rescaled accumulator leaves room for the zero point. Eva keeps intervals, not which weights belong to which
 * multiplier, so it cannot see this; the solver does, for every channel (verify/proof/arithmetic.py). Nothing else is
 * taken as given. */
#ifndef C6_H
#define C6_H

#include "stj_requantize.h"

static inline int32_t requantize_within_c6(int32_t x, int32_t multiplier, int32_t shift) {
    const int32_t result = stj_requantize(x, multiplier, shift);
    /*@ admit c6: -2147483520 <= result <= 2147483519; */
    return result;
}

#define stj_requantize requantize_within_c6

#endif
