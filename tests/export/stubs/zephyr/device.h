/* What the samples use of Zephyr's devices and devicetree, and nothing else. */
#pragma once

#include <stdbool.h>

struct device {
    const char *name;
};

extern const struct device chosen_zephyr_camera;
#define DT_CHOSEN(name) chosen_##name
#define DEVICE_DT_GET(node) (&node)

bool device_is_ready(const struct device *dev);
