"""Heads that learn on the microcontroller, as pure functions of (state, example) in integers.

The feature part of a network stays as it is; what replaces its last dense layer learns from labelled examples, one at a
time. Each module has `empty`, `scores`, `learn` and `forget`:

    means    the mean of each class's features, and the class whose mean is nearest
    dense    the dense layer itself, by gradient steps, with a rehearsal buffer

The C of embedded/include/stj_learn_*.h gives the same bits. All arithmetic is int32 with operands and results that are
proved to fit (claim C6), so it is the same with and without jax_enable_x64; every function can be jitted, with `params`
static. `to_bytes` and `from_bytes` are what a device saves.
"""

from stjax.learn import dense, means
from stjax.learn.state import from_bytes, to_bytes

__all__ = ["dense", "from_bytes", "means", "to_bytes"]
