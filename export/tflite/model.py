"""Models as the exporter rewrites them: the plain data of verify's reader with whole names, and back to bytes.

Reading and writing keep tensors and operators in their order. What only describes a model (metadata, signatures) is
dropped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import flatbuffers
import numpy as np
import tflite

from verify.tflite.options import SHARED_TABLES
from verify.tflite.schema import RawOperator, RawQuantization, RawTensor, parse

ALIGNMENT = 16
"""Of constants in the file: kernels read them in place, and some processors want words on word boundaries."""

_ENUMS: dict[str, Any] = {
    "fused_activation_function": tflite.ActivationFunctionType,
    "mode": tflite.MirrorPadMode,
    "padding": tflite.Padding,
    "weights_format": tflite.FullyConnectedOptionsWeightsFormat,
}


@dataclass(frozen=True, eq=False)
class Model:
    """A .tflite file's first subgraph. Operators refer to tensors by position.

    Args:
      versions: the newest version of each kind of operator; kinds that are not listed have version 1.
    """

    tensors: tuple[RawTensor, ...]
    operators: tuple[RawOperator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    versions: Mapping[str, int]

    def __post_init__(self) -> None:
        assert all(tensor.index == place for place, tensor in enumerate(self.tensors))

    def with_tensors(self, changed: Mapping[int, RawTensor]) -> "Model":
        """The model with the tensors at these positions replaced."""
        return replace(self, tensors=tuple(changed.get(tensor.index, tensor) for tensor in self.tensors))


def read_model(contents: bytes) -> Model:
    """Reads a .tflite file.

    Raises:
      ModelError: if the file is damaged.
    """
    raw = parse(contents)
    table: Any = tflite.Model.GetRootAs(contents, 0)
    graph = table.Subgraphs(0)
    names = [(graph.Tensors(tensor.index).Name() or b"").decode("utf-8", "replace") for tensor in raw.tensors]
    codes = [table.OperatorCodes(place) for place in range(table.OperatorCodesLength())]
    used = [codes[graph.Operators(operator.index).OpcodeIndex()] for operator in raw.operators]
    versions: dict[str, int] = {}
    for operator, code in zip(raw.operators, used, strict=True):
        versions[operator.kind] = max(code.Version(), versions.get(operator.kind, 1))
    tensors = tuple(replace(tensor, name=name) for tensor, name in zip(raw.tensors, names, strict=True))
    return Model(tensors, raw.operators, raw.inputs, raw.outputs, versions)


def write_model(model: Model) -> bytes:
    """The model as a .tflite file's bytes."""
    builder = flatbuffers.Builder(4096)
    # Buffer 0 is empty by convention and stands for "no contents".
    constants = [tensor.index for tensor in model.tensors if tensor.contents is not None]
    places = {index: place for place, index in enumerate(constants, 1)}
    buffers = [_buffer(builder, None), *(_buffer(builder, model.tensors[index].contents) for index in constants)]
    kinds = list(dict.fromkeys(operator.kind for operator in model.operators))
    codes = [_operator_code(builder, kind, model.versions.get(kind, 1)) for kind in kinds]
    tensors = [_tensor(builder, tensor, places.get(tensor.index, 0)) for tensor in model.tensors]
    operators = [_operator(builder, operator, kinds.index(operator.kind)) for operator in model.operators]
    subgraph = _subgraph(builder, model, _offsets(builder, tensors), _offsets(builder, operators))
    code_vector, graph_vector = _offsets(builder, codes), _offsets(builder, [subgraph])
    buffer_vector, description = _offsets(builder, buffers), builder.CreateString("stjax")
    tflite.ModelStart(builder)
    tflite.ModelAddVersion(builder, 3)
    tflite.ModelAddOperatorCodes(builder, code_vector)
    tflite.ModelAddSubgraphs(builder, graph_vector)
    tflite.ModelAddDescription(builder, description)
    tflite.ModelAddBuffers(builder, buffer_vector)
    builder.Finish(tflite.ModelEnd(builder), b"TFL3")
    return bytes(builder.Output())


def _subgraph(builder: flatbuffers.Builder, model: Model, tensors: int, operators: int) -> int:
    inputs, outputs = _numbers(builder, model.inputs), _numbers(builder, model.outputs)
    name = builder.CreateString("main")
    tflite.SubGraphStart(builder)
    tflite.SubGraphAddTensors(builder, tensors)
    tflite.SubGraphAddInputs(builder, inputs)
    tflite.SubGraphAddOutputs(builder, outputs)
    tflite.SubGraphAddOperators(builder, operators)
    tflite.SubGraphAddName(builder, name)
    return tflite.SubGraphEnd(builder)


def _offsets(builder: flatbuffers.Builder, offsets: Sequence[int]) -> int:
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return builder.EndVector()


def _numbers(builder: flatbuffers.Builder, values: Sequence[int] | Sequence[float], dtype: str = "int32") -> int:
    return builder.CreateNumpyVector(np.asarray(values, dtype))


def _buffer(builder: flatbuffers.Builder, contents: np.ndarray | None) -> int:
    data = 0
    if contents is not None:
        # The file is written from its end: so that the bytes begin on a boundary, all that follows them is counted.
        builder.Prep(ALIGNMENT, contents.nbytes)
        data = builder.CreateNumpyVector(np.frombuffer(contents.tobytes(), np.uint8))
    tflite.BufferStart(builder)
    if data:
        tflite.BufferAddData(builder, data)
    return tflite.BufferEnd(builder)


def _operator_code(builder: flatbuffers.Builder, kind: str, version: int) -> int:
    code = getattr(tflite.BuiltinOperator, kind)
    tflite.OperatorCodeStart(builder)
    tflite.OperatorCodeAddDeprecatedBuiltinCode(builder, min(code, 127))
    tflite.OperatorCodeAddVersion(builder, version)
    tflite.OperatorCodeAddBuiltinCode(builder, code)
    return tflite.OperatorCodeEnd(builder)


def _tensor(builder: flatbuffers.Builder, tensor: RawTensor, buffer: int) -> int:
    name, shape = builder.CreateString(tensor.name), _numbers(builder, tensor.shape)
    quantization = 0 if tensor.quantization is None else _quantization(builder, tensor.quantization)
    tflite.TensorStart(builder)
    tflite.TensorAddShape(builder, shape)
    tflite.TensorAddType(builder, getattr(tflite.TensorType, tensor.dtype))
    tflite.TensorAddBuffer(builder, buffer)
    tflite.TensorAddName(builder, name)
    if quantization:
        tflite.TensorAddQuantization(builder, quantization)
    return tflite.TensorEnd(builder)


def _quantization(builder: flatbuffers.Builder, quantization: RawQuantization) -> int:
    scale = _numbers(builder, quantization.scale, "float32")
    zero_point = _numbers(builder, quantization.zero_point, "int64")
    tflite.QuantizationParametersStart(builder)
    tflite.QuantizationParametersAddScale(builder, scale)
    tflite.QuantizationParametersAddZeroPoint(builder, zero_point)
    tflite.QuantizationParametersAddQuantizedDimension(builder, quantization.axis)
    return tflite.QuantizationParametersEnd(builder)


def _operator(builder: flatbuffers.Builder, operator: RawOperator, code: int) -> int:
    table_type, table = _options(builder, operator)
    inputs, outputs = _numbers(builder, operator.inputs), _numbers(builder, operator.outputs)
    tflite.OperatorStart(builder)
    tflite.OperatorAddOpcodeIndex(builder, code)
    tflite.OperatorAddInputs(builder, inputs)
    tflite.OperatorAddOutputs(builder, outputs)
    if table_type:
        tflite.OperatorAddBuiltinOptionsType(builder, table_type)
        tflite.OperatorAddBuiltinOptions(builder, table)
    return tflite.OperatorEnd(builder)


def _options(builder: flatbuffers.Builder, operator: RawOperator) -> tuple[int, int]:
    """Type and offset of the table of options; (0, 0) for an operator that has none."""
    table = SHARED_TABLES.get(operator.kind, _camel(operator.kind) + "Options")
    code = getattr(tflite.BuiltinOptions, table, 0)
    if not code or not operator.options:
        return 0, 0
    fields = {name: _field(builder, name, value) for name, value in operator.options.items()}
    getattr(tflite, f"{table}Start")(builder)
    for name, value in fields.items():
        if value is not None:
            getattr(tflite, f"{table}Add{_camel(name)}")(builder, value)
    return code, getattr(tflite, f"{table}End")(builder)


def _field(builder: flatbuffers.Builder, name: str, value: object) -> object:
    if isinstance(value, str):
        enum = _ENUMS.get(name, tflite.TensorType)
        return getattr(enum, value)
    if isinstance(value, tuple):
        return _numbers(builder, value) if value else None
    return value


def _camel(name: str) -> str:
    return "".join(part.title() for part in name.split("_"))
