/* SPDX-License-Identifier: Apache-2.0 */
/* Sixteen adjacent channels of one position are the lanes. VMULLB and VMULLT give the sixteen products of a tap as
 * int16; those of two taps still fit (the exporter has looked), and then they are widened and added to four vectors of
 * int32:
 *
 *     even = VMULLB, odd = VMULLT of two taps      VMOVLB even -> channels 0 4 8 12, VMOVLB odd -> 1 5 9 13
 *                                                  VMOVLT even -> channels 2 6 10 14, VMOVLT odd -> 3 7 11 15
 *
 * which is the order in which stj_mve_bytes makes sixteen adjacent bytes of them. 22 instructions for 32 products. It
 * needs no neighbouring positions, so narrow images are as good as wide ones; for those, and for few channels, there is
 * stj_depthwise_conv_2d_s8_mve.
 *
 *     registers   four sums, inputs, weights, even, odd; r: the list of taps, two of them, weights
 *     weights     by sixteen channels: [16 of tap 0][16 of tap 1] ..., filled up with zeros to an even number of taps
 * and to sixteen channels | bias, multiplier, shift: of channels 0 4 8 12, 1 5 9 13, 2 6 10 14, 3 7 11 15
 *
 * With a multiplier m, output channels 0, m, 2m ... come first and are scattered, then 1, m + 1, 2m + 1 ..., m times.
 *
 * Working memory has three words for each tap: where it lies for channel 0, as if the image had no sides; its column;
 * and where it lies for the channels that are next, which for columns and rows beside the image is a pixel of padding,
 * at the end of working memory. From one position to the next all move by the same, until a ring wraps. */
#include "stj_depthwise_conv_2d_narrow_s8_mve.h"

#include "stj_mve.h"
#include "stj_mve_walk.h"
#include "stj_taps.h"

#if defined(__ARM_FEATURE_MVE) && defined(__OPTIMIZE__)

enum { CHUNK = 16, OUTSIDE = INT32_MIN };

/* What kernels hand down: parameters and working memory. */
typedef struct {
    const stj_depthwise_conv_2d_narrow_mve_params *params;
    const int8_t **origins; /* [slots] */
    int32_t *columns;       /* [slots], outside the image for rows beside it */
    const int8_t **taps;    /* [slots] */
    int8_t *padding;        /* [in_c] */
    int32_t pairs, slots;   /* of taps, and as many single ones up to a multiple of 4 */
} narrow;

#define TWO_TAPS(SOME, FIRST, SECOND)                                                                                  \
    __asm__ volatile(                                                                                                  \
        SOME "dls lr, %[pairs]\n"                                                                                      \
             "1: ldrd %[a], %[b], [%[taps]]\n" FIRST "vldrb.8 %q[w], [%[weights]], #16\n"                              \
             "vmullb.s8 %q[even], %q[x], %q[w]\n"                                                                      \
             "vmullt.s8 %q[odd], %q[x], %q[w]\n" SECOND "vldrb.8 %q[w], [%[weights]], #16\n"                           \
             "strd %[a], %[b], [%[taps]], #8\n"                                                                        \
             "vmullb.s8 %q[w], %q[x], %q[w]\n"                                                                         \
             "vadd.i16 %q[even], %q[even], %q[w]\n"                                                                    \
             "vldrb.8 %q[w], [%[weights], #-16]\n"                                                                     \
             "vmullt.s8 %q[x], %q[x], %q[w]\n"                                                                         \
             "vmovlb.s16 %q[w], %q[even]\n"                                                                            \
             "vadd.i16 %q[odd], %q[odd], %q[x]\n"                                                                      \
             "vadd.i32 %q[s0], %q[s0], %q[w]\n"                                                                        \
             "vmovlt.s16 %q[even], %q[even]\n"                                                                         \
             "vmovlb.s16 %q[w], %q[odd]\n"                                                                             \
             "vadd.i32 %q[s2], %q[s2], %q[even]\n"                                                                     \
             "vmovlt.s16 %q[odd], %q[odd]\n"                                                                           \
             "vadd.i32 %q[s1], %q[s1], %q[w]\n"                                                                        \
             "vadd.i32 %q[s3], %q[s3], %q[odd]\n"                                                                      \
             "le lr, 1b\n"                                                                                             \
        : [s0] "+w"(sums[0]), [s1] "+w"(sums[1]), [s2] "+w"(sums[2]), [s3] "+w"(sums[3]), [x] "=&w"(x), [w] "=&w"(w),  \
          [even] "=&w"(even), [odd] "=&w"(odd), [taps] "+r"(taps), [weights] "+r"(weights), [a] "=&r"(a), [b] "=&r"(b) \
        : [pairs] "r"(pairs), [some] "m"(some)                                                                         \
        : "lr", "p0", "cc", "memory")

/* Adds all taps of sixteen channels to their sums, of `some` (1 to 15) in the last chunk; the taps go on to the next.
 */
STJ_TEMPLATE const int32_t *add_taps(const int32_t *weights, const int8_t **taps, int32_t pairs, int32_t some,
                                     int32_t all, int32x4_t sums[4]) {
    const int8_t *a, *b;
    int32x4_t x, w, even, odd;
    if (all) {
        TWO_TAPS("", "vldrb.8 %q[x], [%[a]], #16\n", "vldrb.8 %q[x], [%[b]], #16\n");
    } else {
        TWO_TAPS("ldr lr, %[some]\nvctp.8 lr\n", "vpst\nvldrbt.8 %q[x], [%[a]], #16\n",
                 "vpst\nvldrbt.8 %q[x], [%[b]], #16\n");
    }
    return weights;
}

/* Sixteen channels, of which `some` are left. */
STJ_TEMPLATE const int32_t *chunk(const narrow *self, const int32_t *w, int8_t *to, int32_t some, int32_t all,
                                  int32_t apart, int32_t halves) {
    const int32_t *own = w + self->pairs * (2 * CHUNK / 4);
    int32x4_t sums[4] = {vldrwq_s32(own), vldrwq_s32(own + 4), vldrwq_s32(own + 8), vldrwq_s32(own + 12)};
    own = add_taps(w, self->taps, self->pairs, some, all, sums);
    int32x4_t even = stj_mve_rescale(sums[0], vldrwq_s32(own + 16), vldrwq_s32(own + 32), halves);
    stj_mve_first(&even);
    int32x4_t odd = stj_mve_rescale(sums[1], vldrwq_s32(own + 20), vldrwq_s32(own + 36), halves);
    stj_mve_first(&odd);
    stj_mve_second(&even, stj_mve_rescale(sums[2], vldrwq_s32(own + 24), vldrwq_s32(own + 40), halves));
    stj_mve_second(&odd, stj_mve_rescale(sums[3], vldrwq_s32(own + 28), vldrwq_s32(own + 44), halves));
    const int8x16_t bytes = vreinterpretq_s8_s32(stj_mve_bytes(even, odd, self->params->out_zero_point));
    if (apart > 1) {
        const uint8x16_t places = vmulq_n_u8(vidupq_n_u8(0, 1), (uint8_t)apart);
        vstrbq_scatter_offset_p_s8(to, places, bytes, vctp8q((uint32_t)some));
    } else if (all) {
        vstrbq_s8(to, bytes);
    } else {
        vstrbq_p_s8(to, bytes, vctp8q((uint32_t)some));
    }
    return own + 3 * CHUNK;
}

/* One result of each input channel, `apart` from each other. */
STJ_TEMPLATE const int32_t *channels_by(const narrow *self, const int32_t *w, int8_t *to, int32_t apart,
                                        int32_t halves) {
    int32_t left = self->params->in_c;
    for (; left >= CHUNK; left -= CHUNK, to += CHUNK * apart) {
        w = chunk(self, w, to, CHUNK, 1, apart, halves);
    }
    return left > 0 ? chunk(self, w, to, left, 0, apart, halves) : w;
}

/* Finds the taps of output column `x`. Returns how many columns further on they are still right if all just move. */
static STJ_NOINLINE int32_t find_taps(const narrow *self, const stj_pixels_in *in, const stj_output_run *run,
                                      int32_t x) {
    const stj_depthwise_conv_2d_narrow_mve_params *p = self->params;
    const int32_t pixel = in->pixel_bytes, kernel_w = p->kernel_w, dilation_w = p->dilation_w;
    const int32_t left = x * p->stride_w - p->pad_left, y = run->y * p->stride_h - p->pad_top;
    /* The first column, and the rows, of taps that are on the image. */
    const int32_t first = left + stj_first_tap(left, dilation_w) * dilation_w;
    const int32_t row = stj_first_tap(y, p->dilation_h);
    const int32_t rows = first < p->in_w ? stj_end_tap(y, p->dilation_h, p->kernel_h, p->in_h) - row : 0;
    int32_t *column = self->columns, *origin = (int32_t *)(void *)self->origins;
    for (int32_t slot = 0; slot < self->slots; slot += 4) {
        vstrwq_s32(column + slot, vdupq_n_s32(OUTSIDE));
        vstrwq_s32(origin + slot, vdupq_n_s32((int32_t)(intptr_t)self->padding));
    }
    column += row * kernel_w;
    origin += row * kernel_w;
    int32_t room = in->pixels, straight = INT32_MAX;
    int32_t at = (int32_t)(intptr_t)stj_read_pixels(in, run->above + y + row * p->dilation_h, first, &room);
    const int32_t ring = in->pixels * pixel, end = (int32_t)(intptr_t)in->data + ring;
    const int32_t down = p->dilation_h * in->columns * pixel, turn = in->rows > 0 ? in->columns * pixel : ring;
    const int32_t whole = (p->in_w - first) * pixel, before = (left - first) * pixel, step = dilation_w * pixel;
    const int32_t tile = in->rows > 0 ? room * pixel : 0;
    for (int32_t left_over = rows; left_over > 0; left_over--) {
        const int32_t bytes = tile > 0 ? tile : end - at; /* before the ring begins again */
        int32_t c = left, from = before;
        for (int32_t kx = kernel_w; kx > 0; kx--) {
            *column++ = c;
            *origin++ = at + from - (from < bytes ? 0 : turn);
            c += dilation_w;
            from += step;
        }
        if (bytes < whole) {
            const int32_t free = (bytes + first * pixel) / pixel - 1 - (left + (kernel_w - 1) * dilation_w);
            const int32_t more = free > 0 ? free / p->stride_w : 0;
            straight = more < straight ? more : straight;
        }
        at += down;
        at -= at < end ? 0 : ring;
    }
    return straight;
}

/* Moves the taps on by so many columns (0: none) of `pixel_bytes`, and begins with channel 0. */
static inline void begin(const narrow *self, int32_t moved, int32_t pixel_bytes) {
    const int32x4_t padding = vdupq_n_s32((int32_t)(intptr_t)self->padding);
    const uint32x4_t width = vdupq_n_u32((uint32_t)self->params->in_w);
    int32_t *origin = (int32_t *)(void *)self->origins, *column = self->columns;
    int32_t *tap = (int32_t *)(void *)self->taps;
    for (int32_t left = self->slots / 4; left > 0; left--, origin += 4, column += 4, tap += 4) {
        const int32x4_t at = vaddq_n_s32(vldrwq_s32(origin), moved * pixel_bytes);
        const int32x4_t now = vaddq_n_s32(vldrwq_s32(column), moved);
        vstrwq_s32(origin, at);
        vstrwq_s32(column, now);
        vstrwq_s32(tap, vpselq_s32(at, padding, vcmphiq_u32(width, vreinterpretq_u32_s32(now))));
    }
}

/* Several results of each input channel of one position. */
static STJ_NOINLINE void several(const narrow *self, int8_t *to) {
    const int32_t multiplier = self->params->multiplier;
    const int32_t *w = self->params->weights;
    for (int32_t j = 0; j < multiplier; j++, to++) {
        if (j > 0) {
            begin(self, 0, 0);
        }
        w = self->params->halves ? channels_by(self, w, to, multiplier, 1) : channels_by(self, w, to, multiplier, 0);
    }
}

static STJ_NOINLINE void compute_run(const void *context, const stj_pixels_in *in, const stj_output_run *run) {
    const narrow *self = context;
    const stj_depthwise_conv_2d_narrow_mve_params *p = self->params;
    int8_t *to = run->to;
    const int32_t out_c = p->in_c * p->multiplier;
    int32_t straight = 0;
    for (int32_t i = 0; i < run->count; i++, to += out_c) {
        if (straight > 0) {
            straight--;
            begin(self, p->stride_w, in->pixel_bytes);
        } else {
            straight = find_taps(self, in, run, run->x + i);
            begin(self, 0, 0);
        }
        if (p->multiplier > 1) {
            several(self, to);
        } else if (p->halves) {
            channels_by(self, p->weights, to, 1, 1);
        } else {
            channels_by(self, p->weights, to, 1, 0);
        }
    }
    stj_mve_clamp(run->to, run->count * out_c, p->out_min, p->out_max);
}

static narrow prepared(const stj_depthwise_conv_2d_narrow_mve_params *params, uint8_t *memory) {
    const int32_t count = params->kernel_h * params->kernel_w, slots = (count + 3) / 4 * 4;
    int32_t *words = (int32_t *)(void *)memory;
    const narrow self = {.params = params,
                         .origins = (const int8_t **)(void *)words,
                         .columns = words + slots,
                         .taps = (const int8_t **)(void *)(words + 2 * slots),
                         .padding = (int8_t *)(words + 3 * slots),
                         .pairs = (count + 1) / 2,
                         .slots = slots};
    stj_mve_fill(self.padding, params->in_zero_point, (params->in_c + CHUNK - 1) / CHUNK * CHUNK);
    return self;
}

void stj_depthwise_conv_2d_narrow_s8_mve(const stj_depthwise_conv_2d_narrow_mve_params *params, const stj_in *in,
                                         const stj_out *out, int32_t y0, int32_t y1) {
    const stj_pixels_in pixels = stj_mve_rows_in(in, params->in_w, params->in_c);
    const narrow self = prepared(params, out[1].data);
    for (int32_t y = y0; y < y1; y++) {
        const stj_output_run run = stj_output_row_of(out, y, params->in_h, params->out_h, params->out_w);
        compute_run(&self, &pixels, &run);
    }
}

void stj_depthwise_conv_2d_narrow_s8_mve_tile(const stj_depthwise_conv_2d_narrow_mve_params *params,
                                              const stj_pixels_in *in, const stj_pixels_out *out,
                                              const stj_region *region) {
    const narrow self = prepared(params, out[1].data);
    stj_over_region(compute_run, &self, in, out, region);
}

#endif
