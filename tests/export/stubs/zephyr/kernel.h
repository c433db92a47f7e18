/* What the samples use of Zephyr's kernel, and nothing else. */
#pragma once

#include <stdint.h>

typedef struct {
    int64_t ticks;
} k_timeout_t;
#define K_NO_WAIT ((k_timeout_t){0})
#define K_FOREVER ((k_timeout_t){-1})

int64_t k_uptime_get(void);
