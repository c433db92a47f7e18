#include <stdint.h>

extern const int8_t weights[60];
