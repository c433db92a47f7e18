/* SPDX-License-Identifier: Apache-2.0 */
/* Weights from -8 to 7, two in a byte: the one of the even place in the lower half. */
#ifndef STJ_NIBBLES_H
#define STJ_NIBBLES_H

#include <stdint.h>

#include "stj_window.h"

/* The weight at a place. */
STJ_TEMPLATE int32_t stj_nibble(const int8_t *pairs, int32_t place) {
    const int32_t pair = pairs[place / 2];
    return place % 2 == 0 ? (int32_t)((uint32_t)pair << 28) >> 28 : pair >> 4;
}

#endif
