/* SPDX-License-Identifier: Apache-2.0 */
/* Camera frames into a model, from an interrupt to the main loop: frames whole, or dropped and counted.
 *
 *     interrupt            stj_feed_start, stj_feed_line for each line of the camera, stj_feed_end
 *                             | rows, converted, in a FIFO whose depth is the caller's to choose
 *     main loop            stj_feed_work, again and again, for as many ticks as there is time
 *
 * One interrupt (or several of one priority) calls the first three, one loop the last. Neither waits for the other, no
 * interrupt is disabled: each index is written by one side alone, behind what it tells of. Both sides run on one core.
 *
 * A frame is dropped when the FIFO has no room for a row, when one of its lines is missing, comes twice or has not as
 * many bytes as it should, and when the next frame starts before it is whole. The reason is counted, the network
 * forgets what it had of that frame, and the frame after it is as good as any. Of a frame that is dropped nothing
 * reaches the outputs.
 */
#ifndef STJ_FEED_H
#define STJ_FEED_H

#include <stddef.h>
#include <stdint.h>

#include "stj_camera.h"
#include "stj_nn.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Nothing is moved across it, neither by the compiler nor by the processor. Another compiler than those that know GNU's
 * attributes has to be told how: define it before this file is included, and for stj_feed.c. */
#ifndef STJ_BARRIER
#if defined(__GNUC__) && defined(__ARM_ARCH) && defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M'
#define STJ_BARRIER() __asm__ volatile("dmb" ::: "memory")
#elif defined(__GNUC__) && defined(__riscv)
#define STJ_BARRIER() __asm__ volatile("fence rw, rw" ::: "memory")
#elif defined(__GNUC__) && (defined(__i386__) || defined(__x86_64__) || defined(__aarch64__))
#define STJ_BARRIER() __sync_synchronize()
#elif defined(__GNUC__)
#define STJ_BARRIER() __asm__ volatile("" ::: "memory") /* enough on one core that runs its own program in order */
#endif
#endif

/* The three functions of a generated model of one input, whatever it is called: STJ_FEED_NETWORK(stj_model); defines
 * the constant stj_model_network. The stj_model itself is the argument `model` of stj_feed_work. */
typedef struct {
    stj_status (*take_row)(void *model, int32_t input, const void *row);
    int32_t (*work)(void *model, int32_t ticks);
    void (*drop_frame)(void *model);
} stj_network;

#define STJ_FEED_NETWORK(name)                                                                                         \
    static stj_status name##_network_take(void *model, int32_t input, const void *row) {                               \
        return name##_take_row((name *)model, input, row);                                                             \
    }                                                                                                                  \
    static int32_t name##_network_work(void *model, int32_t ticks) { return name##_work((name *)model, ticks); }       \
    static void name##_network_drop(void *model) { name##_drop_frame((name *)model); }                                 \
    static const stj_network name##_network = {name##_network_take, name##_network_work, name##_network_drop}

/* Why a frame was dropped. */
enum {
    STJ_DROP_OVERRUN, /* no room in the FIFO */
    STJ_DROP_MISSING, /* a line did not come */
    STJ_DROP_DOUBLED, /* a line came twice, or there were more than the frame has */
    STJ_DROP_SHORT,   /* a line had another number of bytes */
    STJ_DROP_EARLY,   /* the next frame started before this one was whole */
    STJ_DROP_REASONS
};

enum { STJ_FEED_MOST = 16383 }; /* rows that a FIFO may have */

/* Memory of a FIFO of so many rows. */
#define STJ_FEED_BYTES(depth, row_bytes) ((depth) * ((row_bytes) + (int32_t)sizeof(int16_t)))

/* Belongs to the functions below; what it counts may be read at any time. */
typedef struct {
    const stj_camera *camera;
    volatile int16_t *tags; /* per place in the FIFO: which row of its frame is there, or -1: its frame was dropped */
    uint8_t *rows;
    int32_t depth;
    /* Written by the interrupt. */
    volatile int32_t put;     /* places count from 0 to 2 depth - 1, so that full is told from empty */
    int32_t live;             /* rows of this frame are wanted */
    int32_t line;             /* the next one to come */
    int32_t of_frame;         /* rows of this frame that were put */
    int32_t unnumbered;       /* this frame has lines without a number */
    int32_t held;             /* its last row waits for the frame's end */
    volatile int32_t deepest; /* most rows that ever waited */
    volatile uint32_t frames; /* that came whole */
    volatile uint32_t dropped[STJ_DROP_REASONS];
    /* Written by the main loop. */
    volatile int32_t taken; /* like `put` */
    int32_t in_network;     /* rows of a frame that the network has */
} stj_feed;

/* Before anything else, and while neither side runs: sets up an empty FIFO of `depth` rows, 1 .. STJ_FEED_MOST, in
 * memory that is aligned as int16_t is. STJ_ERROR_ARENA: `memory` is absent or has fewer than STJ_FEED_BYTES.
 * STJ_ERROR_ARGUMENT: the depth, or what stj_camera_check says. */
stj_status stj_feed_begin(stj_feed *feed, const stj_camera *camera, void *memory, size_t memory_bytes, int32_t depth);

/* --- From the interrupt --- */

/* A frame starts. STJ_ERROR_ORDER: the one before was not whole, and is dropped; or stj_feed_begin comes first. */
stj_status stj_feed_start(stj_feed *feed);

/* Line `line` of the frame, from 0, has come: every line is told of, those outside of the model's picture too. Lines
 * whose number nobody knows, as with a DMA that only says that another one is there, are STJ_LINE_NEXT; of a frame that
 * has such lines the last row is held back until stj_feed_end or the next stj_feed_start has found as many lines as
 * there should be. STJ_ERROR_OVERRUN, STJ_ERROR_ORDER (missing, doubled), STJ_ERROR_ARGUMENT (bytes): the frame is
 * dropped with this line; further ones are ignored. */
#define STJ_LINE_NEXT (-1)
stj_status stj_feed_line(stj_feed *feed, int32_t line, const uint8_t *raw, int32_t bytes);

/* The frame has ended. A camera driver that does not know need not say. STJ_ERROR_ORDER: lines are missing; it is
 * dropped. */
stj_status stj_feed_end(stj_feed *feed);

/* --- From the main loop --- */

enum {
    STJ_FEED_WAITS = 0, /* for a row: nothing can be done before the next interrupt */
    STJ_FEED_WORKS = 1, /* more can be done */
    STJ_FEED_DONE = 2 /* a frame has just been finished: read the outputs, if there are any yet, before the next call */
};

/* Lets the network work for at most `ticks` ticks, >= 1, and takes at most one row. Returns one of the above, or what
 * take_row answered, a negative number, if the model is not ready for rows; STJ_ERROR_ORDER before stj_feed_begin. */
int32_t stj_feed_work(stj_feed *feed, const stj_network *network, void *model, int32_t ticks);

/* Rows that wait in the FIFO. */
int32_t stj_feed_level(const stj_feed *feed);

/* Frames dropped, for whatever reason. */
uint32_t stj_feed_dropped(const stj_feed *feed);

#ifdef __cplusplus
}
#endif

#endif
