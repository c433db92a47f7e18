"""What a device has saved, as bytes of a slot of its flash (embedded/feed/stj_saved.h has the layout), and back."""

import struct
import zlib

from verify.graph.learning import Learning
from verify.learning import HEADS
from verify.learning.head import fields_of, saved_bytes

_HEAD = struct.Struct("<4sIIII")
MAGIC, FORMAT, BLOCK = b"STJL", 1, 32


class SavedError(Exception):
    """Bytes that are no saved state of this head; the message says why."""


def what_of(learning: Learning, model_sha256: str) -> int:
    """What a saved state says that it is of: another model, or a head of another layout, does not take it."""
    parts = (learning.head, learning.classes, learning.features, learning.room, model_sha256)
    return zlib.crc32(" ".join(map(str, parts)).encode())


def slot_of(learning: Learning, model_sha256: str, state: bytes, number: int = 1) -> bytes:
    """A slot that holds a state, the saved part of the head's struct.

    Raises:
      SavedError: the state is of another size.
    """
    wanted = saved_bytes(HEADS[learning.head], learning)
    if len(state) != wanted:
        raise SavedError(f"a state of this head has {wanted} bytes, not {len(state)}")
    head = _HEAD.pack(MAGIC, FORMAT, what_of(learning, model_sha256), len(state), number)
    size = -(-(len(head) + len(state) + 4) // BLOCK) * BLOCK
    body = (head + state).ljust(size - 4, b"\0")
    return body + struct.pack("<I", zlib.crc32(body))


def state_of(learning: Learning, model_sha256: str, slot: bytes) -> bytes:
    """The state in a slot, of which more may have been read than it takes.

    Raises:
      SavedError: it holds none, that of another head, or numbers that no learning leaves.
    """
    head = HEADS[learning.head]
    if len(slot) < _HEAD.size:
        raise SavedError(f"{len(slot)} bytes are no saved state")
    magic, form, what, size, _ = _HEAD.unpack(slot[: _HEAD.size])
    if (magic, form) != (MAGIC, FORMAT):
        raise SavedError(f'it does not begin with "{MAGIC.decode()}" and {FORMAT}, the format of a saved state')
    if what != what_of(learning, model_sha256) or size != saved_bytes(head, learning):
        raise SavedError("it is of another model, or of a head of another kind or size than the plan's")
    end = -(-(_HEAD.size + size + 4) // BLOCK) * BLOCK - 4
    if zlib.crc32(slot[:end]) != int.from_bytes(slot[end : end + 4], "little") or len(slot) < end + 4:
        raise SavedError("its CRC-32 does not fit: it was not saved whole")
    state = slot[_HEAD.size : _HEAD.size + size]
    if not head.valid(learning, fields_of(head, learning, state)):
        raise SavedError("its numbers are outside the ranges that learning leaves")
    return state
