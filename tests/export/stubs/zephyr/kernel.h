/* What the sample uses of Zephyr's kernel, and nothing else. */
#pragma once

#include <stdint.h>

int64_t k_uptime_get(void);
