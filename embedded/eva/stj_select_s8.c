/* SPDX-License-Identifier: Apache-2.0 */
/* SELECT_V2: each of the three operands stretches in each way. */
#include "stj_select_s8.h"

#include "elements.h"

int main(void) {
    for (int which = 0; which < 3; which++) {
        for (int way = 0; way < 5; way++) {
            const stretch *own[3] = {&STRETCHES[0], &STRETCHES[0], &STRETCHES[0]};
            own[which] = &STRETCHES[way];
            uint8_t *from[3];
            stj_in in[3];
            stj_select_params params = {{{1, HEIGHT}, WIDTH, CHANNELS}, {{{0}, {0}}}};
            for (int k = 0; k < 3; k++) {
                from[k] = unknown_bytes(own[k]->rows * own[k]->row_bytes);
                in[k] = (stj_in){from[k], own[k]->row_bytes, own[k]->rows};
                params.operands[k] = own[k]->steps;
            }
            uint8_t *to = unknown_bytes(2 * ROW);
            const stj_out out = {to, ROW, 2};
            stj_select_s8(&params, in, &out, 0, HEIGHT);
            for (int k = 0; k < 3; k++) {
                free(from[k]);
            }
            free(to);
        }
    }
    return 0;
}
