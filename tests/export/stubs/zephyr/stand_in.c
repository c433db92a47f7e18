/* A camera behind the declarations beside it. LINES are so many of a frame as come at a time, 0 all. */
#include <stdlib.h>

#include <zephyr/drivers/video.h>

#include "../pictures.h"

enum { NUMBER = 8 };

const struct device chosen_zephyr_camera = {"camera"};

static struct video_format chosen;
static struct video_buffer buffers[NUMBER], *queue[NUMBER];
static int allocated, queued, picture, line, started;

static void need(int fine) {
    if (!fine) {
        abort();
    }
}

int64_t k_uptime_get(void) { return 0; }
bool device_is_ready(const struct device *dev) { return dev == &chosen_zephyr_camera; }

int video_get_caps(const struct device *dev, enum video_endpoint_id ep, struct video_caps *caps) {
    need(dev == &chosen_zephyr_camera && ep == VIDEO_EP_OUT);
    caps->min_vbuf_count = 3;
    caps->min_line_count = caps->max_line_count = LINES == 0 ? LINE_COUNT_HEIGHT : LINES;
    return 0;
}

int video_set_format(const struct device *dev, enum video_endpoint_id ep, struct video_format *fmt) {
    need(dev == &chosen_zephyr_camera && ep == VIDEO_EP_OUT && fmt->pixelformat == VIDEO_PIX_FMT_RGB565);
    fmt->pitch = 2 * fmt->width + 8; /* this driver's lines end in nothing of use */
    chosen = *fmt;
    return 0;
}

struct video_buffer *video_buffer_alloc(size_t size, k_timeout_t timeout) {
    need(timeout.ticks == 0 && allocated < NUMBER);
    struct video_buffer *const made = &buffers[allocated++];
    made->buffer = malloc(size);
    made->size = (uint32_t)size;
    return made;
}

int video_enqueue(const struct device *dev, enum video_endpoint_id ep, struct video_buffer *buf) {
    need(dev == &chosen_zephyr_camera && ep == VIDEO_EP_OUT && queued < NUMBER);
    queue[queued++] = buf;
    return 0;
}

int video_stream_start(const struct device *dev) {
    need(dev == &chosen_zephyr_camera && queued >= 3);
    started = 1;
    return 0;
}

int video_dequeue(const struct device *dev, enum video_endpoint_id ep, struct video_buffer **buf, k_timeout_t timeout) {
    need(dev == &chosen_zephyr_camera && ep == VIDEO_EP_OUT && timeout.ticks < 0 && started && queued >= 3);
    if (picture == PICTURES) {
        return -1;
    }
    struct video_buffer *const filled = *buf = queue[0];
    for (int k = 1; k < queued; k++) {
        queue[k - 1] = queue[k];
    }
    queued--;
    filled->line_offset = (uint16_t)line;
    uint32_t at = 0;
    for (int count = 0; line < (int)chosen.height && (LINES == 0 || count < LINES); count++, line++) {
        for (uint32_t k = 0; k < chosen.pitch; k++) {
            need(at < filled->size);
            filled->buffer[at++] = k < 2 * chosen.width ? picture_byte(picture, line, (int)k) : 0xEE;
        }
    }
    filled->bytesused = at;
    if (line == (int)chosen.height) {
        line = 0;
        picture++;
    }
    return 0;
}
