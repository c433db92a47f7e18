"""JAX functions to int8 TensorFlow Lite models: input, output and everything between.

The operators are those that jax2tf and TensorFlow's converter make in float. They are quantized here, not by the
converter: it leaves float islands where several slices of one tensor meet, and gives a tensor that is read by a
concatenation the range of what is concatenated.
"""
# pyright: reportMissingImports=false, reportMissingModuleSource=false
# The type checker runs without the training packages.

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from jax.experimental import jax2tf
from tensorflow.lite.python.convert_phase import ConverterError

from export.tflite.calibrate import Progress, calibrate
from export.tflite.clean import compact, with_outputs, without_transposes
from export.tflite.grids import Grid, spanning
from export.tflite.layers import with_layer_names
from export.tflite.model import read_model, write_model
from export.tflite.quantize import quantize, with_packed_weights
from export.tflite.trace import check_traceable, last_place, refusal


def to_tflite(
    apply_fn: Callable[[Any, Any], Any],
    params: object,
    example: np.ndarray,
    calibration: Iterable[np.ndarray],
    progress: Progress | None = None,
    *,
    input_range: tuple[float, float] | None = None,
    grids: Mapping[str, tuple[float, int]] | None = None,
    weight_bits: int = 8,
    activation_bits: int = 8,
    pack_weights: bool = False,
) -> bytes:
    """Quantizes a model to int8: per-channel weights, per-tensor activations (of int16, where that is asked for).

    Padding, strides and activations become the operators' own attributes where TensorFlow's converter can fold them.
    Tensors are named after the layers of `stjax.nn` that they belong to.

    Args:
      apply_fn: the model as a pure function (params, x) -> y of one float32 array, such as a Flax module's `apply`;
        y is an array, or a tuple of arrays for a model of several outputs. With `grids` it gives
        (y, {name: intermediate result}) instead.
      params: its parameters; stored in the model as constants.
      example: an input such as a clip [time, height, width, channels]; only its shape matters, and the model has this
        shape only.
      calibration: float32 inputs of that shape, some tens, that span what the model will see. They fix the scales. Read
        once, one at a time.
      progress: called after each calibration input.
      input_range: lowest and highest value of the input, where that is known better than from the calibration set:
        (0, 1) makes the model's input an image's bytes minus 128.
      grids: scale and zero point of intermediate results by the names that `apply_fn` gives them, and of the input by
        the name "input", as `stjax.quant` has learned them. What is not named is calibrated.
      weight_bits: 8, or fewer to give weights a coarser grid; they are stored as int8 all the same.
      activation_bits: 8, or 16: twice the SRAM and finer steps, with zero points 0. An input in [0, 1] is then a pixel
        times 32767 / 255. Not with `grids`, which are of 8 bits.
      pack_weights: store two weights in a byte, as int4. LiteRT runs such models; TensorFlow Lite Micro does except for
        FULLY_CONNECTED. The planner reads them as int8; `verify.plan --packed-weights` stores them so in flash, too.

    Returns:
      The .tflite file's bytes. The same arguments and package versions give the same bytes on one machine; floating
      point may move a scale's last digit on another.

    Raises:
      ValueError: if the calibration set is empty, one of its inputs has another shape or holds NaN or infinity, a
        grid has a name that `apply_fn` does not give, `weight_bits` is not from 2 to 8, or more than 4 are packed,
        or `activation_bits` is neither 8 nor 16, or 16 with `grids`.
      ConversionError: if the model has an operator without an int8 kernel, or one that moves data without need; the
        message names its layer.
    """
    if not 2 <= weight_bits <= 8:
        raise ValueError(f"weight_bits (={weight_bits}) must be from 2 to 8")
    if pack_weights and weight_bits > 4:
        raise ValueError(f"weights of {weight_bits} bits do not go two in a byte; weight_bits must be at most 4")
    if activation_bits not in (8, 16) or (activation_bits == 16 and grids is not None):
        raise ValueError(f"activation_bits (={activation_bits}) must be 8, or 16 without `grids`, which are of 8 bits")
    names: list[str] = []
    count = 1

    def function(x: Any) -> Any:
        nonlocal count
        y, results = (apply_fn(params, x), {}) if grids is None else apply_fn(params, x)
        names[:] = results
        outputs = y if isinstance(y, tuple) else (y,)
        count = len(outputs)
        return (*outputs, *results.values()) if results or count > 1 else outputs[0]

    model = without_transposes(read_model(_convert(function, np.shape(example))))
    places = {"input": model.inputs[0]} | dict(zip(names, model.outputs[count:], strict=True))
    model = with_outputs(model, model.outputs[:count])
    wanted = _wanted(grids or {}, places, input_range, activation_bits)
    model = quantize(model, calibrate(model, calibration, progress), wanted, weight_bits, activation_bits)
    model = with_packed_weights(model) if pack_weights else model
    known = {key: name for name, key in places.items()}
    if count == 1 and (place := last_place(lambda x: apply_fn(params, x), np.shape(example))):
        known.setdefault(model.outputs[0], place)
    return write_model(compact(with_layer_names(model, known)))


def _convert(function: Callable, shape: tuple[int, ...]) -> bytes:
    """The function as a .tflite file in float."""
    check_traceable(function, shape)
    traced = tf.function(
        jax2tf.convert(function), input_signature=[tf.TensorSpec(shape, tf.float32, name="input")], autograph=False
    )
    converter = tf.lite.TFLiteConverter.from_concrete_functions([traced.get_concrete_function()], traced)
    try:
        return bytes(converter.convert())
    except ConverterError as error:
        raise refusal(error, function, shape) from error


def _wanted(
    grids: Mapping[str, tuple[float, int]],
    places: Mapping[str, int],
    input_range: tuple[float, float] | None,
    bits: int,
) -> dict[int, Grid]:
    """Grids by position of the tensor."""
    if unknown := sorted(grids.keys() - places.keys()):
        raise ValueError(f"no intermediate result has the name {', '.join(unknown)}; there are {', '.join(places)}")
    wanted = {} if input_range is None else {places["input"]: spanning(*input_range, bits)}
    return wanted | {places[name]: Grid(*grid) for name, grid in grids.items()}
