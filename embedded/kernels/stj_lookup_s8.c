#include "stj_lookup_s8.h"

#include "stj_rows.h"

void stj_lookup_s8(const stj_lookup_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    const uint8_t *table = params->table;
    for (int32_t y = y0; y < y1; y++) {
        const uint8_t *from = stj_read_row(&in[0], y);
        uint8_t *to = stj_write_row(&out[0], y);
        for (int32_t i = 0; i < params->row_bytes; i++) {
            to[i] = table[from[i]];
        }
    }
}
