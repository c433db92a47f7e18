"""The mean of each class's features, and the class whose mean is nearest (embedded/include/stj_learn_means.h).

A class that has had n examples, of which the oldest count less and less, has n <= 128, and sums between -128 n and
127 n. That is what every fact below starts from and ends with.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from verify.graph.learning import Learning, Readout
from verify.learning.head import INT32, Fact, Field

HORIZON = 128


@dataclass(frozen=True)
class Means:
    """Class means with a distance head."""

    name: ClassVar[str] = "means"
    about: ClassVar[str] = "the mean of each class's features; the nearest one answers"

    def fields(self, learning: Learning) -> tuple[Field, ...]:
        return (
            Field("sums", "int16", learning.classes * learning.features),
            Field("counts", "uint8", learning.classes),
        )

    def facts(self, learning: Learning, readout: Readout) -> Iterator[Fact]:
        value, most = {"x": ("(- 128)", "127")}, str(INT32[1])
        some = {"n": ("0", str(HORIZON - 1)), "s": ("(* (- 128) n)", "(* 127 n)")}
        full = {"s": (f"(- {128 * HORIZON})", str(127 * HORIZON))}
        seen = {"n": ("1", str(HORIZON)), "s": ("(* (- 128) n)", "(* 127 n)")}
        half = HORIZON // 2 + 1
        yield Fact("sum with an example more", "(+ s x)", "(* (- 128) (+ n 1))", "(* 127 (+ n 1))", some | value)
        halved = "(+ (div (+ s 1) 2) x)"
        yield Fact("halved sum with an example more", halved, f"(- {128 * half})", str(127 * half), full | value)
        yield Fact("sum in its 16 bits", "s", "(- 32768)", "32767", seen)
        yield Fact("count in its 8 bits", "n", "0", "255", seen)
        # A numerator below 256 * 2 n is a mean of at most 127: the quotient less 128.
        yield Fact("numerator of a mean", "(+ (* 2 (+ s (* 128 n))) n)", "0", "(- (* 512 n) 1)", seen)
        yield Fact("numerator of a mean in its 32 bits", "(+ (* 2 (+ s (* 128 n))) n)", "0", most, seen)
        yield Fact("squared distance", f"(* {learning.features} (* 255 255))", "0", most, {})
        yield Fact("number of sums", f"(* {learning.classes} {learning.features})", "1", most, {})

    def valid(self, learning: Learning, state: Mapping[str, np.ndarray]) -> bool:
        if not state:
            return True
        counts = state["counts"].astype(np.int64)[:, None]
        sums = state["sums"].astype(np.int64).reshape(learning.classes, learning.features)
        return bool((counts <= HORIZON).all() and (sums >= -128 * counts).all() and (sums <= 127 * counts).all())

    def parameters(self, learning: Learning, readout: Readout) -> dict[str, int]:
        return {"classes": learning.classes, "features": learning.features}

    def tables(self) -> dict[str, np.ndarray]:
        return {}

    def first(self, learning: Learning, readout: Readout) -> dict[str, np.ndarray]:
        """Nothing: the layer that was taken off says nothing of means."""
        return {}
