/* SPDX-License-Identifier: Apache-2.0 */
/* The idea, the registers and the layouts are drawn in stj_product_dsp.h and stj_product_wide_dsp.h; how windows become
 * blocks of three, in stj_conv_blocks_dsp.h. */
#include "stj_conv_2d_wide_s8_dsp.h"

#include "stj_conv_blocks_dsp.h"
#include "stj_product_wide_dsp.h"

static void compute_block(const stj_conv_call *call, int32_t pixels);
static void compute_run(stj_conv_call *call, const stj_pixels_in *in, const stj_output_run *run, int32_t pass);

static const stj_product product = {{stj_wide_inputs, STJ_BLOCK_PIXELS}, stj_wide_expand, compute_block, compute_run};

static STJ_NOINLINE void compute_odd_block(const stj_conv_call *call, int32_t pixels) {
    stj_conv_odd_block(stj_wide_1, stj_wide_2, stj_wide_3, call, pixels);
}

static STJ_NOINLINE void compute_block(const stj_conv_call *call, int32_t pixels) {
    if ((call->window.p->out_c & 1) != 0) {
        compute_odd_block(call, pixels);
    } else {
        stj_conv_block(stj_wide_1, stj_wide_2, stj_wide_3, call->window.p->stream, call, pixels);
    }
}

static STJ_NOINLINE void compute_run(stj_conv_call *call, const stj_pixels_in *in, const stj_output_run *run,
                                     int32_t pass) {
    stj_conv_run(&product, call, in, run, pass);
}

void stj_conv_2d_wide_s8_dsp(const stj_conv_2d_dsp_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                             int32_t y1) {
    stj_conv_rows(&product, params, in, out, y0, y1);
}

void stj_conv_2d_wide_s8_dsp_tile(const stj_conv_2d_dsp_params *params, const stj_pixels_in *in,
                                  const stj_pixels_out *out, const stj_region *region) {
    stj_conv_region(&product, params, in, out, region);
}
