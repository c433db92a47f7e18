"""Builds small .tflite files from operator descriptions and runs them on the two oracles.

A model is a chain of `OperatorSource`, the very objects that `from_tflite` reads, so one description serves operator,
reader and oracle. Tensors are told apart by `Tensor.index`; give every tensor of a model its own.
"""

import itertools
from collections.abc import Mapping, Sequence

import flatbuffers
import numpy as np
import tflite

from verify.graph.graph import Node
from verify.graph.tensor import DType, Quantization, Tensor
from verify.ops.base import Op, OperatorSource
from verify.ops.registry import for_types, operators

# Where the table of options is not named like the operator.
OPTION_TABLES = {
    "AVERAGE_POOL_2D": "Pool2DOptions",
    "BATCH_MATMUL": "BatchMatMulOptions",
    "SVDF": "SVDFOptions",
    "UNIDIRECTIONAL_SEQUENCE_LSTM": "UnidirectionalSequenceLSTMOptions",
    "MAX_POOL_2D": "Pool2DOptions",
    "MEAN": "ReducerOptions",
    "SUM": "ReducerOptions",
    "L2_NORMALIZATION": "L2NormOptions",
    "REDUCE_MAX": "ReducerOptions",
    "REDUCE_MIN": "ReducerOptions",
    "PADV2": "PadV2Options",
    "MAXIMUM": "MaximumMinimumOptions",
    "MINIMUM": "MaximumMinimumOptions",
    "SPACE_TO_BATCH_ND": "SpaceToBatchNDOptions",
    "BATCH_TO_SPACE_ND": "BatchToSpaceNDOptions",
}
ENUMS = {
    "padding": tflite.Padding,
    "mode": tflite.MirrorPadMode,
    "fused_activation_function": tflite.ActivationFunctionType,
}


def activation(
    index: int, shape: Sequence[int], scale: float = 1.0, zero_point: int = 0, dtype: DType = DType.INT8
) -> Tensor:
    """A tensor without contents, quantized per tensor."""
    quantization = None if dtype is DType.FLOAT32 else Quantization((float(np.float32(scale)),), (zero_point,))
    return Tensor(index, f"t{index}", tuple(shape), dtype, quantization)


def constant(
    index: int,
    data: np.ndarray,
    scale: float | Sequence[float] | None = None,
    zero_point: int | Sequence[int] = 0,
    axis: int = 0,
) -> Tensor:
    """A constant; several scales mean per channel along `axis`, None means not quantized."""
    quantization = None
    if scale is not None:
        scales = tuple(float(np.float32(s)) for s in np.atleast_1d(scale))
        points = tuple(int(z) for z in np.broadcast_to(zero_point, len(scales)))
        quantization = Quantization(scales, points, axis)
    return Tensor(index, f"c{index}", data.shape, DType(data.dtype.name), quantization, data)


def node_of(source: OperatorSource, op: Op | None = None, index: int = 0) -> Node:
    """The graph node of one operator, as a reader would make it without any rewriting."""
    op = for_types(operators()[source.kind], source).from_tflite(source) if op is None else op
    inputs = [source.inputs[position] for position in op.operands]
    assert all(tensor is not None for tensor in inputs)
    return Node(
        index,
        source.outputs[0].name,
        op,
        tuple(t.index for t in inputs if t is not None),
        tuple(t.index for t in source.outputs),
        tuple(t.shape for t in inputs if t is not None),
        op.sees_results or tuple(t.shape for t in source.outputs),
    )


def camel(name: str) -> str:
    return "".join(part.title() for part in name.split("_"))


def vector(builder: flatbuffers.Builder, offsets: Sequence[int]) -> int:
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return builder.EndVector()


def integers(builder: flatbuffers.Builder, values: Sequence[int], dtype: str = "int32") -> int:
    return builder.CreateNumpyVector(np.asarray(values, dtype))


def build_options(builder: flatbuffers.Builder, kind: str, options: Mapping[str, object]) -> tuple[int, int]:
    """Writes the options table of one operator; returns its type code and offset, (0, 0) where it has none."""
    table = OPTION_TABLES.get(kind, camel(kind) + "Options")
    code = getattr(tflite.BuiltinOptions, table, 0)
    if not code:
        assert not options, f"{kind} takes no options"
        return 0, 0
    values: dict[str, object] = {}
    for name, value in options.items():
        if isinstance(value, str):
            value = getattr(ENUMS[name], value) if name in ENUMS else builder.CreateString(value)
        elif isinstance(value, (tuple, list)):
            value = integers(builder, value)
        values[name] = value
    getattr(tflite, f"{table}Start")(builder)
    for name, value in values.items():
        getattr(tflite, f"{table}Add{camel(name)}")(builder, value)
    return code, getattr(tflite, f"{table}End")(builder)


def build_quantization(builder: flatbuffers.Builder, quantization: Quantization) -> int:
    scale = builder.CreateNumpyVector(np.asarray(quantization.scale, np.float32))
    zero_point = integers(builder, quantization.zero_point, "int64")
    tflite.QuantizationParametersStart(builder)
    tflite.QuantizationParametersAddScale(builder, scale)
    tflite.QuantizationParametersAddZeroPoint(builder, zero_point)
    tflite.QuantizationParametersAddQuantizedDimension(builder, quantization.axis)
    return tflite.QuantizationParametersEnd(builder)


def build_tensor(builder: flatbuffers.Builder, tensor: Tensor, buffer: int, variable: bool = False) -> int:
    name = builder.CreateString(tensor.name)
    shape = integers(builder, tensor.shape)
    quantization = build_quantization(builder, tensor.quantization) if tensor.quantization else 0
    tflite.TensorStart(builder)
    tflite.TensorAddShape(builder, shape)
    tflite.TensorAddType(builder, getattr(tflite.TensorType, tensor.dtype.name))
    tflite.TensorAddBuffer(builder, buffer)
    tflite.TensorAddName(builder, name)
    tflite.TensorAddIsVariable(builder, variable)
    if quantization:
        tflite.TensorAddQuantization(builder, quantization)
    return tflite.TensorEnd(builder)


def build_buffer(builder: flatbuffers.Builder, data: np.ndarray | None) -> int:
    content = 0
    if data is not None:
        # TFLite wants buffers on 16-byte boundaries.
        raw = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
        builder.Prep(16, len(raw) + 4)
        content = builder.CreateNumpyVector(raw)
    tflite.BufferStart(builder)
    if content:
        tflite.BufferAddData(builder, content)
    return tflite.BufferEnd(builder)


def build_operator(builder: flatbuffers.Builder, source: OperatorSource, code: int, places: Mapping[int, int]) -> int:
    options_type, options = build_options(builder, source.kind, source.options)
    inputs = integers(builder, [-1 if t is None else places[t.index] for t in source.inputs])
    outputs = integers(builder, [places[t.index] for t in source.outputs])
    tflite.OperatorStart(builder)
    tflite.OperatorAddOpcodeIndex(builder, code)
    tflite.OperatorAddInputs(builder, inputs)
    tflite.OperatorAddOutputs(builder, outputs)
    if options:
        tflite.OperatorAddBuiltinOptionsType(builder, options_type)
        tflite.OperatorAddBuiltinOptions(builder, options)
    return tflite.OperatorEnd(builder)


def build_operator_code(builder: flatbuffers.Builder, kind: str, version: int) -> int:
    code = getattr(tflite.BuiltinOperator, kind)
    tflite.OperatorCodeStart(builder)
    tflite.OperatorCodeAddDeprecatedBuiltinCode(builder, min(code, 127))
    tflite.OperatorCodeAddVersion(builder, version)
    tflite.OperatorCodeAddBuiltinCode(builder, code)
    return tflite.OperatorCodeEnd(builder)


def tensors_of(sources: Sequence[OperatorSource]) -> list[Tensor]:
    found: dict[int, Tensor] = {}
    for source in sources:
        for tensor in (*source.inputs, *source.outputs):
            if tensor is not None:
                assert found.setdefault(tensor.index, tensor) is tensor, f"two tensors share index {tensor.index}"
    return list(found.values())


def build_model(
    sources: Sequence[OperatorSource],
    inputs: Sequence[Tensor] | None = None,
    outputs: Sequence[Tensor] | None = None,
    versions: Mapping[str, int] | None = None,
    more: Sequence[Sequence[OperatorSource]] = (),
    signatures: Sequence[str] = (),
    variables: Sequence[Tensor] = (),
) -> bytes:
    """A .tflite file of these operators in order.

    Args:
      sources: operators, in execution order.
      inputs: model inputs; where None, every activation that no operator produces, in order of first use.
      outputs: model outputs; where None, every result that no operator reads.
      versions: operator versions other than 1, by kind (LiteRT asks for 2 or more for some int8 kernels).
      more: operators of further subgraphs.
      signatures: names of signatures, one for each of the first subgraphs.
      variables: tensors that the file marks as variable; they are no inputs.
    """
    builder = flatbuffers.Builder(1024)
    graphs = [_Subgraph(sources, inputs, outputs, variables), *(_Subgraph(listed, None, None, ()) for listed in more)]
    kinds = list(dict.fromkeys(source.kind for graph in graphs for source in graph.sources))
    codes = [build_operator_code(builder, kind, (versions or {}).get(kind, 1)) for kind in kinds]
    # Buffer 0 is empty by convention and stands for "no contents".
    contents: list[np.ndarray | None] = [
        None,
        *(t.data for graph in graphs for t in graph.tensors if t.data is not None),
    ]
    buffers = [build_buffer(builder, data) for data in contents]
    first, subgraphs = 1, list[int]()
    for graph in graphs:
        subgraphs.append(graph.build(builder, kinds, first))
        first += sum(t.data is not None for t in graph.tensors)
    named = [_signature(builder, name, number) for number, name in enumerate(signatures)]
    vectors = [vector(builder, offsets) for offsets in (codes, subgraphs, buffers, named)]
    tflite.ModelStart(builder)
    tflite.ModelAddVersion(builder, 3)
    tflite.ModelAddOperatorCodes(builder, vectors[0])
    tflite.ModelAddSubgraphs(builder, vectors[1])
    tflite.ModelAddBuffers(builder, vectors[2])
    if signatures:
        tflite.ModelAddSignatureDefs(builder, vectors[3])
    builder.Finish(tflite.ModelEnd(builder), b"TFL3")
    return bytes(builder.Output())


class _Subgraph:
    """Operators with the ends of their network, as `build_model` takes them."""

    def __init__(
        self,
        sources: Sequence[OperatorSource],
        inputs: Sequence[Tensor] | None,
        outputs: Sequence[Tensor] | None,
        variables: Sequence[Tensor],
    ):
        found = {t.index: t for t in (*tensors_of(sources), *(inputs or ()), *(outputs or ()))}
        self.sources, self.tensors, self.variables = sources, list(found.values()), {t.index for t in variables}
        made = {t.index for s in sources for t in s.outputs}
        used = {t.index for s in sources for t in s.inputs if t is not None}
        given = [t for t in self.tensors if t.data is None and t.index not in made | self.variables]
        self.inputs = given if inputs is None else inputs
        self.outputs = [t for t in self.tensors if t.index in made - used] if outputs is None else outputs

    def build(self, builder: flatbuffers.Builder, kinds: Sequence[str], first: int) -> int:
        """Writes it; its constants have the buffers from number `first` on."""
        places = {tensor.index: place for place, tensor in enumerate(self.tensors)}
        buffers = dict(zip((t.index for t in self.tensors if t.data is not None), itertools.count(first), strict=False))
        tensors = [build_tensor(builder, t, buffers.get(t.index, 0), t.index in self.variables) for t in self.tensors]
        operators_ = [build_operator(builder, s, kinds.index(s.kind), places) for s in self.sources]
        parts = [vector(builder, offsets) for offsets in (tensors, operators_)]
        ends = [integers(builder, [places[t.index] for t in end]) for end in (self.inputs, self.outputs)]
        name = builder.CreateString("main")
        tflite.SubGraphStart(builder)
        tflite.SubGraphAddTensors(builder, parts[0])
        tflite.SubGraphAddInputs(builder, ends[0])
        tflite.SubGraphAddOutputs(builder, ends[1])
        tflite.SubGraphAddOperators(builder, parts[1])
        tflite.SubGraphAddName(builder, name)
        return tflite.SubGraphEnd(builder)


def _signature(builder: flatbuffers.Builder, name: str, subgraph: int) -> int:
    key = builder.CreateString(name)
    tflite.SignatureDefStart(builder)
    tflite.SignatureDefAddSignatureKey(builder, key)
    tflite.SignatureDefAddSubgraphIndex(builder, subgraph)
    return tflite.SignatureDefEnd(builder)


def run_tflm(model: bytes, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Outputs of TensorFlow Lite Micro's reference kernels."""
    from tflite_micro.python.tflite_micro import runtime

    # The default, ten times the file, is too little for models without weights.
    interpreter = runtime.Interpreter.from_bytes(model, arena_size=16 << 20)
    for position, array in enumerate(inputs):
        interpreter.set_input(array, position)
    interpreter.invoke()
    count = tflite.Model.GetRootAs(model).Subgraphs(0).OutputsLength()
    return [interpreter.get_output(position) for position in range(count)]


def run_litert(model: bytes, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Outputs of LiteRT's reference kernels (BUILTIN_REF)."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    interpreter = Interpreter(model_content=model, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    for detail, array in zip(interpreter.get_input_details(), inputs, strict=True):
        interpreter.set_tensor(detail["index"], array)
    interpreter.invoke()
    return [interpreter.get_tensor(detail["index"]) for detail in interpreter.get_output_details()]
