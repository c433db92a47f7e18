/* SPDX-License-Identifier: Apache-2.0 */
/* Camera lines, as a sensor sends them, to rows of a model's input: in integers, one line at a time, no frame buffer.
 *
 * A pixel becomes 8-bit red, green and blue or, for a model of one channel, grey, and these become stored values by
 * tables. The Python twin, bit for bit, is embedded/tools/camera.py. Formulas, all in int32:
 *
 * grey 8      grey = the byte; red = green = blue = grey
 * RGB565      red and blue = v << 3 | v >> 2 of their 5 bits, green = v << 2 | v >> 4 of its 6; grey as of Bayer
 * YUYV        two pixels in four bytes, Y U Y V; grey = Y, and with u = U - 128, v = V - 128 (BT.601, full range):
 *               red   = clip((256 Y         + 359 v + 128) >> 8)
 *               green = clip((256 Y -  88 u - 183 v + 128) >> 8)
 *               blue  = clip((256 Y + 454 u         + 128) >> 8)      clip: to 0 .. 255
 * Bayer 8     from the pixel and its neighbours to the left and above, 2 x 2 samples, of which one is red, two are
 * green and one is blue: green = (sum of both + 1) >> 1; grey = (77 red + 150 green + 29 blue + 128) >> 8
 *
 * The model sees every `step`-th pixel of every `step`-th line of the camera's frame, from pixel `left` of line `top`
 * on.
 */
#ifndef STJ_CAMERA_H
#define STJ_CAMERA_H

#include <stdint.h>

#include "stj_nn.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    STJ_GREY8,
    STJ_RGB565_BE, /* the byte with red first */
    STJ_RGB565_LE,
    STJ_YUYV,
    STJ_BAYER_RGGB, /* the first two pixels of the first two lines, left to right */
    STJ_BAYER_GRBG,
    STJ_BAYER_GBRG,
    STJ_BAYER_BGGR
} stj_pixel_format;

enum { STJ_CAMERA_MOST = 32767 }; /* pixels of a line, and lines */

/* Bytes that Bayer keeps of the line before; the other formats keep none. */
#define STJ_CAMERA_KEPT_BYTES(columns, step) (((columns)-1) * ((step) == 1 ? 1 : 2) + 2)

/* What a camera sends, and what the model wants of it. Constant, apart from what `kept` names. */
typedef struct {
    stj_pixel_format format;
    int32_t width, height;           /* of the camera's frame, 1 .. STJ_CAMERA_MOST; YUYV has an even width */
    int32_t left, top;               /* where the model's picture begins, >= 0; of Bayer >= 1 */
    int32_t step;                    /* >= 1 */
    int32_t columns, rows, channels; /* of the model's input, >= 1; 1 or 3 channels */
    const uint8_t *stored[3]; /* per channel, [256]: what the model has for 0 .. 255; the same one thrice will do */
    uint8_t *kept;            /* of Bayer, STJ_CAMERA_KEPT_BYTES; may be NULL else */
} stj_camera;

/* STJ_ERROR_ARGUMENT: a number is out of its range, the model's picture lies outside of the frame, or memory is absent.
 */
stj_status stj_camera_check(const stj_camera *camera);

int32_t stj_camera_line_bytes(const stj_camera *camera);
int32_t stj_camera_row_bytes(const stj_camera *camera);

/* The row that line `line`, from 0, completes, or -1 where it completes none. */
int32_t stj_camera_row_of(const stj_camera *camera, int32_t line);

/* Takes line `line` of a frame, stj_camera_line_bytes at `raw`. Returns 1 if it has written a row, stj_camera_row_bytes
 * at `row`; 0 if the line completes none, and nothing is written. Lines come in order; of Bayer, each that completes a
 * row comes right behind the one above it. */
int32_t stj_camera_line(const stj_camera *camera, int32_t line, const uint8_t *raw, uint8_t *row);

#ifdef __cplusplus
}
#endif

#endif
