/* What the stand-ins for cameras send, which tests/export/test_camera_projects.py makes, too. */
#pragma once

#include <stdint.h>

enum { PICTURES = 5 };

static inline uint8_t picture_byte(int number, int line, int byte) {
    return (uint8_t)(7 * line + 3 * byte + 11 * number + (line * byte >> 4));
}
