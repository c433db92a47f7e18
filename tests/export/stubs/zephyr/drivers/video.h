/* What the sample uses of Zephyr 4.1's video API, and nothing else. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <zephyr/device.h>
#include <zephyr/kernel.h>

#define LINE_COUNT_HEIGHT (-1)
#define VIDEO_FOURCC(a, b, c, d)                                                                                       \
    ((uint32_t)(a) | ((uint32_t)(b) << 8) | ((uint32_t)(c) << 16) | ((uint32_t)(d) << 24))
#define VIDEO_PIX_FMT_RGB565 VIDEO_FOURCC('R', 'G', 'B', 'P')

struct video_format {
    uint32_t pixelformat, width, height, pitch;
};

struct video_format_cap;

struct video_caps {
    const struct video_format_cap *format_caps;
    uint8_t min_vbuf_count;
    int16_t min_line_count, max_line_count;
};

struct video_buffer {
    void *driver_data;
    uint8_t *buffer;
    uint32_t size, bytesused, timestamp;
    uint16_t line_offset;
};

enum video_endpoint_id { VIDEO_EP_OUT = -4 };

int video_get_caps(const struct device *dev, enum video_endpoint_id ep, struct video_caps *caps);
int video_set_format(const struct device *dev, enum video_endpoint_id ep, struct video_format *fmt);
int video_enqueue(const struct device *dev, enum video_endpoint_id ep, struct video_buffer *buf);
int video_dequeue(const struct device *dev, enum video_endpoint_id ep, struct video_buffer **buf, k_timeout_t timeout);
int video_stream_start(const struct device *dev);
struct video_buffer *video_buffer_alloc(size_t size, k_timeout_t timeout);
