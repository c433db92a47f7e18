"""JAX functions to int8 TensorFlow Lite models: input, output and everything between.

The path is jax2tf, then TensorFlow's converter with a calibration set. It needs the training packages.
"""
# pyright: reportMissingImports=false, reportMissingModuleSource=false
# The type checker runs without the training packages.

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from jax.experimental import jax2tf

from tensorflow.lite.python.convert_phase import ConverterError

from export.tflite.clean import check_no_floats, compact, with_outputs, without_transposes
from export.tflite.layers import with_layer_names
from export.tflite.model import read_model, write_model
from export.tflite.rescale import Grid, spanning, with_grids, with_weight_bits
from export.tflite.trace import check_traceable, refusal

Progress = Callable[[int, int | None], None]
"""Called with how many calibration inputs are done, and how many there are, if that is known."""


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
) -> bytes:
    """Quantizes a model to int8: per-channel weights, per-tensor activations.

    Padding, strides and activations become the operators' own attributes where TensorFlow's converter can fold them.
    Tensors are named after the layers of `stjax.nn` that they belong to.

    Args:
      apply_fn: the model as a pure function (params, x) -> y of one float32 array, such as a Flax module's `apply`.
        Traced once. With `grids` it gives (y, {name: intermediate result}) instead.
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
      weight_bits: 8, or fewer to keep weights exactly that `stjax.quant` has put on a coarser grid; they are stored as
        int8 all the same.

    Returns:
      The .tflite file's bytes. The same arguments and package versions give the same bytes on one machine; floating
      point may move a scale's last digit on another.

    Raises:
      ValueError: if the calibration set is empty, one of its inputs has another shape or holds NaN or infinity, or a
        grid has a name that `apply_fn` does not give.
      ConversionError: if an operator of the result works on floats, moves data without need, or does not exist; the
        message names the layer.
    """
    shape = tuple(np.shape(example))
    samples = _checked(calibration, shape, progress)
    names: list[str] = []

    def function(x: Any) -> Any:
        if grids is None:
            return apply_fn(params, x)
        y, results = apply_fn(params, x)
        names[:] = results
        return (y, *results.values())

    check_traceable(function, shape)
    model = read_model(_convert(function, shape, samples))
    check_no_floats(model)
    model = without_transposes(model)
    places = dict(zip(names, model.outputs[1:], strict=True)) | {"input": model.inputs[0]}
    model = with_grids(model, _wanted(grids or {}, places, input_range))
    model = with_weight_bits(model, weight_bits) if weight_bits < 8 else model
    known = {place: name for name, place in places.items()}
    model = with_layer_names(with_outputs(model, model.outputs[:1]), known)
    return write_model(compact(model))


def _convert(function: Callable, shape: tuple[int, ...], samples: Iterator[np.ndarray]) -> bytes:
    traced = tf.function(
        jax2tf.convert(function), input_signature=[tf.TensorSpec(shape, tf.float32, name="input")], autograph=False
    )
    converter = tf.lite.TFLiteConverter.from_concrete_functions([traced.get_concrete_function()], traced)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([sample] for sample in samples)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    try:
        return bytes(converter.convert())
    except ConverterError as error:
        raise refusal(error, function, shape) from error


def _wanted(
    grids: Mapping[str, tuple[float, int]], places: Mapping[str, int], input_range: tuple[float, float] | None
) -> dict[int, Grid]:
    """Grids by position of the tensor."""
    if unknown := sorted(grids.keys() - places.keys()):
        raise ValueError(f"no intermediate result has the name {', '.join(unknown)}; there are {', '.join(places)}")
    wanted = {} if input_range is None else {places["input"]: spanning(*input_range)}
    return wanted | {places[name]: Grid(*grid) for name, grid in grids.items()}


def _checked(calibration: Iterable[np.ndarray], shape: tuple[int, ...], progress: Progress | None) -> Iterator[np.ndarray]:
    """The calibration inputs one by one; the first is looked at now, before the conversion's minutes."""
    total = len(calibration) if isinstance(calibration, (list, tuple)) else None
    inputs = enumerate(calibration)
    first = next(inputs, None)
    if first is None:
        raise ValueError("the calibration set is empty; the scales of activations come from it")

    def rest(sample: np.ndarray) -> Iterator[np.ndarray]:
        yield sample
        for position, sample in inputs:
            if progress is not None:
                progress(position, total)
            yield _checked_sample(sample, position, shape)
        if progress is not None:
            progress(position + 1, total)

    return rest(_checked_sample(first[1], 0, shape))


def _checked_sample(sample: np.ndarray, position: int, shape: tuple[int, ...]) -> np.ndarray:
    sample = np.asarray(sample, np.float32)
    if sample.shape != shape:
        raise ValueError(f"calibration input {position} has shape {sample.shape}, the model takes {shape}")
    if not np.isfinite(sample).all():
        raise ValueError(f"calibration input {position} holds NaN or infinity")
    return sample
