"""Heads that learn on the device: one file for each, with what it keeps, what it starts from, and what it computes.

The planner counts its bytes, the prover asks for its integers, the emitter prints its parameters; none of them knows a
head by name. What they compute is C (embedded/include/stj_learn_*.h) and, with the same bits, JAX (stjax.learn).
"""

from verify.learning.dense import Dense
from verify.learning.head import Head
from verify.learning.means import Means

HEADS: dict[str, Head] = {head.name: head for head in (Means(), Dense())}

__all__ = ["HEADS"]
