"""Saving what was learned: power cuts at every byte, words written in part, sectors erased in part."""

import ctypes
import functools
import subprocess
import tempfile
import zlib
from pathlib import Path

import numpy as np
import pytest

from embedded.tools.board import EMBEDDED

FLAGS = ("-std=c99", "-O1", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-pedantic", "-shared", "-fPIC")
OK, STORAGE, NOT_SAVED = 0, -6, -7
WHAT, STATE_BYTES, SLOT_BYTES = 0x12345678, 61, 96
WORD = 8
"""Bytes that the flash programs at once."""

ERASE = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_int32)
ACCESS = ctypes.CFUNCTYPE(
    ctypes.c_int32, ctypes.c_void_p, ctypes.c_int32, ctypes.c_uint32, ctypes.c_void_p, ctypes.c_uint32
)


class Storage(ctypes.Structure):
    _fields_ = (("erase", ERASE), ("write", ACCESS), ("read", ACCESS), ("context", ctypes.c_void_p))


@functools.cache
def library(*changes: tuple[str, str]) -> ctypes.CDLL:
    """stj_saved.c, with faults planted in it."""
    folder = Path(tempfile.mkdtemp(prefix="stjax-saved-"))
    text = (EMBEDDED / "feed" / "stj_saved.c").read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "stj_saved.c").write_text(text)
    command = ["cc", *FLAGS, f"-I{EMBEDDED}/include", f"-I{EMBEDDED}/feed", f"{folder}/stj_saved.c"]
    subprocess.run([*command, "-o", f"{folder}/saved.so"], check=True)
    return ctypes.CDLL(f"{folder}/saved.so")


class Flash:
    """Two slots. Power lasts for so many bytes, erased or written; then a word or a sector is left in part, and nothing
    works any more until it is back.
    """

    def __init__(self, seed: int, lib: ctypes.CDLL):
        self.rng, self.lib = np.random.default_rng(seed), lib
        self.slots = self.rng.integers(0, 256, (2, SLOT_BYTES), np.uint8)
        self.power = 10**9
        self.broken_read = False
        self.port = Storage(ERASE(self._erase), ACCESS(self._write), ACCESS(self._read), None)

    def _erase(self, _: object, slot: int) -> int:
        if self.power < SLOT_BYTES:
            # Bits rise in any order; a byte of those that come later may still be as it was.
            part = self.rng.integers(0, 256, SLOT_BYTES, np.uint8) & self.rng.integers(0, 256, SLOT_BYTES, np.uint8)
            part[: self.power] = 0xFF
            part[self.power + self.rng.integers(0, SLOT_BYTES) :] = 0
            self.slots[slot] |= part
            self.power = 0
            return -1
        self.slots[slot] = 0xFF
        self.power -= SLOT_BYTES
        return 0

    def _write(self, _: object, slot: int, offset: int, source: int, count: int) -> int:
        assert offset % 32 == 0 and count == 32 and (self.slots[slot, offset : offset + count] == 0xFF).all()
        values = np.frombuffer(ctypes.string_at(source, count), np.uint8)
        whole = count if self.power >= count else self.power // WORD * WORD
        self.slots[slot, offset : offset + whole] = values[:whole]
        self.power -= min(self.power, count)
        if whole == count:
            return 0
        torn = slice(offset + whole, offset + whole + WORD)
        self.slots[slot, torn] &= values[whole : whole + WORD] | self.rng.integers(0, 256, WORD, np.uint8)
        self.power = 0
        return -1

    def _read(self, _: object, slot: int, offset: int, target: int, count: int) -> int:
        assert offset + count <= SLOT_BYTES
        ctypes.memmove(target, self.slots[slot, offset : offset + count].tobytes(), count)
        return -1 if self.broken_read or not self.power else 0

    def save(self, state: bytes, what: int = WHAT) -> int:
        return self.lib.stj_save(ctypes.byref(self.port), ctypes.c_uint32(what), state, ctypes.c_uint32(len(state)))

    def restore(self, what: int = WHAT) -> tuple[int, bytes]:
        state = ctypes.create_string_buffer(b"\xaa" * STATE_BYTES, STATE_BYTES)
        size = ctypes.c_uint32(STATE_BYTES)
        return self.lib.stj_restore(ctypes.byref(self.port), ctypes.c_uint32(what), state, size), state.raw


def states(flash: Flash, count: int) -> list[bytes]:
    return [flash.rng.integers(0, 256, STATE_BYTES, np.uint8).tobytes() for _ in range(count)]


def cut(flash: Flash, power: int, before: int) -> str:
    """What is wrong after a cut in the save that comes after so many others, or ""."""
    *earlier, new, next_one = states(flash, before + 2)
    for state in earlier:
        assert flash.save(state) == OK
    flash.power = power
    saved = flash.save(new)
    flash.power = 10**9
    status, found = flash.restore()
    if power < 2 * SLOT_BYTES:
        if saved == OK:
            return "a save that was cut says that it is done"
        if (status, found) != ((OK, earlier[-1]) if earlier else (NOT_SAVED, b"\xaa" * STATE_BYTES)):
            return "the state before is lost"
    elif (status, found) != (OK, new) or (saved == OK) != (power > 2 * SLOT_BYTES):  # the last cut is before the check
        return "a whole save is not there"
    if flash.save(next_one) != OK or flash.restore() != (OK, next_one):
        return "no more saves after a cut"
    return ""


def wrong_after_cuts(lib: ctypes.CDLL, trials: int) -> list[str]:
    """A cut at every byte of a save, erasing included, after none to four others: over and over."""
    cuts = (cut(Flash(k, lib), k % (2 * SLOT_BYTES + 2), k % 5) for k in range(trials))
    return [text for text in cuts if text]


def test_no_power_cut_leaves_a_corrupt_state():
    assert wrong_after_cuts(library(), 1200) == []


@pytest.mark.parametrize(
    "change",
    [
        ("slot = held == 0;", "slot = 0;"),
        ("slot = held == 0;", "slot = held == 1;"),
        (": saved == crc;", ": 1;"),
        ("number + 1}", "number}"),
        ("if (held == UNREADABLE ||", "if ("),
        ("head.what != what", "what == 0"),
    ],
)
def test_faults_are_found(change):
    lib = library(change)
    assert wrong_after_cuts(lib, 400) or not passes(lib)


def passes(lib: ctypes.CDLL) -> bool:
    return others_are_passed_over(lib) and a_flash_that_cannot_be_read_is_not_written(lib)


def others_are_passed_over(lib: ctypes.CDLL) -> bool:
    """A state of another head is none of ours, newer or not."""
    flash = Flash(1, lib)
    older, mine, other = states(flash, 3)
    done = [flash.save(older), flash.save(mine), flash.save(other, WHAT + 1)]
    return [*done, flash.restore()] == [OK, OK, OK, (OK, mine)] and flash.restore(WHAT + 2)[0] == NOT_SAVED


def a_flash_that_cannot_be_read_is_not_written(lib: ctypes.CDLL) -> bool:
    """It may hold the newest state."""
    flash = Flash(2, lib)
    (state,) = states(flash, 1)
    assert flash.save(state) == OK
    before, flash.broken_read = flash.slots.copy(), True
    answers = flash.save(state), flash.restore()[0]
    return answers == (STORAGE, STORAGE) and np.array_equal(before, flash.slots)


def test_other_states_and_flashes_that_fail():
    assert passes(library())


@pytest.mark.parametrize("number", [0, 2**31 - 2, 2**32 - 2])
def test_the_newest_of_two_is_found_where_numbers_begin_anew(number):
    flash = Flash(3, library())
    found = states(flash, 6)
    assert flash.save(found[0]) == OK
    renumber(flash, 0, number)
    for state in found[1:]:
        assert flash.save(state) == OK
        assert flash.restore() == (OK, state)


def renumber(flash: Flash, slot: int, number: int) -> None:
    flash.slots[slot, 16:20] = np.frombuffer(number.to_bytes(4, "little"), np.uint8)
    crc = zlib.crc32(flash.slots[slot, :-4].tobytes())
    flash.slots[slot, -4:] = np.frombuffer(crc.to_bytes(4, "little"), np.uint8)


@pytest.mark.parametrize("size", [1, 7, 8, 9, 40, 41, 72])
def test_states_of_any_size(size):
    """Of those that fit a slot of this test; the CRC comes last whatever the size is."""
    flash = Flash(4, library())
    state = flash.rng.integers(0, 256, size, np.uint8).tobytes()
    assert flash.save(state) == OK
    found = ctypes.create_string_buffer(size)
    assert flash.lib.stj_restore(ctypes.byref(flash.port), ctypes.c_uint32(WHAT), found, ctypes.c_uint32(size)) == OK
    assert found.raw == state
    assert whole(flash.slots[0], -(-(size + 24) // 32) * 32)


def whole(slot: np.ndarray, size: int) -> bool:
    return int.from_bytes(slot[size - 4 : size].tobytes(), "little") == zlib.crc32(slot[: size - 4].tobytes())
