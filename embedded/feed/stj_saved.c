/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_saved.h"

#include <string.h>

#include "stj_crc.h"

enum { MAGIC = 0x4C4A5453, NONE = -1, UNREADABLE = -2 };

typedef struct {
    uint32_t magic;
    uint32_t format;
    uint32_t what;
    uint32_t bytes;
    uint32_t number; /* of the save; the newer of two is ahead by less than half of all numbers */
} saved_head;

static uint32_t crc_offset(uint32_t bytes) { return (uint32_t)STJ_SAVED_BYTES(bytes) - 4; }

/* Whether a slot holds a whole state of this kind, 1 or 0, and the number of its save; or UNREADABLE. */
static int32_t is_whole(const stj_storage *storage, int32_t slot, uint32_t what, uint32_t bytes, uint32_t *number) {
    saved_head head;
    if (storage->read(storage->context, slot, 0, &head, sizeof head) != 0) {
        return UNREADABLE;
    }
    if (head.magic != MAGIC || head.format != STJ_SAVED_FORMAT || head.what != what || head.bytes != bytes) {
        return 0;
    }
    uint32_t crc = 0, saved;
    uint8_t block[STJ_SAVED_BLOCK];
    for (uint32_t offset = 0; offset < crc_offset(bytes); offset += sizeof block) {
        const uint32_t left = crc_offset(bytes) - offset, count = left < sizeof block ? left : sizeof block;
        if (storage->read(storage->context, slot, offset, block, count) != 0) {
            return UNREADABLE;
        }
        crc = stj_crc32(crc, block, count);
    }
    *number = head.number;
    return storage->read(storage->context, slot, crc_offset(bytes), &saved, sizeof saved) != 0 ? UNREADABLE
                                                                                               : saved == crc;
}

/* The slot with the newest whole state, or NONE; UNREADABLE where either slot is, for it may hold that. */
static int32_t newest(const stj_storage *storage, uint32_t what, uint32_t bytes, uint32_t *number) {
    uint32_t numbers[2];
    const int32_t first = is_whole(storage, 0, what, bytes, &numbers[0]);
    const int32_t second = is_whole(storage, 1, what, bytes, &numbers[1]);
    if (first == UNREADABLE || second == UNREADABLE) {
        return UNREADABLE;
    }
    if (!first && !second) {
        return NONE;
    }
    const int32_t slot = !first || (second && (numbers[1] - numbers[0]) - 1u < UINT32_C(0x7FFFFFFF));
    *number = numbers[slot];
    return slot;
}

/* Copies those bytes of `part`, which begins at byte `begin` of a slot, that fall into the block at `offset`. */
static void put(uint8_t *block, uint32_t offset, uint32_t begin, const void *part, uint32_t bytes) {
    for (uint32_t k = 0; k < STJ_SAVED_BLOCK; k++) {
        if (offset + k >= begin && offset + k - begin < bytes) {
            block[k] = ((const uint8_t *)part)[offset + k - begin];
        }
    }
}

stj_status stj_save(const stj_storage *storage, uint32_t what, const void *state, uint32_t bytes) {
    uint32_t number = 0;
    const int32_t held = newest(storage, what, bytes, &number), slot = held == 0;
    const saved_head head = {MAGIC, STJ_SAVED_FORMAT, what, bytes, number + 1};
    if (held == UNREADABLE || storage->erase(storage->context, slot) != 0) {
        return STJ_ERROR_STORAGE;
    }
    uint32_t crc = 0;
    for (uint32_t offset = 0; offset <= crc_offset(bytes); offset += STJ_SAVED_BLOCK) {
        uint8_t block[STJ_SAVED_BLOCK] = {0};
        put(block, offset, 0, &head, sizeof head);
        put(block, offset, sizeof head, state, bytes);
        const uint32_t before = crc_offset(bytes) - offset;
        crc = stj_crc32(crc, block, before < sizeof block ? before : sizeof block);
        put(block, offset, crc_offset(bytes), &crc, sizeof crc);
        if (storage->write(storage->context, slot, offset, block, sizeof block) != 0) {
            return STJ_ERROR_STORAGE;
        }
    }
    return is_whole(storage, slot, what, bytes, &number) == 1 && number == head.number ? STJ_OK : STJ_ERROR_STORAGE;
}

stj_status stj_restore(const stj_storage *storage, uint32_t what, void *state, uint32_t bytes) {
    uint32_t number, saved;
    const int32_t slot = newest(storage, what, bytes, &number);
    if (slot < 0) {
        return slot == NONE ? STJ_ERROR_NOT_SAVED : STJ_ERROR_STORAGE;
    }
    const saved_head head = {MAGIC, STJ_SAVED_FORMAT, what, bytes, number};
    if (storage->read(storage->context, slot, sizeof head, state, bytes) != 0 ||
        storage->read(storage->context, slot, crc_offset(bytes), &saved, sizeof saved) != 0) {
        return STJ_ERROR_STORAGE;
    }
    /* What was read is judged again: nothing else says that a flash reads alike twice. */
    uint32_t crc = stj_crc32(stj_crc32(0, &head, sizeof head), state, bytes);
    for (uint32_t k = (uint32_t)sizeof head + bytes; k < crc_offset(bytes); k++) {
        crc = stj_crc32(crc, "", 1);
    }
    return crc == saved ? STJ_OK : STJ_ERROR_STORAGE;
}
