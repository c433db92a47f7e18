/* SPDX-License-Identifier: Apache-2.0 */
/* A head that learns on the device: the mean of each class's features, and the class whose mean is nearest.
 *
 * Per class a count and the sums of its features. At STJ_MEANS_HORIZON examples both are halved before the next one is
 * added, so that any number of examples fits and the newest ones count more. The twin in JAX is stjax/learn/means.py,
 * which gives the same bits; that nothing overflows is proved of every plan (claim C6).
 */
#ifndef STJ_LEARN_MEANS_H
#define STJ_LEARN_MEANS_H

#include <stdint.h>
#include <string.h>

/* Even, so that halving is exact for the count; 128 sums of int8 fit int16. */
#define STJ_MEANS_HORIZON 128

typedef struct {
    int32_t classes;
    int32_t features;
} stj_means_params;

/* Memory of the caller's: sums [classes, features], counts [classes] from 0 to the horizon. Scores [classes] are of the
 * last example that was asked about, and not part of what is learned. */
typedef struct {
    int16_t *sums;
    uint8_t *counts;
    int32_t *scores;
} stj_means_state;

/* sum / count to nearest, halves up. The numerator is positive, since a sum is at least -128 * count. */
static inline int32_t stj_mean_of(int32_t sum, int32_t count) {
    return (2 * (sum + 128 * count) + count) / (2 * count) - 128;
}

/* Per class the squared distance to its mean, negative, or INT32_MIN for a class without examples. Returns the class of
 * the highest score, of equal ones the first; -1 where nothing has been learned. */
static inline int32_t stj_means_scores(const stj_means_params *params, const stj_means_state *state, const int8_t *x) {
    int32_t *const scores = state->scores;
    int32_t best = -1;
    for (int32_t c = 0; c < params->classes; c++) {
        const int16_t *const sums = state->sums + c * params->features;
        const int32_t count = state->counts[c];
        int32_t distance = 0;
        scores[c] = INT32_MIN;
        if (count == 0) {
            continue;
        }
        for (int32_t f = 0; f < params->features; f++) {
            const int32_t difference = x[f] - stj_mean_of(sums[f], count);
            distance += difference * difference;
        }
        scores[c] = -distance;
        if (best < 0 || scores[c] > scores[best]) {
            best = c;
        }
    }
    return best;
}

/* One more example of a class, label in [0, classes). */
static inline void stj_means_learn(const stj_means_params *params, const stj_means_state *state, const int8_t *x,
                                   int32_t label) {
    int16_t *const sums = state->sums + label * params->features;
    const int32_t full = state->counts[label] == STJ_MEANS_HORIZON;
    for (int32_t f = 0; f < params->features; f++) {
        sums[f] = (int16_t)((full ? (sums[f] + 1) >> 1 : sums[f]) + x[f]);
    }
    state->counts[label] = (uint8_t)((full ? STJ_MEANS_HORIZON / 2 : state->counts[label]) + 1);
}

/* The class as if it had had no example. */
static inline void stj_means_forget(const stj_means_params *params, const stj_means_state *state, int32_t label) {
    memset(state->sums + label * params->features, 0, (size_t)params->features * sizeof state->sums[0]);
    state->counts[label] = 0;
}

/* Whether this can be what was learned: what C6 takes for given of a state that comes from elsewhere. */
static inline int32_t stj_means_valid(const stj_means_params *params, const stj_means_state *state) {
    for (int32_t c = 0; c < params->classes; c++) {
        const int32_t count = state->counts[c];
        for (int32_t f = 0; f < params->features; f++) {
            const int32_t sum = state->sums[c * params->features + f];
            if (count > STJ_MEANS_HORIZON || sum < -128 * count || sum > 127 * count) {
                return 0;
            }
        }
    }
    return 1;
}

#endif
