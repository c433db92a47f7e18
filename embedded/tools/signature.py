"""What a generated header says in macros: shapes and element types of inputs and outputs, and what was proved.

The former are also read from the model file, and compared.
"""

import math
import re
from dataclasses import dataclass

import numpy as np

from embedded.tools.board import FirmwareError
from embedded.tools.figures import Proved
from verify.graph.camera import FEED_BYTES, TAG_BYTES
from verify.graph.graph import Graph
from verify.graph.sram import Sram


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
    macros = macros_of(text)

    def spec(name: str) -> TensorSpec:
        size_bytes = number(macros, f"{name}_BYTES")
        dtype = dtype_named(macros.get(f"{name}_DTYPE", "int8"))
        shape = tuple(map(int, re.findall(r"\d+", macros.get(f"{name}_SHAPE", str(size_bytes // dtype.itemsize)))))
        result = TensorSpec(shape, dtype)
        if result.size_bytes != size_bytes:
            raise FirmwareError(f"stj_model.h: {name}_BYTES is {size_bytes}, but {result} has {result.size_bytes}")
        return result

    return Signature(
        tuple(spec(f"STJ_MODEL_INPUT_{k}") for k in range(number(macros, "STJ_MODEL_INPUTS"))),
        tuple(spec(f"STJ_MODEL_OUTPUT_{k}") for k in range(number(macros, "STJ_MODEL_OUTPUTS"))),
    )


def proved_of_header(text: str) -> Proved:
    """What stj_model.h says was proved. What a model lacks (history, flash budget, camera, head) it does not name.

    Raises:
      FirmwareError: if a figure is missing, or the parts do not add up to the sum.
    """
    macros = macros_of(text)
    parts = {name: number(macros, f"STJ_MODEL_{name}_BYTES") for name in ("ARENA", "STATE", "SCRATCH", "STACK")}
    history, budget = (
        number(macros, name) if (name := f"STJ_MODEL_{part}_BYTES") in macros else None
        for part in ("HISTORY", "FLASH_BUDGET")
    )
    fifo = 0
    if "STJ_MODEL_CAMERA_FIFO_ROWS" in macros:
        rows, row_bytes = (number(macros, f"STJ_MODEL_CAMERA_{name}") for name in ("FIFO_ROWS", "ROW_BYTES"))
        fifo = rows * (row_bytes + TAG_BYTES) + FEED_BYTES
    head = number(macros, "STJ_MODEL_HEAD_BYTES") if "STJ_MODEL_HEAD_BYTES" in macros else 0
    sram = Sram(parts["ARENA"], history or 0, parts["SCRATCH"], parts["STATE"], parts["STACK"], fifo=fifo, head=head)
    if sram.total != (stated := number(macros, "STJ_MODEL_SRAM_BYTES")):
        raise FirmwareError(f"stj_model.h: STJ_MODEL_SRAM_BYTES is {stated}, but its parts add up to {sram.total}")
    return Proved(sram, number(macros, "STJ_MODEL_WEIGHT_BYTES"), budget)


def macros_of(text: str) -> dict[str, str]:
    """The model's macros, with the text that they stand for."""
    text = re.sub(r"/\*.*?\*/|\\\n", " ", text, flags=re.DOTALL)
    return dict(re.findall(r"^[ \t]*#[ \t]*define[ \t]+(STJ_MODEL_\w+)[ \t]+(.+?)[ \t]*$", text, re.MULTILINE))


def number(macros: dict[str, str], name: str) -> int:
    """Raises FirmwareError unless the macro is a number."""
    found = re.fullmatch(r"\(*(\d+)[uUlL]*\)*", macros.get(name, ""))
    if found is None:
        raise FirmwareError(f"stj_model.h does not define {name} as a number")
    return int(found[1])


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
