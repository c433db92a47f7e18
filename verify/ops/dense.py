"""How FULLY_CONNECTED is read where it is not as a convolution: one scale for all weights, weights that are computed.

Sources: tensorflow/lite/micro/kernels/fully_connected_common.cc (the per-tensor product of scales is a float32).
"""

import numpy as np

from verify.graph.tensor import Quantization
from verify.ops.base import OperatorSource
from verify.ops.batch_matmul import BatchMatmul
from verify.ops.operand_checks import require_shape, unsupported
from verify.ops.rows import check_shape
from verify.ops.weights import Rescale, fused_range, int8_scale, read_bias, rescale


def matrix_rescale(source: OperatorSource, weights: Quantization) -> Rescale:
    """The one multiplier of per-tensor weights."""
    input_scale, _ = int8_scale(source, source.inputs[0])
    output_scale, zero_point = int8_scale(source, source.outputs[0])
    product = float(np.float32(input_scale) * np.float32(weights.scale[0]))
    return rescale([product / output_scale], zero_point, fused_range(source))


def computed(source: OperatorSource) -> BatchMatmul:
    """FULLY_CONNECTED of two activations: each vector times each row of the second operand.

    Raises:
      UnsupportedError: if the result is not the first operand's vectors, in its own axes.
    """
    x, weights, output = source.inputs[0], source.inputs[1], source.outputs[0]
    assert x is not None
    assert weights is not None
    for tensor in (x, weights, output):
        check_shape(source.kind, tensor.shape)
    if len(weights.shape) != 2 or len(x.shape) < 2 or x.shape[-1] != weights.shape[1]:
        rule = "the input must end in as many elements as the weights' second axis has"
        raise unsupported("FULLY_CONNECTED of these shapes", rule, f"{x.shape} and {weights.shape}")
    require_shape(source.kind, output, (*x.shape[:-1], weights.shape[0]))
    last = len(x.shape) - 1
    int8_scale(source, output)
    low, high = fused_range(source)
    more = {"low": low, "high": high, "bias": read_bias(source, weights.shape[0])}
    return BatchMatmul.of(source, ((*range(last), None), (last, None)), **more)
