"""The model file as plain data: bytes that anybody may have written -> RawModel, or one ModelError.

The offsets are followed by the `tflite` package's schema classes. They check nothing, so every length is charged
against a budget before it is followed: a damaged vector can claim billions of entries, and a malicious file can let
a million tables overlap. The budget is proportional to the file's size, and so is the time that reading takes.
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import tflite
from flatbuffers.number_types import Int32Flags
from tflite.Model import Model

from verify.tflite.errors import ModelError, safe_text
from verify.tflite.options import read_options

SCHEMA_VERSION = 3
MOST_NAMED = 8
"""Signatures or subgraphs that a message lists."""
MAX_OPERATORS = 100_000
TABLE_BYTES = 40
"""What a table is charged: its entry in a vector, its header, its fields; few real tensors and operators need less."""

BUILTIN_CODE_SLOT = 4 + 2 * 3
"""Where the vtable of OperatorCode refers to `builtin_code`, the fourth field of the schema's table."""

DAMAGE = (
    struct.error,
    IndexError,
    KeyError,
    TypeError,
    ValueError,
    OverflowError,
    MemoryError,
    AttributeError,
    AssertionError,
)
"""What flatbuffers and numpy raise when an offset leads out of the file."""

_ELEMENT_TYPES = {code: name for name, code in vars(tflite.TensorType).items() if not name.startswith("_")}


@dataclass(frozen=True)
class RawQuantization:
    """Scales are float32 values in Python floats; lengths are as found, unchecked."""

    scale: tuple[float, ...]
    zero_point: tuple[int, ...]
    axis: int


@dataclass(frozen=True, eq=False)
class RawTensor:
    """A tensor as found. `contents` are a constant's bytes, None for an activation; `dtype` is the schema's name.

    One without a name is called by its number, "#7".
    """

    index: int
    name: str
    dtype: str
    shape: tuple[int, ...]
    signature: tuple[int, ...]
    contents: np.ndarray | None
    quantization: RawQuantization | None
    variable: bool
    sparse: bool
    external: bool

    @property
    def label(self) -> str:
        return f'tensor {self.index} "{self.name}"'


@dataclass(frozen=True, eq=False)
class RawOperator:
    """An operator as found. `kind` is the builtin's name; a custom operator's is "CUSTOM" and its own name."""

    index: int
    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: dict[str, object]


@dataclass(frozen=True, eq=False)
class RawModel:
    """One subgraph of a file, number `subgraph`.

    `called` are the subgraphs that operators of it run once, before its first run, by number. `notes` say what was
    taken where the file holds more. Subgraphs of control flow are not read: its operators are refused by name.
    """

    tensors: tuple[RawTensor, ...]
    operators: tuple[RawOperator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    subgraph: int = 0
    called: Mapping[int, "RawModel"] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def parse(data: bytes, taken: int | str = 0) -> RawModel:
    """Reads the tables that describe one subgraph, and those that it calls once.

    Args:
      data: the file's bytes.
      taken: number of the subgraph, or name of the signature whose subgraph is meant. TFLM runs number 0.

    Raises:
      ModelError: if the bytes are not a TFLite model, are damaged where it matters, or lack what is to be taken.
    """
    if len(data) < 8 or not Model.ModelBufferHasIdentifier(data, 0):
        raise ModelError('this is not a TFLite model: bytes 4 to 7 of the file must be "TFL3"')
    cursor = _Cursor(len(data))
    try:
        return _model(cursor, Model.GetRootAs(data, 0), taken)
    except DAMAGE as error:
        raise ModelError(f"the file is damaged at {cursor.place}: {type(error).__name__} ({error})") from error


class _Cursor:
    """What is being read, and how many bytes of the file may still be."""

    def __init__(self, file_bytes: int) -> None:
        self.place = "the model table"
        self._budget = 2 * file_bytes + 4096

    def charge(self, entries: int, entry_bytes: int) -> int:
        self._budget -= entries * entry_bytes
        if self._budget < 0:
            raise ModelError(
                f"the file is damaged at {self.place}: a vector of {entries} entries is more than the file can hold"
            )
        return entries

    def numbers(self, length: Callable[[], int], values: Callable[[], Any], entry_bytes: int) -> tuple[Any, ...]:
        """A vector of numbers as Python numbers; empty if absent."""
        return tuple(values().tolist()) if self.charge(length(), entry_bytes) else ()

    def tables(self, what: str, length: Callable[[], int], item: Callable[[int], Any]) -> Iterator[tuple[int, Any]]:
        for index in range(self.charge(length(), TABLE_BYTES)):
            self.place = f"{what} {index}"
            yield index, item(index)

    def text(self, string: bytes | None) -> str:
        string = string or b""
        self.charge(len(string), 1)
        return safe_text(string[:1000].decode("utf-8", errors="replace"))


def _model(cursor: _Cursor, model: Any, taken: int | str) -> RawModel:
    if model.Version() != SCHEMA_VERSION:
        raise ModelError(f"the schema version is {model.Version()}; only version {SCHEMA_VERSION} is known")
    if model.SubgraphsLength() < 1:
        raise ModelError("the model holds no subgraph")
    codes = cursor.tables("operator code", model.OperatorCodesLength, model.OperatorCodes)
    kinds = tuple(_kind(cursor, code) for _, code in codes)
    signatures = _signatures(cursor, model)
    number = _number_of(model, taken, signatures)
    main = _subgraph(cursor, model, number, kinds)
    called = dict[int, RawModel]()
    for operator in main.operators:
        call = operator.options.get("init_subgraph_index", number) if operator.kind == "CALL_ONCE" else None
        if isinstance(call, int) and call not in called:
            if not 0 <= call < model.SubgraphsLength() or call == number:
                raise ModelError(f"op {operator.index} calls subgraph {call}; the file has {model.SubgraphsLength()}")
            called[call] = _subgraph(cursor, model, call, kinds)
    return replace(main, called=called, notes=_what_is_taken(model, number, called, signatures))


def _signatures(cursor: _Cursor, model: Any) -> list[tuple[str, int]]:
    """Name and subgraph of each signature."""
    found = cursor.tables("signature", model.SignatureDefsLength, model.SignatureDefs)
    return [(cursor.text(signature.SignatureKey()), signature.SubgraphIndex()) for _, signature in found]


def _number_of(model: Any, taken: int | str, signatures: list[tuple[str, int]]) -> int:
    if isinstance(taken, str):
        numbers = [number for name, number in signatures if name == taken]
        if len(numbers) != 1:
            names = ", ".join(f'"{name}"' for name, _ in signatures[:MOST_NAMED]) or "none"
            raise ModelError(f'there is no one signature "{taken}"; the file has {names}')
        taken = numbers[0]
    if not 0 <= taken < model.SubgraphsLength():
        raise ModelError(f"there is no subgraph {taken}; the file has {model.SubgraphsLength()}, counted from 0")
    return taken


def _what_is_taken(
    model: Any, number: int, called: Mapping[int, RawModel], signatures: list[tuple[str, int]]
) -> tuple[str, ...]:
    """A note where the file holds other networks beside the one taken."""
    others = [k for k in range(model.SubgraphsLength()) if k != number and k not in called]
    if not others:
        return ()
    names = dict[int, str]()
    for name, subgraph in signatures:
        names.setdefault(subgraph, f'{subgraph} (signature "{name}")')
    listed = ", ".join(names.get(k, str(k)) for k in others[:MOST_NAMED])
    count, more = model.SubgraphsLength(), ", ..." if len(others) > MOST_NAMED else ""
    taken = names.get(number, str(number))
    return (f"of {count} subgraphs, number {taken} is taken; --subgraph or --signature takes another: {listed}{more}",)


def _subgraph(cursor: _Cursor, model: Any, number: int, kinds: tuple[str, ...]) -> RawModel:
    graph = model.Subgraphs(number)
    if graph.OperatorsLength() > MAX_OPERATORS:
        raise ModelError(f"the model has {graph.OperatorsLength()} operators; at most {MAX_OPERATORS} are read")
    tensors = cursor.tables("tensor", graph.TensorsLength, graph.Tensors)
    operators = cursor.tables("operator", graph.OperatorsLength, graph.Operators)
    return RawModel(
        tensors=tuple(_tensor(cursor, index, tensor, model) for index, tensor in tensors),
        operators=tuple(_operator(cursor, index, operator, kinds) for index, operator in operators),
        inputs=cursor.numbers(graph.InputsLength, graph.InputsAsNumpy, 4),
        outputs=cursor.numbers(graph.OutputsLength, graph.OutputsAsNumpy, 4),
        subgraph=number,
    )


def _kind(cursor: _Cursor, code: Any) -> str:
    # The larger field is meant, as in TFLite: a code above 126 does not fit the old one, and some writers fill only the
    # new one. The package's accessor for the new field returns the old one instead, so this field is read by its slot.
    slot = code._tab.Offset(BUILTIN_CODE_SLOT)
    newer = code._tab.Get(Int32Flags, slot + code._tab.Pos) if slot else 0
    number = max(newer, code.DeprecatedBuiltinCode())
    kind = tflite.BUILTIN_OPCODE2NAME.get(number, f"BUILTIN_{number}")
    return f"CUSTOM {cursor.text(code.CustomCode())}" if kind == "CUSTOM" else kind


def _tensor(cursor: _Cursor, index: int, tensor: Any, model: Any) -> RawTensor:
    if tensor.Buffer() >= model.BuffersLength():
        raise ModelError(f"tensor {index} refers to buffer {tensor.Buffer()}; the file has {model.BuffersLength()}")
    buffer = model.Buffers(tensor.Buffer())
    return RawTensor(
        index=index,
        name=cursor.text(tensor.Name()) or f"#{index}",
        dtype=_ELEMENT_TYPES.get(tensor.Type(), f"type {tensor.Type()}"),
        shape=cursor.numbers(tensor.ShapeLength, tensor.ShapeAsNumpy, 4),
        signature=cursor.numbers(tensor.ShapeSignatureLength, tensor.ShapeSignatureAsNumpy, 4),
        contents=buffer.DataAsNumpy() if buffer.DataLength() else None,
        quantization=_quantization(cursor, tensor.Quantization()),
        variable=bool(tensor.IsVariable()),
        sparse=tensor.Sparsity() is not None,
        external=buffer.Offset() > 0 or buffer.Size() > 0,
    )


def _quantization(cursor: _Cursor, parameters: Any) -> RawQuantization | None:
    if parameters is None or not parameters.ScaleLength():
        return None
    return RawQuantization(
        scale=cursor.numbers(parameters.ScaleLength, parameters.ScaleAsNumpy, 4),
        zero_point=cursor.numbers(parameters.ZeroPointLength, parameters.ZeroPointAsNumpy, 8),
        axis=parameters.QuantizedDimension(),
    )


def _operator(cursor: _Cursor, index: int, operator: Any, kinds: tuple[str, ...]) -> RawOperator:
    code = operator.OpcodeIndex()
    if not 0 <= code < len(kinds):
        raise ModelError(f"op {index} refers to operator code {code}; the file has {len(kinds)}")
    return RawOperator(
        index=index,
        kind=kinds[code],
        inputs=cursor.numbers(operator.InputsLength, operator.InputsAsNumpy, 4),
        outputs=cursor.numbers(operator.OutputsLength, operator.OutputsAsNumpy, 4),
        options=read_options(operator, kinds[code]),
    )
