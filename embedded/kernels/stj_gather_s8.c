/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_gather_s8.h"

#include <string.h>

#include "stj_rows.h"

/* Byte `at` of an operand that is held whole. */
static const uint8_t *byte_of(const stj_in *in, int32_t at) {
    const int32_t row = at / in->row_bytes;
    return (const uint8_t *)stj_read_row(in, row) + (at - row * in->row_bytes);
}

/* Where slice number `slice` of the result begins in the operand. */
static int32_t begin_of(const stj_gather_params *p, const stj_in *places, int32_t slice) {
    int32_t place;
    memcpy(&place, byte_of(places, slice % p->places * (int32_t)sizeof place), sizeof place);
    place = place < 0 ? 0 : place;
    place = place < p->extent ? place : p->extent - 1;
    return (slice / p->places * p->extent + place) * p->inner;
}

void stj_gather_s8(const stj_gather_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    const stj_gather_params *p = params;
    for (int32_t y = y0; y < y1; y++) {
        uint8_t *to = stj_write_row(out, y);
        int32_t element = y * p->row_elements;
        for (int32_t left = p->row_elements, count; left > 0; left -= count) {
            const int32_t within = element % p->inner;
            const int32_t from = begin_of(p, &in[1], element / p->inner) + within;
            count = p->inner - within < left ? p->inner - within : left;
            memcpy(to, byte_of(&in[0], from), (size_t)count);
            to += count;
            element += count;
        }
    }
}
