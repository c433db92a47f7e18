"""Functions of one float32 value between DEQUANTIZE and QUANTIZE: together they are a table of int8.

Converters leave operators float that have no int8 kernel, each between these two (verify.tflite.islands). What TFLM
then computes for each of the 256 stored values is known while the model is read.

Sources: tensorflow/lite/micro/kernels/elementwise.cc, neg.cc, floor.cc, ceil.cc, exp.cc; tensorflow/lite/kernels/
internal/reference/round.h, elu.h.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from verify.graph.tensor import DType
from verify.ops.base import OperatorSource
from verify.ops.elementwise import Lookup, unary_int8
from verify.ops.operand_checks import unsupported
from verify.ops.quantize import UNSCALED, Quantize

STEPS = "steps"
"""The option that names the functions, in their order."""

EXACT: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "ABS": np.abs,
    "CEIL": np.ceil,
    "FLOOR": np.floor,
    "NEG": np.negative,
    "RELU": lambda x: np.maximum(x, np.float32(0)),
    "ROUND": np.rint,
    "RSQRT": lambda x: np.float32(1) / np.sqrt(x),
    "SQRT": np.sqrt,
    "SQUARE": np.square,
}
"""Functions whose every step IEEE 754 rounds to nearest."""

LIBRARY: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "COS": np.cos,
    "ELU": lambda x: np.where(x < 0, np.expm1(np.minimum(x, 0)), x),
    "EXP": np.exp,
    "LOG": np.log,
    "SIN": np.sin,
}
"""Functions of the C library, here of float64: a library's result is taken to be a few units in the last place off."""

UNITS = (0, -2, 2)  # in the last place of a float32


@dataclass(frozen=True)
class FloatTable(Lookup):
    """int8 to float32, some functions, and back."""

    steps: tuple[str, ...]

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        steps = source.options[STEPS]
        assert isinstance(steps, tuple)
        op = cls(*unary_int8(source), steps)
        results = [op._with(units, op.values) for units in UNITS if units == 0 or not EXACT.keys() >= set(steps)]
        if any((result != results[0]).any() for result in results):
            rule = "C libraries may differ in a result that lies between two stored values"
            raise unsupported(f"{op.kind} between these quantizations", rule, f"{op.input} and {op.output}")
        return op

    @property
    def kind(self) -> str:
        """The operators that the file has in its place."""
        return "+".join(self.steps)

    def apply(self, x: np.ndarray) -> np.ndarray:
        return self._with(0, x)

    def _with(self, units: int, x: np.ndarray) -> np.ndarray:
        """With results of the C library so many units in the last place off the nearest float32."""
        real = ((x - self.input.zero_point) * self.input.scale).astype(np.float32)
        with np.errstate(all="ignore"):
            for step in self.steps:
                if step in EXACT:
                    real = EXACT[step](real)
                else:
                    nearest = LIBRARY[step](real.astype(np.float64)).astype(np.float32)
                    real = (nearest + units * np.spacing(nearest)).astype(np.float32)
        back = Quantize((x.size,), UNSCALED, self.output, DType.FLOAT32, DType.INT8)
        return back.reference([real.reshape(-1)], range(1))[0].reshape(x.shape).astype(np.int64)
