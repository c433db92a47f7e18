/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_feed.h"

#ifndef STJ_BARRIER
#error "define STJ_BARRIER() for this compiler: stj_feed.h says what it has to do"
#endif

enum { DEAD = -1 };

/* The place behind this one, and which of the FIFO's rows a place is. */
static int32_t after(const stj_feed *feed, int32_t place) { return place + 1 < 2 * feed->depth ? place + 1 : 0; }

static int32_t index_of(const stj_feed *feed, int32_t place) {
    return place < feed->depth ? place : place - feed->depth;
}

static uint8_t *row_at(const stj_feed *feed, int32_t place) {
    return feed->rows + index_of(feed, place) * stj_camera_row_bytes(feed->camera);
}

stj_status stj_feed_begin(stj_feed *feed, const stj_camera *camera, void *memory, size_t memory_bytes, int32_t depth) {
    if (feed == NULL || depth < 1 || depth > STJ_FEED_MOST || stj_camera_check(camera) != STJ_OK) {
        return STJ_ERROR_ARGUMENT;
    }
    const size_t row_bytes = (size_t)stj_camera_row_bytes(camera) + sizeof(int16_t);
    if (memory == NULL || (uintptr_t)memory % sizeof(int16_t) != 0 || memory_bytes / row_bytes < (size_t)depth) {
        return STJ_ERROR_ARENA;
    }
    const stj_feed empty = {0};
    *feed = empty;
    feed->camera = camera;
    feed->tags = (volatile int16_t *)memory;
    feed->rows = (uint8_t *)memory + (size_t)depth * sizeof(int16_t);
    feed->depth = depth;
    return STJ_OK;
}

int32_t stj_feed_level(const stj_feed *feed) {
    const int32_t level = feed->put - feed->taken;
    return level < 0 ? level + 2 * feed->depth : level;
}

uint32_t stj_feed_dropped(const stj_feed *feed) {
    uint32_t sum = 0;
    for (int32_t reason = 0; reason < STJ_DROP_REASONS; reason++) {
        sum += feed->dropped[reason];
    }
    return sum;
}

/* --- From the interrupt ---------------------------------------------------------------------------------------------
 */

/* Gives the frame up. Its rows that the main loop has not taken yet are marked; where it takes one at this moment, the
 * next frame's first row will tell. */
static stj_status drop(stj_feed *feed, int32_t reason, stj_status status) {
    const int32_t waiting = stj_feed_level(feed);
    int32_t place = feed->put;
    for (int32_t k = 0; k < waiting && k < feed->of_frame; k++) {
        place = place > 0 ? place - 1 : 2 * feed->depth - 1;
        feed->tags[index_of(feed, place)] = DEAD;
    }
    feed->dropped[reason]++;
    feed->live = 0;
    return status;
}

/* Tells the main loop of the row that was written behind the last one. */
static void publish(stj_feed *feed) {
    feed->tags[index_of(feed, feed->put)] = (int16_t)feed->of_frame++;
    STJ_BARRIER(); /* the row and its tag stand before they are told of */
    feed->put = after(feed, feed->put);
    const int32_t level = stj_feed_level(feed);
    if (level > feed->deepest) {
        feed->deepest = level;
    }
    if (feed->of_frame == feed->camera->rows) {
        feed->frames++;
        feed->live = 0;
    }
}

static stj_status end_frame(stj_feed *feed, int32_t reason) {
    if (!feed->live) {
        return STJ_OK;
    }
    if (feed->held && feed->line == feed->camera->height) {
        publish(feed);
        return STJ_OK;
    }
    return drop(feed, reason, STJ_ERROR_ORDER);
}

stj_status stj_feed_start(stj_feed *feed) {
    if (feed->camera == NULL) {
        return STJ_ERROR_ORDER;
    }
    const stj_status status = end_frame(feed, STJ_DROP_EARLY);
    feed->live = 1;
    feed->line = feed->of_frame = feed->unnumbered = feed->held = 0;
    return status;
}

stj_status stj_feed_end(stj_feed *feed) { return end_frame(feed, STJ_DROP_MISSING); }

stj_status stj_feed_line(stj_feed *feed, int32_t line, const uint8_t *raw, int32_t bytes) {
    const stj_camera *camera = feed->camera;
    if (!feed->live) {
        return STJ_OK;
    }
    if (bytes != stj_camera_line_bytes(camera)) {
        return drop(feed, STJ_DROP_SHORT, STJ_ERROR_ARGUMENT);
    }
    if (line == STJ_LINE_NEXT) {
        feed->unnumbered = 1;
        line = feed->line;
    }
    if (line > feed->line) {
        return drop(feed, STJ_DROP_MISSING, STJ_ERROR_ORDER);
    }
    if (line < feed->line || line >= camera->height) {
        return drop(feed, STJ_DROP_DOUBLED, STJ_ERROR_ORDER);
    }
    feed->line++;
    const int32_t row = stj_camera_row_of(camera, line);
    if (row >= 0 && stj_feed_level(feed) == feed->depth) {
        return drop(feed, STJ_DROP_OVERRUN, STJ_ERROR_OVERRUN);
    }
    STJ_BARRIER(); /* the place is free before it is written */
    if (stj_camera_line(camera, line, raw, row_at(feed, feed->put))) {
        if (row == camera->rows - 1 && feed->unnumbered) {
            feed->held = 1;
        } else {
            publish(feed);
        }
    }
    return STJ_OK;
}

/* --- From the main loop ---------------------------------------------------------------------------------------------
 */

static void free_place(stj_feed *feed) {
    STJ_BARRIER(); /* the row has been read before its place is free */
    feed->taken = after(feed, feed->taken);
}

static void forget(stj_feed *feed, const stj_network *network, void *model) {
    network->drop_frame(model);
    feed->in_network = 0;
}

/* Whether the network has some rows of a frame, but not all. */
static int32_t has_part(const stj_feed *feed) { return feed->in_network > 0 && feed->in_network < feed->camera->rows; }

/* Frees the places of rows whose frame was dropped. */
static void skip_dead(stj_feed *feed, const stj_network *network, void *model) {
    while (stj_feed_level(feed) > 0) {
        STJ_BARRIER();
        if (feed->tags[index_of(feed, feed->taken)] != DEAD) {
            return;
        }
        if (has_part(feed)) {
            forget(feed, network, model);
        }
        free_place(feed);
    }
}

/* Gives the network the next row, if there is one. */
static int32_t take_row(stj_feed *feed, const stj_network *network, void *model) {
    if (stj_feed_level(feed) == 0) {
        return STJ_FEED_WAITS;
    }
    STJ_BARRIER(); /* a row is read after it was told of */
    const int32_t tag = feed->tags[index_of(feed, feed->taken)];
    if (tag == DEAD) {
        return STJ_FEED_WORKS; /* it was dropped a moment ago */
    }
    if (tag == 0) {
        forget(feed, network, model); /* of the frame before, whether it was finished or dropped */
    }
    const stj_status status = network->take_row(model, 0, row_at(feed, feed->taken));
    if (status != STJ_OK) {
        return status;
    }
    feed->in_network = tag + 1;
    free_place(feed);
    return STJ_FEED_WORKS;
}

int32_t stj_feed_work(stj_feed *feed, const stj_network *network, void *model, int32_t ticks) {
    if (feed->camera == NULL) {
        return STJ_ERROR_ORDER;
    }
    skip_dead(feed, network, model);
    if (network->work(model, ticks)) {
        return STJ_FEED_WORKS;
    }
    if (feed->in_network == feed->camera->rows) {
        feed->in_network = 0;
        return STJ_FEED_DONE;
    }
    return take_row(feed, network, model);
}
