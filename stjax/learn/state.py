"""A head's state as the bytes that a device saves, and back: what to start a device from, and to compare it with.

The bytes are those of the struct in exported C, from its beginning: field after field, numbers little-endian, zeros up
to a whole word.
"""

from typing import TypeVar

import jax.numpy as jnp
import numpy as np

from stjax.learn import dense, means

State = TypeVar("State", means.State, dense.State)

WORD = 4


def to_bytes(state: State) -> bytes:
    """What the device holds in this state."""
    fields = b"".join(_little(np.asarray(field)).tobytes() for field in state)
    return fields.ljust(-(-len(fields) // WORD) * WORD, b"\0")


def from_bytes(like: State, contents: bytes) -> State:
    """The state that a device holds.

    Args:
      like: any state of this head, such as `empty(params)`.
      contents: what was saved, or the beginning of the struct.

    Raises:
      ValueError: there are too few bytes.
    """
    wanted = len(to_bytes(like))
    if len(contents) < wanted:
        raise ValueError(f"a state of this head has {wanted} bytes, found {len(contents)}")
    found, at = [], 0
    for field in map(np.asarray, like):
        values = np.frombuffer(contents, _little(field).dtype, field.size, at).astype(field.dtype)
        found.append(jnp.asarray(values.reshape(field.shape)))
        at += field.nbytes
    return type(like)(*found)


def _little(values: np.ndarray) -> np.ndarray:
    return values.astype(values.dtype.newbyteorder("<"))
