"""Shapes and element types of a model's inputs and outputs, from the generated header or from the model file."""

import math
import re
from dataclasses import dataclass

import numpy as np

from embedded.tools.board import FirmwareError
from verify.graph.graph import Graph


@dataclass(frozen=True)
class TensorSpec:
    """One input or output of one sample."""

    shape: tuple[int, ...]
    dtype: np.dtype

    @property
    def size_bytes(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize

    def __str__(self) -> str:
        return f"{self.dtype.name}{list(self.shape)}"


@dataclass(frozen=True)
class Signature:
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]


def signature_of(graph: Graph) -> Signature:
    """What the model file declares."""

    def specs(tensors: tuple[int, ...], shapes: tuple[tuple[int, ...], ...]) -> tuple[TensorSpec, ...]:
        return tuple(
            TensorSpec(shape, graph.tensors[tensor].dtype.numpy) for tensor, shape in zip(tensors, shapes, strict=True)
        )

    return Signature(specs(graph.inputs, graph.input_shapes), specs(graph.outputs, graph.output_shapes))


def signature_of_header(text: str) -> Signature:
    """What stj_model.h declares.

    Read for k = 0, 1, ...: STJ_MODEL_INPUT_<k>_BYTES, and where present STJ_MODEL_INPUT_<k>_SHAPE (integers in any
    notation, such as (1, 96, 96, 3)) and STJ_MODEL_INPUT_<k>_DTYPE (a name that contains int8, int32, float...); the
    same for OUTPUT. Without shape or type, a tensor is a vector of int8.

    Raises:
      FirmwareError: if a count or a size is missing, or a shape does not agree with its size.
    """
    text = re.sub(r"/\*.*?\*/|\\\n", " ", text, flags=re.DOTALL)
    macros = dict(re.findall(r"^[ \t]*#[ \t]*define[ \t]+(STJ_MODEL_\w+)[ \t]+(.+?)[ \t]*$", text, re.MULTILINE))

    def number(name: str) -> int:
        found = re.fullmatch(r"\(*(\d+)[uUlL]*\)*", macros.get(name, ""))
        if found is None:
            raise FirmwareError(f"stj_model.h does not define {name} as a number")
        return int(found[1])

    def spec(name: str) -> TensorSpec:
        size_bytes = number(f"{name}_BYTES")
        dtype = dtype_named(macros.get(f"{name}_DTYPE", "int8"))
        shape = tuple(map(int, re.findall(r"\d+", macros.get(f"{name}_SHAPE", str(size_bytes // dtype.itemsize)))))
        result = TensorSpec(shape, dtype)
        if result.size_bytes != size_bytes:
            raise FirmwareError(f"stj_model.h: {name}_BYTES is {size_bytes}, but {result} has {result.size_bytes}")
        return result

    return Signature(
        tuple(spec(f"STJ_MODEL_INPUT_{k}") for k in range(number("STJ_MODEL_INPUTS"))),
        tuple(spec(f"STJ_MODEL_OUTPUT_{k}") for k in range(number("STJ_MODEL_OUTPUTS"))),
    )


def dtype_named(text: str) -> np.dtype:
    """The element type that C or Python text such as "int8_t" or "DType.FLOAT32" names."""
    found = re.search(r"u?int(?:8|16|32|64)|float32|float|bool", text.lower())
    if found is None:
        raise FirmwareError(f'stj_model.h names an element type that is not known: "{text}"')
    return np.dtype("float32" if found[0] == "float" else found[0])


def check_agreement(model: Signature, header: Signature) -> None:
    """Raises FirmwareError unless both have the same sizes: the generated model is of another file otherwise."""
    for what in ("inputs", "outputs"):
        expected = [spec.size_bytes for spec in getattr(model, what)]
        found = [spec.size_bytes for spec in getattr(header, what)]
        if expected != found:
            raise FirmwareError(f"the generated model has {what} of {found} bytes, the model file of {expected}")
