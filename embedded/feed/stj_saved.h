/* SPDX-License-Identifier: Apache-2.0 */
/* What a device has learned, kept over power loss: two slots of flash, of which one always holds a whole state.
 *
 * A state is saved into the slot that does not hold the newest one: erased, written block by block from the front, its
 * CRC-32 last. Whatever a cut leaves there (an erase half done, blocks missing, a word that was written in part), its
 * CRC does not fit, and the other slot's state is the newest. In a slot, all of it little-endian and padded to blocks:
 *
 *     magic "STJL", format 1, what, bytes, number | the state | zeros | CRC-32 of all before it
 *
 * `what` is a CRC-32 that says which head of which network the state is of; states of others are passed over.
 */
#ifndef STJ_SAVED_H
#define STJ_SAVED_H

#include <stddef.h>
#include <stdint.h>

#include "stj_nn.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    STJ_SAVED_BLOCK = 32, /* bytes; offsets and counts that `write` gets are multiples of it */
    STJ_SAVED_HEAD = 20,
    STJ_SAVED_FORMAT = 1,
};

/* Bytes that a slot must have, for a state of so many. */
#define STJ_SAVED_BYTES(state)                                                                                         \
    (((state) + STJ_SAVED_HEAD + 4 + STJ_SAVED_BLOCK - 1) / STJ_SAVED_BLOCK * STJ_SAVED_BLOCK)

/* The board's flash: slots 0 and 1, each of whole units that can be erased by themselves. Functions return 0, or
 * another number where they fail. Where a flash is written in units of more than 32 bytes, `write` has to collect them;
 * the last block of a slot comes at STJ_SAVED_BYTES - 32. */
typedef struct {
    int32_t (*erase)(void *context, int32_t slot);
    int32_t (*write)(void *context, int32_t slot, uint32_t offset, const void *bytes, uint32_t count);
    int32_t (*read)(void *context, int32_t slot, uint32_t offset, void *bytes, uint32_t count);
    void *context;
} stj_storage;

/* Saves a state. STJ_ERROR_STORAGE: the flash failed, or does not hold what was written; the state saved before is
 * still the newest. */
stj_status stj_save(const stj_storage *storage, uint32_t what, const void *state, uint32_t bytes);

/* Reads the newest whole state of this kind. STJ_ERROR_NOT_SAVED: there is none, and `state` is as it was.
 * STJ_ERROR_STORAGE: the flash could not be read, or not twice alike, and `state` is undefined. */
stj_status stj_restore(const stj_storage *storage, uint32_t what, void *state, uint32_t bytes);

#ifdef __cplusplus
}
#endif

#endif
