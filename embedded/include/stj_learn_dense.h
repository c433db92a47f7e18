/* SPDX-License-Identifier: Apache-2.0 */
/* A head that learns on the device: a dense layer and softmax, trained by gradient steps in integers.
 *
 * Weights are int8, the rounded upper part of an int32 shadow with 16 bits behind the point, and biases int32 with 8.
 * An example goes into a rehearsal buffer, where it takes the place of the oldest one of the class that has most; then
 * all that is in the buffer is stepped through, `passes` times. The twin in JAX is stjax/learn/dense.py, which gives
 * the same bits; that nothing overflows, however many examples come, is proved of every plan (claim C6).
 */
#ifndef STJ_LEARN_DENSE_H
#define STJ_LEARN_DENSE_H

#include <stdint.h>
#include <string.h>

#define STJ_DENSE_ONE 32768            /* a probability of 1 */
#define STJ_DENSE_SHADOW (127 * 65536) /* the largest shadow of a weight */
#define STJ_DENSE_BIAS (1073741824)    /* the largest bias, 2^22 sums with 8 bits behind the point */
#define STJ_DENSE_SEEN 255             /* at which the count of a class's examples stays */

/* A difference of two sums becomes an index of the table of exponentials, (min(d >> shift, most) * multiplier) >> 21;
 * an index is a sixteenth of a step of the exponent. `rate` and `bias_rate` are right shifts of gradients, or left ones
 * where negative. */
typedef struct {
    int32_t classes;
    int32_t features;
    int32_t zero_point;
    int32_t shift;
    int32_t multiplier;
    int32_t most;
    int32_t rate;
    int32_t bias_rate;
    int32_t room; /* examples that the rehearsal buffer holds; 0: the newest alone is stepped, where it stands */
    int32_t passes;
    const uint16_t *exponentials; /* 32768 * exp(-k / 16), k in [0, 256) */
} stj_dense_params;

/* Memory of the caller's: shadow [classes, features], bias and counts [classes], labels [room], kept [room, features],
 * filled: examples in the buffer, the oldest first; what lies behind them is 0. Scores [classes] are of the last
 * example that was asked about, of none after one was learned, and not part of what is learned. */
typedef struct {
    int32_t *shadow;
    int32_t *bias;
    uint8_t *counts;
    uint8_t *labels;
    int8_t *kept;
    uint8_t *filled;
    int32_t *scores;
} stj_dense_state;

/* value / 2^shift to nearest, halves up; a negative shift multiplies. */
static inline int32_t stj_dense_scaled(int32_t value, int32_t shift) {
    return shift > 0 ? (value + (INT32_C(1) << (shift - 1))) >> shift : value * (INT32_C(1) << -shift);
}

static inline int32_t stj_dense_within(int32_t value, int32_t most) {
    return value > most ? most : value < -most ? -most : value;
}

/* Per class its sum of products, or INT32_MIN for a class without examples. Returns the class of the highest score, of
 * equal ones the first; -1 where nothing has been learned. */
static inline int32_t stj_dense_scores(const stj_dense_params *params, const stj_dense_state *state, const int8_t *x) {
    int32_t *const scores = state->scores;
    int32_t best = -1;
    for (int32_t c = 0; c < params->classes; c++) {
        const int32_t *const shadow = state->shadow + c * params->features;
        int32_t sum = (state->bias[c] + 128) >> 8;
        scores[c] = INT32_MIN;
        if (state->counts[c] == 0) {
            continue;
        }
        for (int32_t f = 0; f < params->features; f++) {
            sum += ((shadow[f] + 32768) >> 16) * (x[f] - params->zero_point);
        }
        scores[c] = sum;
        if (best < 0 || sum > scores[best]) {
            best = c;
        }
    }
    return best;
}

/* One gradient step of the cross entropy of one example whose class has examples. */
static inline void stj_dense_step(const stj_dense_params *params, const stj_dense_state *state, const int8_t *x,
                                  int32_t label) {
    int32_t *const work = state->scores;
    const int32_t highest = work[stj_dense_scores(params, state, x)];
    int32_t total = 0;
    for (int32_t c = 0; c < params->classes; c++) {
        if (state->counts[c] != 0) {
            const int32_t distance = (highest - work[c]) >> params->shift;
            const int32_t index = ((distance < params->most ? distance : params->most) * params->multiplier) >> 21;
            work[c] = params->exponentials[index < 255 ? index : 255];
            total += work[c];
        }
    }
    for (int32_t c = 0; c < params->classes; c++) {
        if (state->counts[c] != 0) {
            int32_t *const shadow = state->shadow + c * params->features;
            const int32_t gradient = work[c] * STJ_DENSE_ONE / total - (c == label ? STJ_DENSE_ONE : 0);
            for (int32_t f = 0; f < params->features; f++) {
                const int32_t change = stj_dense_scaled(gradient * (x[f] - params->zero_point), params->rate);
                shadow[f] = stj_dense_within(shadow[f] - change, STJ_DENSE_SHADOW);
            }
            state->bias[c] =
                stj_dense_within(state->bias[c] - stj_dense_scaled(gradient, params->bias_rate), STJ_DENSE_BIAS);
        }
    }
}

/* Takes example `place` out of the buffer; those behind it move up. */
static inline void stj_dense_drop(const stj_dense_params *params, const stj_dense_state *state, int32_t place) {
    const int32_t behind = --*state->filled - place;
    int8_t *const kept = state->kept + place * params->features;
    memmove(state->labels + place, state->labels + place + 1, (size_t)behind);
    memmove(kept, kept + params->features, (size_t)(behind * params->features));
    state->labels[*state->filled] = 0;
    memset(kept + behind * params->features, 0, (size_t)params->features);
}

/* The oldest example of the class that has most in the buffer, the one that comes counted with its own; of equal
 * classes the first. */
static inline int32_t stj_dense_oldest(const stj_dense_params *params, const stj_dense_state *state, int32_t label) {
    int32_t most = 0, oldest = 0;
    for (int32_t c = 0; c < params->classes; c++) {
        int32_t found = 0, first = -1;
        for (int32_t k = *state->filled - 1; k >= 0; k--) {
            if (state->labels[k] == c) {
                found++;
                first = k;
            }
        }
        if (first >= 0 && found + (c == label) > most) {
            most = found + (c == label);
            oldest = first;
        }
    }
    return oldest;
}

/* One more example of a class, label in [0, classes): into the buffer, then steps through all of it. */
static inline void stj_dense_learn(const stj_dense_params *params, const stj_dense_state *state, const int8_t *x,
                                   int32_t label) {
    state->counts[label] = (uint8_t)(state->counts[label] < STJ_DENSE_SEEN ? state->counts[label] + 1 : STJ_DENSE_SEEN);
    if (params->room > 0) {
        if (*state->filled == params->room) {
            stj_dense_drop(params, state, stj_dense_oldest(params, state, label));
        }
        memcpy(state->kept + *state->filled * params->features, x, (size_t)params->features);
        state->labels[(*state->filled)++] = (uint8_t)label;
    }
    for (int32_t pass = 0; pass < params->passes; pass++) {
        if (params->room == 0) {
            stj_dense_step(params, state, x, label);
        }
        for (int32_t k = 0; k < *state->filled; k++) {
            stj_dense_step(params, state, state->kept + k * params->features, state->labels[k]);
        }
    }
}

/* The class as if it had had no example; what was kept of it goes. */
static inline void stj_dense_forget(const stj_dense_params *params, const stj_dense_state *state, int32_t label) {
    memset(state->shadow + label * params->features, 0, (size_t)params->features * sizeof state->shadow[0]);
    state->bias[label] = 0;
    state->counts[label] = 0;
    for (int32_t k = *state->filled - 1; k >= 0; k--) {
        if (state->labels[k] == label) {
            stj_dense_drop(params, state, k);
        }
    }
}

/* Whether this can be what was learned: what C6 takes for given of a state that comes from elsewhere. */
static inline int32_t stj_dense_valid(const stj_dense_params *params, const stj_dense_state *state) {
    int32_t valid = *state->filled <= params->room;
    for (int32_t k = 0; k < params->classes * params->features; k++) {
        valid &= state->shadow[k] == stj_dense_within(state->shadow[k], STJ_DENSE_SHADOW);
    }
    for (int32_t c = 0; c < params->classes; c++) {
        valid &= state->bias[c] == stj_dense_within(state->bias[c], STJ_DENSE_BIAS);
    }
    for (int32_t k = 0; valid && k < *state->filled; k++) {
        valid = state->labels[k] < params->classes && state->counts[state->labels[k]] != 0;
    }
    return valid;
}

#endif
