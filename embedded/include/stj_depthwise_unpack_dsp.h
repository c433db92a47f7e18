/* SPDX-License-Identifier: Apache-2.0 */
/* Pass 1 of stj_depthwise_dsp.h, where the records are drawn: the rows of a window over a run of output columns, and
 * how four channels of them are unpacked to pairs of int16. */
#ifndef STJ_DEPTHWISE_UNPACK_DSP_H
#define STJ_DEPTHWISE_UNPACK_DSP_H

#include "stj_dsp.h"
#include "stj_nn.h"

/* Words of a record's channel, and of a record. */
#define STJ_LANE_WORDS(size) ((size) / 2 * 2 + 1)
#define STJ_RECORD_WORDS(size) (4 * STJ_LANE_WORDS(size))

/* A pointer that a loop takes from step to step: the compiler does not compute anew where it ends. */
#if defined(__GNUC__)
#define STJ_STEPS(pointer) __asm__("" : "+r"(pointer))
#else
#define STJ_STEPS(pointer) ((void)0)
#endif

enum { STJ_MOST_TAPS = 7 };

/* One row of the window over a run. A row outside the image stays on one word of zero points. */
typedef struct {
    const int8_t *at; /* channel 0 of the first column that is on the image */
    int32_t step;     /* bytes from one column to the next, 0 outside the image */
    int32_t group;    /* and from four channels to the next four */
    int32_t room;     /* columns before the row wraps */
    int32_t turn;     /* bytes back at the wrap */
} stj_line;

/* A run of output columns and where its input is. */
typedef struct {
    stj_line lines[STJ_MOST_TAPS];
    int32_t first, count;      /* columns of the plane that are on the image */
    int32_t columns;           /* of the plane */
    int32_t wraps;             /* whether any row wraps within the run */
    int32_t zero;              /* what is added to every pair: minus the zero point, twice */
    int32_t first_pair, pairs; /* pairs of rows of which one at least is on the image */
    int32_t last;              /* whether the last row is */
    int32_t whole;             /* whether all are */
    int32_t narrow;            /* whether the run is the whole row of an image of 2 to STJ_MOST_OUTPUTS columns */
    int32_t at_once;           /* whether there are three rows, all on the image, none wraps */
    const int8_t *outside;     /* a word of zero points */
} stj_window;

/* Where a line has a column, before or after the wrap. */
static inline const int8_t *stj_line_at(const stj_line *line, int32_t column) {
    return line->at + column * line->step - (column < line->room ? 0 : line->turn);
}

/* Columns from `column` on, at most `count`, before the line wraps. */
static inline int32_t stj_line_room(const stj_line *line, int32_t column, int32_t count) {
    const int32_t room = line->room - column;
    return room > 0 && room < count ? room : count;
}

/* Two words, of two rows or columns, as four pairs: of channels 0 to 3. `to` is where that of channel 0 goes. */
STJ_TEMPLATE void stj_unpack_one(int32_t size, int32_t *to, int32_t zero, int32_t x, int32_t y) {
    const int32_t lane = STJ_LANE_WORDS(size), low = stj_pkhbt(x, y), high = stj_pkhtb(x, y);
    to[0] = __sxtab16(zero, low);
    to[lane] = stj_sxtab16_odd(zero, low);
    to[2 * lane] = __sxtab16(zero, high);
    to[3 * lane] = stj_sxtab16_odd(zero, high);
}

/* The same of two columns whose pairs lie side by side. */
STJ_TEMPLATE void stj_unpack_two(int32_t size, int32_t *to, int32_t zero, int32_t x0, int32_t y0, int32_t x1,
                                 int32_t y1) {
    const int32_t lane = STJ_LANE_WORDS(size);
    const int32_t low0 = stj_pkhbt(x0, y0), high0 = stj_pkhtb(x0, y0);
    const int32_t low1 = stj_pkhbt(x1, y1), high1 = stj_pkhtb(x1, y1);
    int32_t first = __sxtab16(zero, low0), second = __sxtab16(zero, low1);
    stj_store_two(to, 0, first, second);
    first = stj_sxtab16_odd(zero, low0);
    second = stj_sxtab16_odd(zero, low1);
    stj_store_two(to, lane, first, second);
    first = __sxtab16(zero, high0);
    second = __sxtab16(zero, high1);
    stj_store_two(to, 2 * lane, first, second);
    first = stj_sxtab16_odd(zero, high0);
    second = stj_sxtab16_odd(zero, high1);
    stj_store_two(to, 3 * lane, first, second);
}

/* Pairs of rows, `count` columns from `p` and `q` on, to v words; `to` is this pair of rows in lane 0 of the record,
 * and `odd` whether the first column is its second one. */
STJ_TEMPLATE void stj_unpack_columns(int32_t size, int32_t *to, int32_t zero, const int8_t *p, const int8_t *q,
                                     int32_t p_step, int32_t q_step, int32_t odd, int32_t count) {
    if (odd) {
        stj_unpack_one(size, to + 1, zero, stj_load_word(p), stj_load_word(q));
        to += STJ_RECORD_WORDS(size);
        p += p_step;
        q += q_step;
        count--;
    }
    for (int32_t twos = count >> 1; twos > 0; twos--) {
        stj_unpack_two(size, to, zero, stj_load_word(p), stj_load_word(q), stj_load_word(p + p_step),
                       stj_load_word(q + q_step));
        to += STJ_RECORD_WORDS(size);
        STJ_STEPS(to);
        p_step = stj_in_register(p_step); /* else the compiler keeps twice the steps in registers that it lacks */
        q_step = stj_in_register(q_step);
        p += 2 * p_step;
        q += 2 * q_step;
    }
    if (count & 1) {
        stj_unpack_one(size, to, zero, stj_load_word(p), stj_load_word(q));
    }
}

/* A pair of rows to v words, and on to the next four channels. `records` is the pair's place in lane 0 of the first. */
STJ_TEMPLATE void stj_unpack_rows(int32_t size, int32_t *records, const stj_window *window, stj_line *a) {
    stj_line *b = a + 1;
    if (!window->wraps) {
        stj_unpack_columns(size, records + (window->first >> 1) * STJ_RECORD_WORDS(size), window->zero, a->at, b->at,
                           a->step, b->step, window->first & 1, window->count);
    } else {
        for (int32_t done = 0; done < window->count;) {
            const int32_t j = window->first + done;
            const int32_t count = stj_line_room(b, done, stj_line_room(a, done, window->count - done));
            stj_unpack_columns(size, records + (j >> 1) * STJ_RECORD_WORDS(size), window->zero, stj_line_at(a, done),
                               stj_line_at(b, done), a->step, b->step, j & 1, count);
            done += count;
        }
    }
    a->at += a->group;
    b->at += b->group;
}

/* The last row, which is on the image, to t words: pairs of its columns; and on to the next four channels. `records` is
 * the place of t in lane 0 of the first. */
STJ_TEMPLATE void stj_unpack_last(int32_t size, int32_t *records, const stj_window *window, stj_line *a) {
    const int32_t step = a->step, zero = window->zero, end = window->count;
    int32_t *to = records + (window->first >> 1) * STJ_RECORD_WORDS(size);
    int32_t done = 0;
    if (window->first & 1) {
        stj_unpack_one(size, to, zero, stj_load_word(window->outside), stj_load_word(a->at));
        to += STJ_RECORD_WORDS(size);
        done = 1;
    }
    while (end - done >= 2) {
        int32_t count = (end - done) >> 1, next = step;
        const int8_t *p = a->at + done * step;
        if (window->wraps) {
            p = stj_line_at(a, done);
            count = stj_line_room(a, done, end - done) >> 1;
            if (count == 0) { /* a pair astride the wrap */
                count = 1;
                next = step - a->turn;
            }
        }
        done += 2 * count;
        do {
            stj_unpack_one(size, to, zero, stj_load_word(p), stj_load_word(p + next));
            to += STJ_RECORD_WORDS(size);
            p += 2 * step;
        } while (--count > 0);
    }
    if (done < end) {
        stj_unpack_one(size, to, zero, stj_load_word(stj_line_at(a, done)), stj_load_word(window->outside));
    }
    a->at += a->group;
}

/* All three rows of a window of 3 x 3 that lie on the image and do not wrap, in one go: v and t words, and on to the
 * next four channels. */
STJ_TEMPLATE void stj_unpack_three(int32_t *records, const stj_window *window, stj_line *lines) {
    const int8_t *p = lines[0].at, *q = lines[1].at, *r = lines[2].at;
    const int32_t zero = window->zero;
    int32_t step = lines[0].step, count = window->count;
    int32_t *to = records + (window->first >> 1) * STJ_RECORD_WORDS(3);
    lines[0].at = p + 4;
    lines[1].at = q + 4;
    lines[2].at = r + 4;
    if (window->first & 1) {
        stj_unpack_one(3, to + 1, zero, stj_load_word(p), stj_load_word(q));
        stj_unpack_one(3, to + 2, zero, stj_load_word(window->outside), stj_load_word(r));
        to += STJ_RECORD_WORDS(3);
        p += step;
        q += step;
        r += step;
        count--;
    }
    for (int32_t twos = count >> 1; twos > 0; twos--) {
        stj_unpack_two(3, to, zero, stj_load_word(p), stj_load_word(q), stj_load_word(p + step),
                       stj_load_word(q + step));
        stj_unpack_one(3, to + 2, zero, stj_load_word(r), stj_load_word(r + step));
        to += STJ_RECORD_WORDS(3);
        STJ_STEPS(to);
        step = stj_in_register(step); /* else the compiler keeps twice the step in a register that it lacks */
        p += 2 * step;
        q += 2 * step;
        r += 2 * step;
    }
    if (count & 1) {
        stj_unpack_one(3, to, zero, stj_load_word(p), stj_load_word(q));
        stj_unpack_one(3, to + 2, zero, stj_load_word(r), stj_load_word(window->outside));
    }
}

#endif
