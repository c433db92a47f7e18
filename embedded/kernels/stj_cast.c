/* SPDX-License-Identifier: Apache-2.0 */
/* CAST: every element by way of an int32, or of a float where it comes from one. */
#include "stj_cast.h"

#include <string.h>

#include "stj_rows.h"

static const int8_t BYTES[] = {1, 2, 4, 4, 1};
static const int32_t LOWEST[] = {INT8_MIN, INT16_MIN, INT32_MIN}, HIGHEST[] = {INT8_MAX, INT16_MAX, INT32_MAX};

static int32_t load_integer(const uint8_t *from, int32_t type) {
    int32_t word;
    int16_t half;
    switch (type) {
    case STJ_CAST_S16:
        memcpy(&half, from, sizeof half);
        return half;
    case STJ_CAST_S32:
        memcpy(&word, from, sizeof word);
        return word;
    case STJ_CAST_BOOL:
        return *from != 0;
    default:
        return *from < 128 ? *from : *from - 256;
    }
}

/* The integer part, within what the type holds. */
static int32_t whole_part(float x, int32_t type) {
    if (x != x) {
        return 0;
    }
    if (x >= (float)HIGHEST[type]) {
        return HIGHEST[type];
    }
    return x <= (float)LOWEST[type] ? LOWEST[type] : (int32_t)x;
}

static void store_integer(uint8_t *to, int32_t type, int32_t value) {
    const uint32_t bits = type == STJ_CAST_BOOL ? value != 0 : (uint32_t)value;
    const uint16_t half = (uint16_t)(bits & 0xFFFF);
    switch (type) {
    case STJ_CAST_S16:
        memcpy(to, &half, sizeof half);
        break;
    case STJ_CAST_S32:
        memcpy(to, &bits, sizeof bits);
        break;
    default:
        *to = (uint8_t)(bits & 0xFF);
    }
}

void stj_cast(const stj_cast_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    const stj_cast_params p = *params;
    for (int32_t y = y0; y < y1; y++) {
        const uint8_t *from = stj_read_row(&in[0], y);
        uint8_t *to = stj_write_row(&out[0], y);
        for (int32_t i = 0; i < p.row_elements; i++, from += BYTES[p.from], to += BYTES[p.to]) {
            float real;
            int32_t value;
            if (p.from == STJ_CAST_F32) {
                memcpy(&real, from, sizeof real);
                value = p.to < STJ_CAST_F32 ? whole_part(real, p.to) : real != 0.0f;
            } else {
                value = load_integer(from, p.from);
                real = (float)value;
            }
            if (p.to == STJ_CAST_F32) {
                memcpy(to, &real, sizeof real);
            } else {
                store_integer(to, p.to, value);
            }
        }
    }
}
