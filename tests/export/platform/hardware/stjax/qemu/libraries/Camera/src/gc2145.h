#pragma once

#include "camera.h"

class GC2145 : public ImageSensor {};
