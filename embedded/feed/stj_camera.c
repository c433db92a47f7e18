/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_camera.h"

#include <stddef.h>

/* Colours of a pixel, and what a model of one channel gets in their place. */
typedef struct {
    int32_t red, green, blue, grey;
} pixel;

/* Reads pixel `x` of a line, which is the model's column `column`. */
typedef pixel read_pixel(const stj_camera *camera, int32_t line, const uint8_t *raw, int32_t x, int32_t column);

static int32_t is_bayer(const stj_camera *camera) { return camera->format >= STJ_BAYER_RGGB; }

static int32_t pixel_bytes(const stj_camera *camera) { return camera->format == STJ_GREY8 || is_bayer(camera) ? 1 : 2; }

static inline int32_t grey_of(int32_t red, int32_t green, int32_t blue) {
    return (77 * red + 150 * green + 29 * blue + 128) >> 8;
}

static inline int32_t clipped(int32_t scaled) { return scaled < 0 ? 0 : scaled >= 65536 ? 255 : scaled >> 8; }

static inline pixel read_grey(const stj_camera *camera, int32_t line, const uint8_t *raw, int32_t x, int32_t column) {
    (void)camera, (void)line, (void)column;
    const pixel found = {raw[x], raw[x], raw[x], raw[x]};
    return found;
}

static inline pixel from_rgb565(int32_t high, int32_t low) {
    const int32_t red = high >> 3, green = (high & 7) << 3 | low >> 5, blue = low & 31;
    pixel found = {red << 3 | red >> 2, green << 2 | green >> 4, blue << 3 | blue >> 2, 0};
    found.grey = grey_of(found.red, found.green, found.blue);
    return found;
}

static inline pixel read_rgb565_be(const stj_camera *camera, int32_t line, const uint8_t *raw, int32_t x,
                                   int32_t column) {
    (void)camera, (void)line, (void)column;
    return from_rgb565(raw[2 * x], raw[2 * x + 1]);
}

static inline pixel read_rgb565_le(const stj_camera *camera, int32_t line, const uint8_t *raw, int32_t x,
                                   int32_t column) {
    (void)camera, (void)line, (void)column;
    return from_rgb565(raw[2 * x + 1], raw[2 * x]);
}

static inline pixel read_yuyv(const stj_camera *camera, int32_t line, const uint8_t *raw, int32_t x, int32_t column) {
    (void)camera, (void)line, (void)column;
    const int32_t pair = x / 2 * 4, luma = raw[2 * x], scaled = 256 * luma + 128;
    const int32_t u = raw[pair + 1] - 128, v = raw[pair + 3] - 128;
    const pixel found = {clipped(scaled + 359 * v), clipped(scaled - 88 * u - 183 * v), clipped(scaled + 454 * u),
                         luma};
    return found;
}

/* The line above, as far as it is kept: for each column the sample to the left of its pixel and its own. */
static int32_t kept_pitch(const stj_camera *camera) { return camera->step == 1 ? 1 : 2; }

static inline pixel read_bayer(const stj_camera *camera, int32_t line, const uint8_t *raw, int32_t x, int32_t column) {
    const int32_t order = (int32_t)camera->format - (int32_t)STJ_BAYER_RGGB;
    const uint8_t *above = camera->kept + column * kept_pitch(camera);
    const uint8_t samples[2][2] = {{above[0], above[1]}, {raw[x - 1], raw[x]}};
    /* Red lies at odd or even x and lines as the order says; the corner of the samples is (x - 1, line - 1). */
    const int32_t right = ((x - 1) ^ order) & 1, below = ((line - 1) ^ (order >> 1)) & 1;
    const int32_t red = samples[below][right], blue = samples[!below][!right];
    const int32_t green = (samples[below][!right] + samples[!below][right] + 1) >> 1;
    const pixel found = {red, green, blue, grey_of(red, green, blue)};
    return found;
}

STJ_TEMPLATE void convert(const stj_camera *camera, int32_t line, const uint8_t *raw, uint8_t *row, read_pixel *read) {
    for (int32_t column = 0; column < camera->columns; column++) {
        const pixel found = read(camera, line, raw, camera->left + column * camera->step, column);
        if (camera->channels == 1) {
            row[column] = camera->stored[0][found.grey];
        } else {
            row[3 * column] = camera->stored[0][found.red];
            row[3 * column + 1] = camera->stored[1][found.green];
            row[3 * column + 2] = camera->stored[2][found.blue];
        }
    }
}

static void convert_line(const stj_camera *camera, int32_t line, const uint8_t *raw, uint8_t *row) {
    switch (camera->format) {
    case STJ_GREY8:
        convert(camera, line, raw, row, read_grey);
        break;
    case STJ_RGB565_BE:
        convert(camera, line, raw, row, read_rgb565_be);
        break;
    case STJ_RGB565_LE:
        convert(camera, line, raw, row, read_rgb565_le);
        break;
    case STJ_YUYV:
        convert(camera, line, raw, row, read_yuyv);
        break;
    default:
        convert(camera, line, raw, row, read_bayer);
    }
}

static void keep_line(const stj_camera *camera, const uint8_t *raw) {
    for (int32_t column = 0; column < camera->columns; column++) {
        const int32_t x = camera->left + column * camera->step, at = column * kept_pitch(camera);
        camera->kept[at] = raw[x - 1];
        camera->kept[at + 1] = raw[x];
    }
}

/* Whether so many pixels from `first` on, `step` apart, lie within `limit`. */
static int32_t fits(int32_t first, int32_t count, int32_t step, int32_t limit) {
    return count >= 1 && first >= 0 && first < limit && count - 1 <= (limit - 1 - first) / step;
}

stj_status stj_camera_check(const stj_camera *camera) {
    if (camera == NULL || (uint32_t)camera->format > (uint32_t)STJ_BAYER_BGGR || camera->width < 1 ||
        camera->width > STJ_CAMERA_MOST || camera->height < 1 || camera->height > STJ_CAMERA_MOST || camera->step < 1 ||
        (camera->channels != 1 && camera->channels != 3)) {
        return STJ_ERROR_ARGUMENT;
    }
    if (!fits(camera->left, camera->columns, camera->step, camera->width) ||
        !fits(camera->top, camera->rows, camera->step, camera->height) ||
        (camera->format == STJ_YUYV && camera->width % 2 != 0) ||
        (is_bayer(camera) && (camera->left < 1 || camera->top < 1 || camera->kept == NULL))) {
        return STJ_ERROR_ARGUMENT;
    }
    for (int32_t channel = 0; channel < camera->channels; channel++) {
        if (camera->stored[channel] == NULL) {
            return STJ_ERROR_ARGUMENT;
        }
    }
    return STJ_OK;
}

int32_t stj_camera_line_bytes(const stj_camera *camera) { return camera->width * pixel_bytes(camera); }

int32_t stj_camera_row_bytes(const stj_camera *camera) { return camera->columns * camera->channels; }

int32_t stj_camera_row_of(const stj_camera *camera, int32_t line) {
    const int32_t below = line - camera->top;
    return below < 0 || below % camera->step != 0 || below / camera->step >= camera->rows ? -1 : below / camera->step;
}

int32_t stj_camera_line(const stj_camera *camera, int32_t line, const uint8_t *raw, uint8_t *row) {
    const int32_t completes = stj_camera_row_of(camera, line) >= 0;
    if (completes) {
        convert_line(camera, line, raw, row);
    }
    if (is_bayer(camera) && stj_camera_row_of(camera, line + 1) >= 0) {
        keep_line(camera, raw);
    }
    return completes;
}
