/* The heads that learn, as functions of a shared library: state and example by pointer. */
#include "stj_learn_dense.h"
#include "stj_learn_means.h"

#define MEANS_STATE                                                                                                    \
    const stj_means_params params = {sizes[0], sizes[1]};                                                              \
    const stj_means_state state = {fields[0], fields[1], work}

#define DENSE_STATE                                                                                                    \
    const stj_dense_params params = {sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5],                       \
                                     sizes[6], sizes[7], sizes[8], sizes[9], table};                                   \
    const stj_dense_state state = {fields[0], fields[1], fields[2], fields[3], fields[4], fields[5], work}

int32_t means_scores(const int32_t *sizes, void *const *fields, const int8_t *x, int32_t *work, const uint16_t *table) {
    MEANS_STATE;
    (void)table;
    return stj_means_scores(&params, &state, x);
}

int32_t means_learn(const int32_t *sizes, void *const *fields, const int8_t *x, int32_t *work, const uint16_t *table,
                    int32_t label) {
    MEANS_STATE;
    (void)table;
    stj_means_learn(&params, &state, x, label);
    return stj_means_valid(&params, &state);
}

int32_t means_forget(const int32_t *sizes, void *const *fields, const int8_t *x, int32_t *work, const uint16_t *table,
                     int32_t label) {
    MEANS_STATE;
    (void)x, (void)table;
    stj_means_forget(&params, &state, label);
    return stj_means_valid(&params, &state);
}

int32_t dense_scores(const int32_t *sizes, void *const *fields, const int8_t *x, int32_t *work, const uint16_t *table) {
    DENSE_STATE;
    return stj_dense_scores(&params, &state, x);
}

int32_t dense_learn(const int32_t *sizes, void *const *fields, const int8_t *x, int32_t *work, const uint16_t *table,
                    int32_t label) {
    DENSE_STATE;
    stj_dense_learn(&params, &state, x, label);
    return stj_dense_valid(&params, &state);
}

int32_t dense_forget(const int32_t *sizes, void *const *fields, const int8_t *x, int32_t *work, const uint16_t *table,
                     int32_t label) {
    DENSE_STATE;
    (void)x;
    stj_dense_forget(&params, &state, label);
    return stj_dense_valid(&params, &state);
}
