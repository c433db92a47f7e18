#include "camera.h"

#include "picture.h"

int32_t picture_width, picture_height, picture;

static uint8_t memory[2 * MOST_WIDTH * MOST_HEIGHT];

FrameBuffer::FrameBuffer() {}
uint8_t *FrameBuffer::getBuffer() { return memory; }

Camera::Camera(ImageSensor &) {}

bool Camera::begin(int32_t resolution, int32_t pixformat, int32_t) {
    picture_width = resolution == CAMERA_R160x120 ? 160 : 320;
    picture_height = resolution == CAMERA_R160x120 ? 120 : 240;
    return pixformat == CAMERA_RGB565;
}

int Camera::grabFrame(FrameBuffer &frame, uint32_t) {
    for (int32_t y = 0; y < picture_height; y++) {
        for (int32_t k = 0; k < 2 * picture_width; k++) {
            frame.getBuffer()[y * 2 * picture_width + k] = picture_byte(picture, y, k);
        }
    }
    picture++;
    return 0;
}

extern "C" bool loop_again(void) { return picture < PICTURES; }
