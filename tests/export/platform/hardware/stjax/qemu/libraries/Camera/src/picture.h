/* The stand-in's picture, which tests/export/test_camera_sketch.py makes, too. */
#pragma once

#include <stdint.h>

enum { PICTURES = 7, MOST_WIDTH = 320, MOST_HEIGHT = 240, LOST_PICTURE = 2, LOST_LINE = 60 };

extern int32_t picture_width, picture_height, picture; /* the number of the next one */

inline uint8_t picture_byte(int32_t number, int32_t line, int32_t byte) {
    return (uint8_t)(7 * line + 3 * byte + 11 * number + (line * byte >> 4));
}
