/* What the sketches use of the library Camera of Arduino's Mbed core, and nothing else. The picture is made up. */
#pragma once

#include <stdint.h>

enum { CAMERA_GRAYSCALE = 0, CAMERA_BAYER = 1, CAMERA_RGB565 = 2 };
enum { CAMERA_R160x120 = 0, CAMERA_R320x240 = 1 };

class FrameBuffer {
  public:
    FrameBuffer();
    uint8_t *getBuffer();
};

class ImageSensor {};

class Camera {
  public:
    Camera(ImageSensor &sensor);
    bool begin(int32_t resolution = CAMERA_R320x240, int32_t pixformat = CAMERA_GRAYSCALE, int32_t framerate = 30);
    int grabFrame(FrameBuffer &frame, uint32_t timeout = 5000);
};
