"""Weights of a quantized .tflite as floats, in the order of its operators. Needs the `tflite` package only.

real value = scale * (stored value - zero point), for kernels with one scale per output channel; it may be negative.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import tflite
from jaxtyping import Float

# A flatbuffers table. Its accessors may give None or 0 where a field is absent, so their types say little.
Table = Any

_DTYPES = {tflite.TensorType.INT8: np.int8, tflite.TensorType.INT32: np.int32, tflite.TensorType.FLOAT32: np.float32}
_KINDS = {
    tflite.BuiltinOperator.CONV_2D: "conv",
    tflite.BuiltinOperator.DEPTHWISE_CONV_2D: "depthwise",
    tflite.BuiltinOperator.FULLY_CONNECTED: "dense",
}


@dataclass(frozen=True)
class WeightedOperator:
    """An operator with a kernel.

    Attributes:
      kind: "conv", "depthwise" or "dense".
      name: of its output tensor.
      kernel: in stjax's layout: `kernel_height kernel_width in out`, with 1 for `in` if depthwise; `in out` if dense.
      bias: `out`; zeros if the operator has none.
    """

    kind: str
    name: str
    kernel: Float[np.ndarray, "*window inputs outputs"]
    bias: Float[np.ndarray, " outputs"]


def read_operators(contents: bytes) -> list[WeightedOperator]:
    """Convolutions and dense layers of the first subgraph, in order.

    Raises:
      ValueError: if the bytes are no .tflite, or a weight has an unknown type.
    """
    if not tflite.Model.ModelBufferHasIdentifier(contents, 0):
        raise ValueError("not a .tflite: the file identifier is missing")
    model: Table = tflite.Model.GetRootAsModel(contents, 0)
    graph: Table = model.Subgraphs(0)
    operators = (graph.Operators(i) for i in range(graph.OperatorsLength()))
    return [_read(model, graph, op, kind) for op in operators if (kind := _kind(model, op)) is not None]


def _kind(model: Table, operator: Table) -> str | None:
    code = model.OperatorCodes(operator.OpcodeIndex())
    # Codes up to 127 stand in the older, one-byte field.
    return _KINDS.get(max(code.BuiltinCode(), code.DeprecatedBuiltinCode()))


def _read(model: Table, graph: Table, operator: Table, kind: str) -> WeightedOperator:
    name = graph.Tensors(operator.Outputs(0)).Name().decode()
    kernel = _constant(model, graph, operator.Inputs(1))
    has_bias = operator.InputsLength() > 2 and operator.Inputs(2) >= 0
    if kind == "conv":
        kernel = kernel.transpose(1, 2, 3, 0)
    elif kind == "depthwise":
        kernel = kernel.transpose(1, 2, 0, 3)
    else:
        kernel = kernel.T
    bias = _constant(model, graph, operator.Inputs(2)) if has_bias else np.zeros(kernel.shape[-1], np.float32)
    return WeightedOperator(kind, name, np.ascontiguousarray(kernel), bias.reshape(-1))


def _constant(model: Table, graph: Table, index: int) -> Float[np.ndarray, "*shape"]:
    tensor = graph.Tensors(index)
    name = tensor.Name().decode()
    if tensor.Type() not in _DTYPES:
        raise ValueError(f'weights "{name}" have tensor type {tensor.Type()}; int8, int32 and float32 can be read')
    data = model.Buffers(tensor.Buffer()).DataAsNumpy()
    if isinstance(data, int):  # flatbuffers gives 0 for an absent vector
        raise ValueError(f'weights "{name}" are not stored in the model')
    stored = data.view(_DTYPES[tensor.Type()]).reshape(tensor.ShapeAsNumpy()).astype(np.float32)
    quantization = tensor.Quantization()
    if quantization is None or quantization.ScaleLength() == 0:
        return stored
    shape = [1] * stored.ndim
    if quantization.ScaleLength() > 1:
        shape[quantization.QuantizedDimension()] = -1
    scale = quantization.ScaleAsNumpy().astype(np.float32).reshape(shape)
    zero_point = quantization.ZeroPointAsNumpy().astype(np.float32).reshape(shape)
    return (stored - zero_point) * scale
