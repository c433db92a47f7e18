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
 * Working memory has three words for each tap: where it lies for channel 0, as if the image had no sides; its column;
 * and where it lies for the channels that are next, which for columns and rows beside the image is a pixel of padding,
 * at the end of working memory. From one position to the next all move by the same, until a ring wraps. */
#include "stj_depthwise_conv_2d_narrow_s8_mve.h"

#include "stj_mve.h"
#include "stj_mve_walk.h"
#include "stj_taps.h"

#if defined(__ARM_FEATURE_MVE)

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
                                  int32_t halves) {
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
    if (all) {
        vstrbq_s8(to, bytes);
    } else {
        vstrbq_p_s8(to, bytes, vctp8q((uint32_t)some));
    }
    return own + 3 * CHUNK;
}

STJ_TEMPLATE void position_by(const narrow *self, int8_t *to, int32_t halves) {
    const int32_t *w = self->params->weights;
    int32_t left = self->params->in_c;
    for (; left >= CHUNK; left -= CHUNK, to += CHUNK) {
        w = chunk(self, w, to, CHUNK, 1, halves);
    }
    if (left > 0) {
        chunk(self, w, to, left, 0, halves);
    }
}

/* Finds the taps of output column `x`. Returns how many columns further on they are still right if all just move. */
static STJ_NOINLINE int32_t find_taps(const narrow *self, const stj_pixels_in *in, const stj_output_run *run,
                                      int32_t x) {
    const stj_depthwise_conv_2d_narrow_mve_params *p = self->params;
    const int32_t ring = in->pixels * in->pixel_bytes, down = p->dilation_h * in->columns * in->pixel_bytes;
    const int32_t turn = (in->rows > 0 ? in->columns : in->pixels) * in->pixel_bytes;
    const int32_t left = x * p->stride_w - p->pad_left, reach = (p->kernel_w - 1) * p->dilation_w;
    const int8_t **origin = self->origins;
    int32_t *column = self->columns, straight = INT32_MAX;
    /* The first tap that is on the image, and where it lies in the first row that is. */
    const int32_t first = left < 0 ? left + (p->dilation_w - 1 - left) / p->dilation_w * p->dilation_w : left;
    int32_t y = run->y * p->stride_h - p->pad_top;
    const int32_t top = y < 0 ? y + (p->dilation_h - 1 - y) / p->dilation_h * p->dilation_h : y;
    int32_t room = in->pixels;
    const int8_t *at = (const int8_t *)stj_read_pixels(in, run->above + top, first, &room);
    const int8_t *const end = (const int8_t *)in->data + ring;
    room *= in->pixel_bytes;
    /* By value: the compiler would read them again after each store. */
    const int32_t kernel_w = p->kernel_w, dilation_w = p->dilation_w, dilation_h = p->dilation_h;
    const int32_t in_h = first < p->in_w ? p->in_h : 0, step = dilation_w * in->pixel_bytes;
    const int32_t before = (left - first) * in->pixel_bytes, whole = (p->in_w - first) * in->pixel_bytes;
    const int32_t tile = in->rows > 0;
    for (int32_t ky = p->kernel_h; ky > 0; ky--, y += dilation_h) {
        const int32_t inside = y >= 0 && y < in_h;
        room = tile ? room : (int32_t)(end - at);
        const int8_t *from = at + before;
        const int8_t *const wrap = at + room;
        int32_t c = inside ? left : OUTSIDE;
        for (int32_t kx = kernel_w; kx > 0; kx--) {
            *column++ = c;
            *origin++ = from < wrap ? from : from - turn;
            c += dilation_w;
            from += step;
        }
        if (inside && room < whole) {
            const int32_t free = room / in->pixel_bytes - 1 - (left + reach - first);
            const int32_t more = free > 0 ? free / p->stride_w : 0;
            straight = more < straight ? more : straight;
        }
        if (y >= 0) {
            at += down;
            at -= at >= end ? ring : 0;
        }
    }
    for (const int32_t *const behind = self->columns + self->slots; column < behind; column++, origin++) {
        *column = OUTSIDE;
        *origin = self->padding;
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

static STJ_NOINLINE void compute_run(const void *context, const stj_pixels_in *in, const stj_output_run *run) {
    const narrow *self = context;
    const stj_depthwise_conv_2d_narrow_mve_params *p = self->params;
    int8_t *to = run->to;
    int32_t straight = 0;
    for (int32_t i = 0; i < run->count; i++, to += p->in_c) {
        if (straight > 0) {
            straight--;
            begin(self, p->stride_w, in->pixel_bytes);
        } else {
            straight = find_taps(self, in, run, run->x + i);
            begin(self, 0, 0);
        }
        if (p->halves) {
            position_by(self, to, 1);
        } else {
            position_by(self, to, 0);
        }
    }
    stj_mve_clamp(run->to, run->count * p->in_c, p->out_min, p->out_max);
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
