/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolution as dot products over the taps of one channel, by VMLADAV, which adds up sixteen of them.
 *
 * For that the taps have to lie in words of four rows, column after column. Sixteen channels at a time, four rows of
 * the image are interleaved by VST4 (four loads and four stores for 64 bytes), into working memory for the columns that
 * `group` adjacent pixels need:
 *
 *     column 0: plane 0: [channel 0: rows 0 1 2 3][channel 1: rows 0 1 2 3] ... [channel 15]   64 bytes
 *               plane 1: rows 4 5 6 7 of the same, where the kernel has more than four
 *     column 1: ...
 *
 * A window of a channel is then kernel_w * planes words 64 bytes apart: a gather load has four of them, the next
 * pixel's begin stride_w columns further on, the next channel's four bytes. What a window reads beyond its rows and
 * columns meets weights of zero. Rows and columns of padding hold the input's zero point.
 *
 *     registers   four vectors of offsets, one per pixel; one of inputs, one of weights, two for narrowing; r0 r2 r4 r6
 *     weights     by channels: [16 taps: four words in the order above] for each block | bias multiplier shift
 *                 filled up with channels of zeros to a multiple of four
 *
 * Four pixels of a channel are the lanes of one vector; four channels are stored as words (stj_mve.h). */
#include "stj_depthwise_conv_2d_s8_mve.h"

#include "stj_mve.h"
#include "stj_mve_walk.h"
#include "stj_taps.h"

#if defined(__ARM_FEATURE_MVE) && defined(__OPTIMIZE__)

enum { CHUNK = 16, WORD = 4, PLANE_BYTES = CHUNK * WORD, MOST_PLANES = 2 };

/* Four rows of taps: the pixel of the next column, how far it moves from column to column (0 for padding), and how many
 * columns came before the next wrap `since` columns ago; there are `free` columns before the next wrap of any. */
typedef struct {
    const int8_t *at[4];
    int32_t step[4];
    int32_t room[4];
    int32_t since, free;
} four_rows;

/* A run of output pixels. */
typedef struct {
    const stj_depthwise_conv_2d_mve_params *params;
    int8_t *columns;  /* working memory */
    int32_t planes;   /* 1 to MOST_PLANES */
    int32_t channels; /* of a chunk, at most CHUNK */
    int32_t turn;     /* columns from a wrap to the next */
    int32_t pixel_bytes;
    const int8_t *padding; /* what rows beside the image point to */
    four_rows now[MOST_PLANES];
    struct {
        const int8_t *at[4];
        int32_t room[4];
    } start[MOST_PLANES]; /* the first column of channel 0 */
} depthwise;

#define ROW(register, place) "vldrbt.8 " register ", [%[" place "]]\n"
#define STEP(place) "add %[" place "], %[" place "], %[step_" place "]\n"
#define INTERLEAVE(VPST, ROWS, STEPS)                                                                                  \
    __asm__ volatile("ldr lr, %[channels]\n"                                                                           \
                     "vctp.8 lr\n"                                                                                     \
                     "ldr lr, %[count]\n"                                                                              \
                     "1: " VPST "\n" ROWS STEPS "vst40.8 {q0, q1, q2, q3}, [%[to]]\n"                                  \
                     "vst41.8 {q0, q1, q2, q3}, [%[to]]\n"                                                             \
                     "vst42.8 {q0, q1, q2, q3}, [%[to]]\n"                                                             \
                     "vst43.8 {q0, q1, q2, q3}, [%[to]]\n"                                                             \
                     "add %[to], %[to], %[step]\n"                                                                     \
                     "le lr, 1b\n"                                                                                     \
                     : [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [d] "+r"(d), [to] "+r"(to)                               \
                     : [step_a] "r"(step_a), [step_b] "r"(step_b), [step_c] "r"(step_c), [step_d] "r"(step_d),         \
                       [step] "r"(step), [count] "m"(count), [channels] "m"(channels)                                  \
                     : "q0", "q1", "q2", "q3", "lr", "p0", "cc", "memory")

/* `count` (>= 1) columns of one plane, none of which wraps. Rows beyond the kernel's are not loaded: whatever is stored
 * for them meets weights of zero. */
static STJ_NOINLINE void interleave(four_rows *rows, int32_t used, int32_t channels, int32_t count, int8_t *to,
                                    int32_t step) {
    const int8_t *a = rows->at[0], *b = rows->at[1], *c = rows->at[2], *d = rows->at[3];
    const int32_t step_a = rows->step[0], step_b = rows->step[1], step_c = rows->step[2], step_d = rows->step[3];
    if (used == 1) {
        INTERLEAVE("vpst", ROW("q0", "a"), STEP("a"));
    } else if (used == 2) {
        INTERLEAVE("vpstt", ROW("q0", "a") ROW("q1", "b"), STEP("a") STEP("b"));
    } else if (used == 3) {
        INTERLEAVE("vpsttt", ROW("q0", "a") ROW("q1", "b") ROW("q2", "c"), STEP("a") STEP("b") STEP("c"));
    } else {
        INTERLEAVE("vpstttt", ROW("q0", "a") ROW("q1", "b") ROW("q2", "c") ROW("q3", "d"),
                   STEP("a") STEP("b") STEP("c") STEP("d"));
    }
    rows->at[0] = a;
    rows->at[1] = b;
    rows->at[2] = c;
    rows->at[3] = d;
}

/* To the other side of a wrap, where `free` columns have been passed. */
static STJ_NOINLINE void wrap(const depthwise *self, four_rows *rows) {
    rows->free = INT32_MAX;
    for (int32_t r = 0; r < 4; r++) {
        if (rows->step[r] > 0) {
            rows->room[r] -= rows->since;
            if (rows->room[r] == 0) {
                rows->room[r] = self->turn;
                rows->at[r] -= self->turn * rows->step[r];
            }
            rows->free = rows->room[r] < rows->free ? rows->room[r] : rows->free;
        }
    }
    rows->since = 0;
}

static inline void pass(const depthwise *self, four_rows *rows, int32_t count) {
    rows->since += count;
    rows->free -= count;
    if (rows->free == 0) {
        wrap(self, rows);
    }
}

/* Columns [x, x + count) of the image, padding included, to working memory from its column `place` on. */
static STJ_NOINLINE void feed(depthwise *self, int32_t x, int32_t count, int32_t place) {
    const stj_depthwise_conv_2d_mve_params *p = self->params;
    const int32_t step = self->planes * PLANE_BYTES;
    const int32_t end = x + count, first = x < 0 ? 0 : x, last = end < p->in_w ? end : p->in_w;
    int8_t *to = self->columns + place * step;
    if (first > x) {
        stj_mve_fill(to, p->in_zero_point, (first - x) * step);
        to += (first - x) * step;
    }
    if (end > last) {
        stj_mve_fill(to + (last - first) * step, p->in_zero_point, (end - last) * step);
    }
    for (int32_t plane = 0; plane < self->planes; plane++, to += PLANE_BYTES) {
        four_rows *rows = &self->now[plane];
        const int32_t used = p->kernel_h - 4 * plane < 4 ? p->kernel_h - 4 * plane : 4;
        for (int32_t done = first; done < last;) {
            const int32_t count = last - done < rows->free ? last - done : rows->free;
            interleave(rows, used, self->channels, count, to + (done - first) * step, step);
            pass(self, rows, count);
            done += count;
        }
    }
}

#define TAPS(ADD)                                                                                                      \
    "vldrb.8 %q[taps], [%[w]], #16\n"                                                                                  \
    "vldrw.u32 %q[sum], [%[z], %q[x0]]\n"                                                                              \
    "vmladav" ADD ".s8 r0, %q[sum], %q[taps]\n"                                                                        \
    "vldrw.u32 %q[sum], [%[z], %q[x1]]\n"                                                                              \
    "vmladav" ADD ".s8 r2, %q[sum], %q[taps]\n"                                                                        \
    "vldrw.u32 %q[sum], [%[z], %q[x2]]\n"                                                                              \
    "vmladav" ADD ".s8 r4, %q[sum], %q[taps]\n"                                                                        \
    "vldrw.u32 %q[sum], [%[z], %q[x3]]\n"                                                                              \
    "vmladav" ADD ".s8 r6, %q[sum], %q[taps]\n"
#define CHANNEL(MORE, HALVES)                                                                                          \
    __asm__ volatile(TAPS("") MORE "vmov %q[sum][2], %q[sum][0], r0, r4\n"                                             \
                                   "vmov %q[sum][3], %q[sum][1], r2, r6\n"                                             \
                                   "ldm %[w]!, {r0, r2, r4}\n"                                                         \
                                   "vadd.i32 %q[sum], %q[sum], r0\n"                                                   \
                                   "vqrdmulh.s32 %q[sum], %q[sum], r2\n" HALVES "vrshl.s32 %q[sum], r4\n"              \
                     : [sum] "=&w"(sum), [taps] "=&w"(taps), [w] "+r"(*w), [z] "+r"(*z)                                \
                     : [x0] "w"(pixels[0]), [x1] "w"(pixels[1]), [x2] "w"(pixels[2]), [x3] "w"(pixels[3]),             \
                       [half] "r"(STJ_MVE_HALF), [more] "r"(more), [back] "r"(more * 256 - WORD)                       \
                     : "r0", "r2", "r4", "r6", "lr", "cc", "memory")
#define ONE_BLOCK "add %[z], %[z], #4\n"
#define MORE_BLOCKS "mov lr, %[more]\n1: add %[z], %[z], #256\n" TAPS("a") "le lr, 1b\nsub %[z], %[z], %[back]\n"
#define AWAY "vqdmulh.s32 %q[sum], %q[sum], %[half]\n"

/* One channel of four pixels, rescaled; *w and *z go on to the next. `more` blocks follow the first. */
STJ_TEMPLATE int32x4_t channel_of_four(const int32_t **w, const int8_t **z, const uint32x4_t pixels[4], int32_t more,
                                       int32_t single, int32_t halves) {
    int32x4_t sum, taps;
    if (single && halves) {
        CHANNEL(ONE_BLOCK, AWAY);
    } else if (single) {
        CHANNEL(ONE_BLOCK, "");
    } else if (halves) {
        CHANNEL(MORE_BLOCKS, AWAY);
    } else {
        CHANNEL(MORE_BLOCKS, "");
    }
    return sum;
}

/* Channels of a chunk by the pixels whose columns are in working memory. */
typedef struct {
    const int32_t *weights;
    const int8_t *columns;
    int8_t *to;
    int32_t channels;    /* a multiple of 4 */
    int32_t pixels;      /* >= 1 */
    int32_t pixel_bytes; /* of the result */
    int32_t next;        /* bytes of working memory from one pixel to the next */
    int32_t blocks;
    int32_t zero_point;
    int32_t halves;
} product;

STJ_TEMPLATE void multiply_by(const product *all, int32_t single, int32_t halves) {
    const uint32x4_t results = vmulq_n_u32(vidupq_n_u32(0, 1), (uint32_t)all->pixel_bytes);
    const uint32x4_t words = vmulq_n_u32(vidupq_n_u32(0, 1), PLANE_BYTES);
    const uint32_t next = (uint32_t)all->next;
    const uint32x4_t pixels[4] = {words, vaddq_n_u32(words, next), vaddq_n_u32(words, 2 * next),
                                  vaddq_n_u32(words, 3 * next)};
    const int32_t more = all->blocks - 1;
    const int8_t *columns = all->columns;
    int8_t *row = all->to;
    for (int32_t left = all->pixels; left > 0; left -= 4, columns += 4 * all->next, row += 4 * all->pixel_bytes) {
        const mve_pred16_t some = vctp32q((uint32_t)left);
        const int32_t *w = all->weights;
        const int8_t *z = columns;
        for (int8_t *to = row, *const end = row + all->channels; to < end; to += 4) {
            int32x4_t even = channel_of_four(&w, &z, pixels, more, single, halves);
            stj_mve_first(&even);
            int32x4_t odd = channel_of_four(&w, &z, pixels, more, single, halves);
            stj_mve_first(&odd);
            stj_mve_second(&even, channel_of_four(&w, &z, pixels, more, single, halves));
            stj_mve_second(&odd, channel_of_four(&w, &z, pixels, more, single, halves));
            const int32x4_t bytes = stj_mve_bytes(even, odd, all->zero_point);
            vstrwq_scatter_offset_p_s32((int32_t *)(void *)to, results, bytes, some);
        }
    }
}

static STJ_NOINLINE void multiply(const product *all) {
    if (all->blocks == 1) {
        if (all->halves) {
            multiply_by(all, 1, 1);
        } else {
            multiply_by(all, 1, 0);
        }
    } else if (all->halves) {
        multiply_by(all, 0, 1);
    } else {
        multiply_by(all, 0, 0);
    }
}

/* Where quads of channels do not begin at multiples of four bytes: through memory of the stack, then byte by byte. */
static STJ_NOINLINE void multiply_bytes(const product *all, int32_t channels) {
    int32_t results[4];
    product part = *all;
    part.to = (int8_t *)results;
    part.pixel_bytes = part.channels = 4;
    for (int32_t k = 0; k < channels; k += 4, part.weights += 4 * (all->blocks * 4 + 3)) {
        const mve_pred16_t some = vctp8q(channels - k < 4 ? (uint32_t)(channels - k) : 4);
        for (int32_t i = 0; i < all->pixels; i += 4) {
            part.pixels = all->pixels - i < 4 ? all->pixels - i : 4;
            part.columns = all->columns + i * all->next + k * WORD;
            multiply(&part);
            for (int32_t n = 0; n < part.pixels; n++) {
                const int8x16_t one = vreinterpretq_s8_s32(vdupq_n_s32(results[n]));
                vstrbq_p_s8(all->to + (i + n) * all->pixel_bytes + k, one, some);
            }
        }
    }
}

/* Columns [from, to) of the image, which nobody reads. */
static void skip(depthwise *self, int32_t from, int32_t to) {
    const int32_t first = from < 0 ? 0 : from, last = to < self->params->in_w ? to : self->params->in_w;
    if (first < last) {
        for (int32_t plane = 0; plane < self->planes; plane++) {
            four_rows *rows = &self->now[plane];
            for (int32_t count, left = last - first; left > 0; left -= count) {
                count = left < rows->free ? left : rows->free;
                for (int32_t r = 0; r < 4; r++) {
                    rows->at[r] += count * rows->step[r];
                }
                pass(self, rows, count);
            }
        }
    }
}

/* All pixels of a run, sixteen channels from `channel` on, of which the first `skipped` are done already. */
static STJ_NOINLINE void compute_chunk(depthwise *self, const stj_output_run *run, int32_t channel, int32_t skipped) {
    const stj_depthwise_conv_2d_mve_params *p = self->params;
    const int32_t step = self->planes * PLANE_BYTES, overlap = p->kernel_w - p->stride_w;
    const int32_t kept = overlap > 0 ? overlap : 0, blocks = (p->kernel_w * self->planes + 3) / 4;
    const int32_t channels = self->channels - skipped;
    for (int32_t plane = 0; plane < self->planes; plane++) {
        four_rows *now = &self->now[plane];
        const int32x4_t at = vldrwq_s32((const int32_t *)(const void *)self->start[plane].at);
        const mve_pred16_t inside = vcmpneq_n_s32(at, (int32_t)(intptr_t)self->padding);
        const uint32x4_t room = vldrwq_u32((const uint32_t *)(const void *)self->start[plane].room);
        vstrwq_s32((int32_t *)(void *)now->at, vaddq_m_n_s32(at, at, channel, inside));
        vstrwq_s32(now->step, vpselq_s32(vdupq_n_s32(self->pixel_bytes), vdupq_n_s32(0), inside));
        vstrwq_u32((uint32_t *)(void *)now->room, room);
        now->free = (int32_t)vminvq_u32(INT32_MAX, room);
        now->since = 0;
    }
    product all = {.weights = p->weights + (channel + skipped) * (blocks * 4 + 3),
                   .columns = self->columns + skipped * WORD,
                   .to = run->to + channel + skipped,
                   .channels = (channels + 3) / 4 * 4,
                   .pixel_bytes = p->in_c,
                   .next = p->stride_w * step,
                   .blocks = blocks,
                   .zero_point = p->out_zero_point,
                   .halves = p->halves};
    int32_t x = run->x * p->stride_w - p->pad_left, there = 0;
    for (int32_t left = run->count; left > 0; left -= p->group) {
        all.pixels = left < p->group ? left : p->group;
        feed(self, x + there, (all.pixels - 1) * p->stride_w + p->kernel_w - there, there);
        if ((((uintptr_t)all.to | (uintptr_t)p->in_c) & 3u) == 0) {
            multiply(&all);
        } else {
            multiply_bytes(&all, channels);
        }
        if (left > p->group) {
            /* The columns that the next pixels need as well; or those in between, which nobody needs. */
            stj_mve_copy(self->columns, self->columns + p->group * all.next, kept * step);
            if (overlap < 0) {
                const int32_t from = x + (p->group - 1) * p->stride_w + p->kernel_w;
                skip(self, from, from - overlap);
            }
        }
        x += p->group * p->stride_w;
        all.to += p->group * p->in_c;
        there = kept;
    }
}

/* What kernels hand down: parameters and working memory. */
typedef struct {
    const stj_depthwise_conv_2d_mve_params *params;
    uint8_t *columns;
} caller;

static STJ_NOINLINE void compute_run(const void *context, const stj_pixels_in *in, const stj_output_run *run) {
    const caller *from = context;
    const stj_depthwise_conv_2d_mve_params *p = from->params;
    const int32_t x = run->x * p->stride_w - p->pad_left, first = x < 0 ? 0 : x;
    int8_t padding[CHUNK];
    depthwise self;
    self.params = p;
    self.columns = (int8_t *)from->columns;
    self.planes = (p->kernel_h + 3) / 4;
    self.channels = p->in_c < CHUNK ? p->in_c : CHUNK;
    self.turn = in->rows > 0 ? in->columns : in->pixels;
    self.pixel_bytes = in->pixel_bytes;
    self.padding = padding;
    vstrbq_s8(padding, vdupq_n_s8((int8_t)p->in_zero_point));
    int32_t y = run->y * p->stride_h - p->pad_top;
    for (int32_t ky = 0; ky < 4 * self.planes; ky++, y += p->dilation_h) {
        const int8_t **at = &self.start[ky / 4].at[ky % 4];
        int32_t *room = &self.start[ky / 4].room[ky % 4];
        *at = padding;
        *room = INT32_MAX;
        if (ky < p->kernel_h && y >= 0 && y < p->in_h) {
            *room = self.turn;
            *at = (const int8_t *)stj_read_pixels(in, run->above + y, first, room);
        }
    }
    for (int32_t done = 0; done < p->in_c; done += CHUNK) {
        /* The last sixteen channels, so that no load goes beyond a pixel. */
        const int32_t last = p->in_c - self.channels, channel = done < last ? done : last;
        compute_chunk(&self, run, channel, done - channel);
    }
    stj_mve_clamp(run->to, run->count * p->in_c, p->out_min, p->out_max);
}

void stj_depthwise_conv_2d_s8_mve(const stj_depthwise_conv_2d_mve_params *params, const stj_in *in, const stj_out *out,
                                  int32_t y0, int32_t y1) {
    const stj_pixels_in pixels = stj_mve_rows_in(in, params->in_w, params->in_c);
    const caller from = {params, out[1].data};
    for (int32_t y = y0; y < y1; y++) {
        const stj_output_run run = stj_output_row_of(out, y, params->in_h, params->out_h, params->out_w);
        compute_run(&from, &pixels, &run);
    }
}

void stj_depthwise_conv_2d_s8_mve_tile(const stj_depthwise_conv_2d_mve_params *params, const stj_pixels_in *in,
                                       const stj_pixels_out *out, const stj_region *region) {
    const caller from = {params, out[1].data};
    stj_over_region(compute_run, &from, in, out, region);
}

#endif
