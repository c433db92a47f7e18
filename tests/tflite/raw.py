"""Models as found (RawModel) and operators made up for tests: the reader's rules without bytes or real arithmetic."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from verify.graph.window import Padding
from verify.ops.base import Defaults, MovesOnly, OperatorSource, PadsNothing, UnsupportedError
from verify.tflite.schema import RawModel, RawOperator, RawQuantization, RawTensor

IMAGE = (1, 4, 3, 2)


def tensor(index: int, shape: Sequence[int] = IMAGE, **changes: Any) -> RawTensor:
    """An int8 activation of scale 0.5 and zero point 3, with `changes` to its fields."""
    fields: dict[str, Any] = {
        "name": f"t{index}",
        "dtype": "INT8",
        "signature": (),
        "contents": None,
        "quantization": RawQuantization((0.5,), (3,), 0),
        "variable": False,
        "sparse": False,
        "external": False,
    }
    return RawTensor(index=index, shape=tuple(shape), **(fields | changes))


def constant(index: int, values: np.ndarray, **changes: Any) -> RawTensor:
    """A constant without quantization."""
    contents = values.reshape(-1).view(np.uint8)
    fields = {"shape": values.shape, "dtype": values.dtype.name.upper(), "contents": contents, "quantization": None}
    return tensor(index, **(fields | changes))


def operator(index: int, kind: str, inputs: Sequence[int], outputs: Sequence[int], **options: object) -> RawOperator:
    return RawOperator(index, kind, tuple(inputs), tuple(outputs), options)


def model(
    tensors: Sequence[RawTensor], operators: Sequence[RawOperator], inputs: Sequence[int], outputs: Sequence[int]
) -> RawModel:
    return RawModel(tuple(tensors), tuple(operators), tuple(inputs), tuple(outputs))


@dataclass(frozen=True)
class Copy(Defaults, MovesOnly, PadsNothing):
    """Every output is the first operand; all operands are read."""

    kind: ClassVar[str] = "COPY"
    count: int

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        return cls(len(source.inputs))

    @property
    def operands(self) -> tuple[int, ...]:
        return tuple(range(self.count))

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        return (inputs[0],)


@dataclass(frozen=True)
class View(Defaults, MovesOnly, PadsNothing):
    """The first operand under another shape; a second operand, if any, must be constant."""

    kind: ClassVar[str] = "VIEW"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        return cls()

    @property
    def alias(self) -> bool:
        return True

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        return (inputs[0],)


@dataclass(frozen=True)
class Extent(Defaults, MovesOnly, PadsNothing):
    """The operand's shape, which is known while reading; no element is read."""

    kind: ClassVar[str] = "EXTENT"
    shape: tuple[int, ...]

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        assert source.inputs[0] is not None
        return cls(source.inputs[0].shape)

    @property
    def operands(self) -> tuple[int, ...]:
        return ()

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        return (np.array(self.shape),)


@dataclass(frozen=True)
class Border(Defaults, MovesOnly, PadsNothing):
    """`size` rows above the operand, of value `value`."""

    kind: ClassVar[str] = "BORDER"
    size: int
    value: int

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        return cls(int(str(source.options["size"])), int(str(source.options.get("value", 3))))

    def as_padding(self) -> Padding | None:
        return Padding(top=self.size, value=self.value)


@dataclass(frozen=True)
class Filter(Defaults, MovesOnly, PadsNothing):
    """Takes any padding of value 3 above its first operand; reads `reads` operands, the others are its weights."""

    kind: ClassVar[str] = "FILTER"
    reads: int
    top: int = 0

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        return cls(int(str(source.options.get("reads", 1))))

    @property
    def operands(self) -> tuple[int, ...]:
        return tuple(range(self.reads))

    def absorb_padding(self, padding: Padding) -> "Filter | None":
        return Filter(self.reads, self.top + padding.top) if padding.value == 3 else None


@dataclass(frozen=True)
class Refused(Defaults, MovesOnly, PadsNothing):
    kind: ClassVar[str] = "REFUSED"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        raise UnsupportedError("stride 9 is not supported; at most 8")


@dataclass(frozen=True)
class Broken(Defaults, MovesOnly, PadsNothing):
    """What an operator does that does not expect the file's values."""

    kind: ClassVar[str] = "BROKEN"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        raise KeyError("stride_h")


KINDS = {op.kind: op for op in (Border, Broken, Copy, Extent, Filter, Refused, View)}
