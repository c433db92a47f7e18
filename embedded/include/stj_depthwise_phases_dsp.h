/* SPDX-License-Identifier: Apache-2.0 */
/* The template of stj_depthwise_dsp.h for images whose rows come in phases: row y is row y / 2 of in[y % 2], with a
 * stride of 2 from row to row. */
#ifndef STJ_DEPTHWISE_PHASES_DSP_H
#define STJ_DEPTHWISE_PHASES_DSP_H

#define STJ_FIND_ROW(line, in, p, above, y, x) stj_find_line(line, (in) + ((y)&1), (y) >> 1, x)

#include "stj_depthwise_dsp_template.h"

STJ_TEMPLATE void stj_depthwise_rows_in_phases(stj_depthwise_function *compute, const stj_depthwise_dsp_params *p,
                                               const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    const stj_pixels_in pixels[2] = {stj_rows_as_pixels(&in[0], p->in_w, p->in_c),
                                     stj_rows_as_pixels(&in[1], p->in_w, p->in_c)};
    for (int32_t y = y0; y < y1; y++) {
        const stj_output_run run = stj_output_row_of(out, y, p->in_h, p->out_h, p->out_w);
        compute(p, pixels, &run, out[1].data);
    }
}

#endif
