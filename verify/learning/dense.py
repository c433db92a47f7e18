"""The dense layer itself, trained by gradient steps in integers (embedded/include/stj_learn_dense.h).

Shadows of weights stay within 127 * 2^16, biases within 2^30, because each step clips them; with that, whatever a step
computes is bounded, and so it is after any number of examples.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from verify.graph.learning import Learning, Readout
from verify.learning.head import INT32, Fact, Field

ONE, SHADOW, BIAS = 2**15, 127 * 2**16, 2**30
STEPS, LAST = 16, 255
"""Entries of the table of exponentials for a difference of 1, and the last one."""

MOST_SHIFT = 30


@dataclass(frozen=True)
class Dense:
    """A dense layer and softmax, trained by gradient steps."""

    name: ClassVar[str] = "dense"
    about: ClassVar[str] = "the dense layer itself, by gradient steps in integers; with a rehearsal buffer"

    def fields(self, learning: Learning) -> tuple[Field, ...]:
        return (
            Field("shadow", "int32", learning.classes * learning.features),
            Field("bias", "int32", learning.classes),
            Field("counts", "uint8", learning.classes),
            Field("labels", "uint8", learning.room),
            Field("kept", "int8", learning.room * learning.features),
            Field("filled", "uint8", 1),
        )

    def facts(self, learning: Learning, readout: Readout) -> Iterator[Fact]:
        n = self.parameters(learning, readout)
        least, most = f"(- {-INT32[0]})", str(INT32[1])
        reach = max(127 - n["zero_point"], 128 + n["zero_point"])  # |x - zero point|
        sign = {"e": ("(- 1)", "1")}
        score = f"(+ (* e {learning.features * 127 * reach}) (div (+ b 128) 256))"
        bias, shadow = {"b": (f"(- {BIAS})", str(BIAS))}, {"v": (f"(- {SHADOW})", str(SHADOW))}
        change, bias_change = _scaled(ONE * reach, n["rate"]), _scaled(ONE, n["bias_rate"])
        yield Fact("weight in its 8 bits", "(div (+ v 32768) 65536)", "(- 127)", "127", shadow)
        yield Fact("score", score, f"(- {INT32[1]})", most, sign | bias)  # less than that is no score
        yield Fact("difference of two scores", f"(* 2 {score})", least, most, sign | bias)
        yield Fact("shift of a difference", str(n["shift"]), "0", "31", {})
        index = {"d": ("0", str(n["most"]))}
        yield Fact("index of an exponential", f"(* d {n['multiplier']})", "0", most, index)
        yield Fact("sum of exponentials", f"(* {learning.classes} {ONE})", str(ONE), most, {})
        yield Fact("exponential before division", f"(* {ONE} {ONE})", "0", most, {})
        for what, kept, rate, (largest, rounded) in (
            ("weight", shadow, n["rate"], change),
            ("bias", bias, n["bias_rate"], bias_change),
        ):
            (name,) = kept
            yield Fact(f"shift of a change of a {what}", _num(rate), f"(- {MOST_SHIFT})", str(MOST_SHIFT), {})
            yield Fact(f"change of a {what}, before it is rounded", f"(* e {largest})", least, most, sign)
            yield Fact(f"{what} with a change", f"(+ {name} (* e {rounded}))", least, most, sign | kept)
        yield Fact("number of weights", f"(* {learning.classes} {learning.features})", "1", most, {})
        yield Fact("bytes of the rehearsal buffer", f"(* {learning.room} {learning.features})", "0", most, {})

    def valid(self, learning: Learning, state: Mapping[str, np.ndarray]) -> bool:
        if not state:
            return True
        inside = (np.abs(state["shadow"].astype(np.int64)) <= SHADOW).all()
        inside &= (np.abs(state["bias"].astype(np.int64)) <= BIAS).all()
        filled = int(state["filled"][0]) if "filled" in state else 0
        labels = state["labels"][:filled] if filled else np.zeros(0, np.uint8)
        known = filled <= learning.room and (labels < learning.classes).all()
        return bool(inside and known and (state["counts"][labels] > 0).all())

    def parameters(self, learning: Learning, readout: Readout) -> dict[str, int]:
        return {
            "classes": learning.classes,
            "features": learning.features,
            "zero_point": readout.zero_point,
            **_index(readout.scale * step_of(readout)),
            "rate": learning.rate,
            "bias_rate": learning.bias_rate,
            "room": learning.room,
            "passes": learning.passes,
        }

    def tables(self) -> dict[str, np.ndarray]:
        return {"exponentials": np.round(ONE * np.exp(-np.arange(LAST + 1) / STEPS)).astype(np.uint16)}

    def first(self, learning: Learning, readout: Readout) -> dict[str, np.ndarray]:
        """The layer that was taken off: its classes come first, and count as seen often."""
        own, step = len(readout.weights), step_of(readout)
        shadow = np.zeros((learning.classes, learning.features), np.int32)
        bias, counts = np.zeros(learning.classes, np.int32), np.zeros(learning.classes, np.uint8)
        shadow[:own] = np.clip(np.round(readout.weights / step * 2**16), -SHADOW, SHADOW)
        bias[:own] = np.clip(np.round(readout.bias / (readout.scale * step) * 2**8), -BIAS, BIAS)
        counts[:own] = 255
        return {"shadow": shadow.reshape(-1), "bias": bias, "counts": counts}


def step_of(readout: Readout) -> float:
    """The real value of a weight of 1: one for all classes, so that the largest weight of all is 127."""
    return max(float(np.abs(readout.weights).max()), 1e-6) / 127


def rates(readout: Readout, rate: float) -> tuple[int, int]:
    """The shifts of gradients that come nearest to a learning rate, for weights and for biases.

    The rate is that of features in [0, 1], where their int8 values lie in [0, 255]: it means the same whatever their
    scale is. A sum of 1 is `per`; a shift of k moves a class's score by g * x^2 * 255^2 * per / 2^(k + 1), which is to
    be rate * g * x^2, and by 128 * g * per / 2^k through the bias, which is to be rate * g.
    """
    per = readout.scale * step_of(readout)
    shifts = (math.log2(per * 255**2 / 2 / rate), math.log2(128 * per / rate))
    return round(min(max(shifts[0], -7), MOST_SHIFT)), round(min(max(shifts[1], -15), MOST_SHIFT))


def _index(scale: float) -> dict[str, int]:
    """How a difference of sums, each of them `scale`, becomes an index of the table.

    The shift leaves a difference that the multiplier has 15 bits for, and no more: below 2^30 with it.
    """
    per = STEPS * scale
    shift = max(0, math.ceil(math.log2(2**-7 / per)) if per > 0 else 31)
    multiplier = min(max(round(per * 2 ** (21 + shift)), 1), 2**30)
    return {"shift": shift, "multiplier": multiplier, "most": 2**30 // multiplier}


def _scaled(largest: int, shift: int) -> tuple[int, int]:
    """The largest integer on the way to a rounded change, and the largest change."""
    if shift > 0:
        return largest + 2 ** (shift - 1), (largest + 2 ** (shift - 1)) >> shift
    return largest << -shift, largest << -shift


def _num(value: int) -> str:
    return str(value) if value >= 0 else f"(- {-value})"
