/* SPDX-License-Identifier: Apache-2.0 */
/* SOFTMAX on int16; its tables as they are made hold 0 .. 32767, and the last exponential is 32767. */
#include "stj_softmax_s16.h"

#include "unknown.h"

int main(void) {
    enum { WIDTH = 2, CLASSES = 5, ENTRIES = 513 };
    uint8_t *from = unknown_bytes(2 * WIDTH * CLASSES * 2), *to = unknown_bytes(WIDTH * CLASSES * 2);
    int16_t *exponentials = unknown_bytes(ENTRIES * 2), *reciprocals = unknown_bytes(ENTRIES * 2);
    for (int32_t i = 0; i < ENTRIES; i++) {
        exponentials[i] = (int16_t)(i < ENTRIES - 2 ? unknown(0, INT16_MAX) : INT16_MAX);
        reciprocals[i] = (int16_t)unknown(0, INT16_MAX);
    }
    const stj_in in = {from, WIDTH * CLASSES * 2, 2};
    const stj_out out = {to, WIDTH * CLASSES * 2, 1};
    const stj_softmax_s16_params params = {exponentials, reciprocals,           WIDTH,
                                           CLASSES,      unknown(0, INT32_MAX), unknown(-31, 0)};
    stj_softmax_s16(&params, &in, &out, 0, 3);
    free(from);
    free(to);
    free(exponentials);
    free(reciprocals);
    return 0;
}
