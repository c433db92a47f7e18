/* What the program uses of ESP-IDF's esp_timer, and nothing else. */
#pragma once

#include <stdint.h>

int64_t esp_timer_get_time(void);
