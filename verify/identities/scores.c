/* SPDX-License-Identifier: Apache-2.0 */
/* A piece of shim.c, after a call, for programs with an early exit. What that compares are real values: 40 between the
 * largest one, at the end, and the second, at the beginning; memory is full of larger ones otherwise (ways.py). */
if (number && atoll(number + 3) == EXIT_OPERATOR) {
    uint8_t *scores = identity_base + views[ins].at;
    memset(scores, -128, EXIT_VALUES);
    scores[0] = 10;
    scores[EXIT_VALUES - 1] = 50;
}
