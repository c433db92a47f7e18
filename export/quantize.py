"""JAX functions to fully integer int8 TensorFlow Lite models, by post-training quantization.

The path is jax2tf, then TensorFlow's converter with a calibration set. It needs the training packages.
"""
# pyright: reportMissingImports=false, reportMissingModuleSource=false
# The type checker runs without the training packages.

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import tensorflow as tf
from jax.experimental import jax2tf

from verify.tflite.schema import parse


class QuantizationError(Exception):
    """The converter kept a part of the model in floating point."""


def to_int8_tflite(
    apply_fn: Callable, params: object, example_shape: Sequence[int], calibration: Iterable[np.ndarray]
) -> bytes:
    """Quantizes a model to int8, input and output included: per-channel weights, per-tensor activations.

    Padding, strides and activations become the operators' own attributes where TensorFlow's converter can fold them.

    Args:
      apply_fn: the model as a pure function (params, x) -> y with one float32 input and one output, such as a Flax
        module's `apply`. Traced once.
      params: its parameters; stored in the model as constants.
      example_shape: shape of x, batch included, such as (1, 64, 64, 3). The model has this shape only.
      calibration: float32 inputs of that shape, some tens, that span what the model will see. They fix the scales.

    Returns:
      The .tflite file's bytes. The same arguments and package versions give the same bytes on one machine; floating
      point may move a scale's last digit on another.

    Raises:
      ValueError: if the calibration set is empty, or one of its inputs has another shape or holds NaN or infinity.
      QuantizationError: if an operator of the result reads or writes floats; the message names it.
    """
    shape = tuple(example_shape)
    samples = [_checked(sample, position, shape) for position, sample in enumerate(calibration)]
    if not samples:
        raise ValueError("the calibration set is empty; the scales of activations come from it")

    def calibrate() -> Iterator[list[np.ndarray]]:
        return ([sample] for sample in samples)

    function = tf.function(
        jax2tf.convert(lambda x: apply_fn(params, x)),
        input_signature=[tf.TensorSpec(shape, tf.float32, name="input")],
        autograph=False,
    )
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function.get_concrete_function()], function)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = calibrate
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    model = bytes(converter.convert())
    _check_no_floats(model)
    return model


def _checked(sample: np.ndarray, position: int, shape: tuple[int, ...]) -> np.ndarray:
    sample = np.asarray(sample, np.float32)
    if sample.shape != shape:
        raise ValueError(f"calibration input {position} has shape {sample.shape}, the model takes {shape}")
    if not np.isfinite(sample).all():
        raise ValueError(f"calibration input {position} holds NaN or infinity")
    return sample


def _check_no_floats(contents: bytes) -> None:
    """The converter may leave a float island between DEQUANTIZE and QUANTIZE without a word."""
    model = parse(contents)
    for op in model.operators:
        used = [model.tensors[index] for index in (*op.inputs, *op.outputs) if index >= 0]
        if any(tensor.dtype == "FLOAT32" for tensor in used):
            name = model.tensors[op.outputs[0]].name
            raise QuantizationError(
                f'op {op.index} "{name}" ({op.kind}) works on float32: TensorFlow Lite has no int8 kernel for what the '
                "model computes there; write that part with operators that have one"
            )
