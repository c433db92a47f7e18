/* SPDX-License-Identifier: Apache-2.0 */
/* Runs generated C on identities: its kernels move them in the shadow of an arena that nobody may touch. Linked with
 * the generated file, in which calls of kernels, memcpy and memset have become calls of the functions below (text.py);
 * `tables.h` holds the model's facts and all macros.
 *
 * Prints "right FRAMES", or one line of numbers that text.py explains. */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "machine.h"
#include "tables.h" /* and the generated header */
#if __has_include("stj_tile.h")
#include "stj_tile.h"
#endif

#define UNTOUCHED 127
#define NEVER 255

static machine *m;
static uint8_t *base;
static MODEL model;

/* The first thing that is wrong ends the run. */
static void stop(const char *what, int64_t event_number) {
    const event e = m->events[event_number];
    printf("%s %lld %lld %lld %lld %lld %lld %lld %lld %lld %lld\n", what, (long long)m->frame, (long long)e.kind,
           (long long)e.op, (long long)e.operand, (long long)e.frame, (long long)e.y, (long long)e.x, (long long)e.at,
           (long long)e.found, (long long)e.wanted);
    exit(0);
}

static void require(int holds, const char *what) {
    if (!holds) {
        stop(what, 0);
    }
}

static int64_t operator_of(const char *params) {
    const char *number = strstr(params, "op_");
    require(number != NULL, "call");
    for (int64_t op = 0; op < m->n.nodes; op++) {
        if (m->node_list[op].index == atoll(number + 3)) {
            return op;
        }
    }
    require(0, "call");
    return -1;
}

/* What the early exit compares: the largest value at the end, the second largest at the beginning, 40 apart. */
static void show_scores(int64_t op, uint8_t *data) {
    if (EXIT >= 0 && m->node_list[op].index == EXIT_OPERATOR) {
        memset(data, -128, EXIT_VALUES);
        data[0] = 10;
        data[EXIT_VALUES - 1] = 50;
    }
}

void identity_rows(const char *params, const stj_in *in, const stj_out *out, int64_t y0, int64_t y1) {
    const int64_t op = operator_of(params);
    const node *o = &m->node_list[op];
    view ins[OPERANDS], outs[RESULTS];
    for (const operand *d = m->operand_list + o->operand; d < m->operand_list + o->operand_end; d++) {
        const stj_in *from = &in[d->position];
        const int64_t width = d->shape.width, rows = from->capacity;
        ins[d->position] = (view){from->data - base, from->row_bytes / width, width, rows, rows * width};
        require(from->row_bytes % width == 0, "call");
    }
    for (int64_t k = 0; k < o->result_end - o->result; k++) {
        const int64_t width = m->result_list[o->result + k].width, rows = out[k].capacity;
        outs[k] = (view){out[k].data - base, out[k].row_bytes / width, width, rows, rows * width};
        require(out[k].row_bytes % width == 0, "call");
    }
    machine_call(m, op, ins, outs, y0, y1, 0, WHOLE_ROWS);
    show_scores(op, out->data);
}

#ifdef STJ_TILE_H
void identity_pixels(const char *params, const stj_pixels_in *in, const stj_pixels_out *out, const stj_region *r) {
    const int64_t op = operator_of(params);
    const node *o = &m->node_list[op];
    view ins[OPERANDS], outs[RESULTS];
    for (const operand *d = m->operand_list + o->operand; d < m->operand_list + o->operand_end; d++) {
        const stj_pixels_in *p = &in[d->position];
        ins[d->position] = (view){p->data - base, p->pixel_bytes, p->columns, p->rows, p->pixels};
    }
    for (int64_t k = 0; k < o->result_end - o->result; k++) {
        const stj_pixels_out *p = &out[k];
        outs[k] = (view){p->data - base, p->pixel_bytes, p->columns, p->rows, p->pixels};
    }
    machine_call(m, op, ins, outs, r->y0, r->y1, r->x0, r->x1);
    show_scores(op, out->data);
}
#endif

static int is_shadowed(const void *p) { return (const uint8_t *)p >= base && (const uint8_t *)p < base + m->n.bytes; }

void *identity_copy(void *to, const void *from, size_t bytes) {
    if (!is_shadowed(to)) {
        return memcpy(to, from, bytes);
    }
    machine_copy(m, (uint8_t *)to - base, is_shadowed(from) ? (const uint8_t *)from - base : -1, (int64_t)bytes);
    return to;
}

void *identity_set(void *to, int value, size_t bytes) {
    if (!is_shadowed(to)) {
        return memset(to, value, bytes);
    }
    machine_set(m, (uint8_t *)to - base, value, (int64_t)bytes);
    return to;
}

static void *input(int64_t k) { return base + m->input_at[k]; }

/* Starts anew: what memory holds is left there, as garbage. */
static void begin(void) {
    memset(&model, 0xA5, sizeof model);
    m->start = m->frame + 1;
    require(P(begin)(&model, base, ARENA) == STJ_OK, "status");
}

static void next(int begins, int64_t rows, int64_t y0, int64_t y1) { machine_frame(m, begins, rows, y0, y1); }

/* Whether outputs are ready exactly where the model says, and are this frame's. */
static void check_outputs(int64_t since, int early) {
    const int ready = !CLIP || (since >= WARM_UP && (since - WARM_UP) % TIME_STEP == 0);
    if (m->fatal) {
        stop("event", m->fatal);
    }
    for (int32_t k = 0; k < OUTPUT_COUNT; k++) {
        const uint8_t *at = P(output)(&model, k);
        require((at != NULL) == (ready && (!early || k == EXIT)), "ready");
        if (at != NULL) {
            const int64_t found = machine_holds(m, &outputs[k], at - base);
            if (found) {
                stop("event", found);
            }
        }
    }
}

/* Pushes a frame, `chunk` rows at a time; a negative margin: without the functions that end early. */
static void push(int32_t chunk, int32_t margin) {
    (void)margin;
    for (int32_t i = 0; i < INPUT_COUNT; i++) {
#if EXTERNAL
        require(P(set_input)(&model, i, input(i)) == STJ_OK, "status");
#else
        const int32_t k = P(push_order)[i], rows = P(input_rows)[k], bytes = P(input_bytes)[k] / rows;
        for (int32_t y = 0; y < rows; y += chunk) {
            const uint8_t *from = (uint8_t *)input(k) + (int64_t)y * bytes;
            const int32_t count = chunk < rows - y ? chunk : rows - y;
            require(CLIP || P(output)(&model, 0) == NULL, "ready");
#if EXIT >= 0
            if (margin >= 0) {
                require(P(push_rows_until)(&model, k, from, count, margin) == STJ_OK, "status");
                continue;
            }
#endif
            require(P(push_rows)(&model, k, from, count) == STJ_OK, "status");
        }
#endif
    }
#if EXTERNAL && EXIT >= 0
    require((margin >= 0 ? P(run_until)(&model, margin) : P(run)(&model)) == STJ_OK, "status");
#elif EXTERNAL
    require(P(run)(&model) == STJ_OK, "status");
#endif
}

/* Frame number `since` since the beginning, pushed in a way that `choice` selects. */
static void any_frame(int64_t since, uint32_t choice) {
    const int ready = !CLIP || (since >= WARM_UP && (since - WARM_UP) % TIME_STEP == 0);
    const uint32_t kind = choice % 5, more = choice / 5;
    int early = 0;
    if (kind == 0 && since > 0 && HAS_REPEAT) {
        next(0, 1, 0, 0);
#if HAS_REPEAT
        require(P(repeat_frame)(&model) == STJ_OK, "status");
#endif
    } else if (kind <= 2 && since > 0 && HAS_REUSE) {
#if HAS_REUSE
        const int32_t rows = P(input_rows)[0], first = (int32_t)(more % (uint32_t)(rows + 1));
        const int32_t last = first + (int32_t)(more / 64 % (uint32_t)(rows - first + 1));
        next(0, rows, first, last);
        require(P(push_frame_rows)(&model, input(0), first, last) == STJ_OK, "status");
#endif
    } else {
        const int32_t margin = EXIT < 0 || kind == 4 ? -1 : more % 3 == 0 ? 39 : more % 3 == 1 ? 40 : NEVER;
        next(since == 0, 1, 0, 1);
        early = margin == 39 && ready;
        if (CLIP && INPUT_COUNT == 1 && margin < 0 && more % 2) {
#if CLIP
            require(P(push_frame)(&model, input(0)) == STJ_OK, "status");
#endif
        } else {
            push(more % 4 == 0 ? 1 : more % 4 == 1 ? 3 : more % 4 == 2 ? 5 : INT32_MAX, margin);
        }
    }
#if EXIT >= 0
    require(P(left_early)(&model) == early, "early");
#endif
    check_outputs(since, early);
}

/* Row by row, frame after frame, until model and memory are as they were some frames before: all later frames repeat
 * what has been seen. */
static void every_frame(int64_t limit) {
    int32_t *before = malloc((size_t)m->n.arena * sizeof *before + 1);
    MODEL then;
    begin();
    for (int64_t since = 0, turn = WARM_UP + m->n.kept, from = -1;; since++) {
        require(since < limit && before != NULL, "period");
        next(since == 0, 1, 0, 1);
        push(1, -1);
        check_outputs(since, 0);
        if (from >= 0 && memcmp(&then, &model, sizeof model) == 0 && machine_came_round(m, before, since - from)) {
            break;
        }
        if (since == turn) {
            from = since;
            turn = 2 * since;
            memcpy(&then, &model, sizeof then);
            memcpy(before, m->memory, (size_t)m->n.arena * sizeof *before);
        }
    }
    free(before);
}

int main(void) {
    const sizes n = {ALL, ARENA, BYTES, NODES, INPUT_COUNT, BEFORE_COUNT, KEPT, LARGEST};
    m = machine_new(&n, nodes, operands, results, inputs, input_at, before);
    base = mmap(NULL, BYTES, EXIT >= 0 ? PROT_READ | PROT_WRITE : PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (m == NULL || base == MAP_FAILED) {
        return 2;
    }
    if (EXIT >= 0) {
        memset(base, UNTOUCHED, BYTES);
    }
    uint32_t choice = 1;
    for (int64_t times = 0; times < (CLIP ? 2 : 8); times++) {
        begin();
        for (int64_t since = 0; since < (CLIP ? WARM_UP + KEPT + 24 : 1); since++) {
            choice = choice * 1664525u + 1013904223u;
            any_frame(since, choice >> 8);
        }
    }
    if (CLIP) {
        every_frame(FRAMES - m->frame - 1);
    }
    printf("right %lld\n", (long long)m->frame + 1);
    return 0;
}
