"""Ranges of all tensors of a model in float, by running it on data."""
# pyright: reportMissingImports=false, reportMissingModuleSource=false
# The type checker runs without the training packages.

import warnings
from collections.abc import Callable, Iterable, Iterator, Sized

import numpy as np
import tensorflow as tf

from export.tflite.grids import Range
from export.tflite.model import Model, write_model

Progress = Callable[[int, int | None], None]
"""Called with how many inputs are done, and how many there are, if that is known."""


def calibrate(model: Model, samples: Iterable[np.ndarray], progress: Progress | None = None) -> dict[int, Range]:
    """Lowest and highest value of every float tensor that is computed, over all samples.

    Args:
      model: in float, with one input.
      samples: inputs; read once, one at a time.
      progress: called after each.

    Raises:
      ValueError: if there is no sample, or one has another shape than the model's input or holds NaN or infinity.
    """
    interpreter = _interpreter(write_model(model))
    (source,) = model.inputs
    computed = {key for operator in model.operators for key in operator.outputs} | {source}
    watched = [key for key in sorted(computed) if model.tensors[key].dtype == "FLOAT32"]
    ranges: dict[int, Range] = {}
    total = len(samples) if isinstance(samples, Sized) else None
    for done, sample in enumerate(_checked(samples, model.tensors[source].shape), 1):
        interpreter.set_tensor(source, sample)
        interpreter.invoke()
        for key in watched:
            values = interpreter.get_tensor(key)
            low, high = float(values.min()), float(values.max())
            before = ranges.get(key, (low, high))
            ranges[key] = min(low, before[0]), max(high, before[1])
        if progress is not None:
            progress(done, total)
    if not ranges:
        raise ValueError("the calibration set is empty; the scales of activations come from it")
    return ranges


def _interpreter(contents: bytes) -> "tf.lite.Interpreter":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it recommends another package's interpreter
        interpreter = tf.lite.Interpreter(
            model_content=contents,
            experimental_preserve_all_tensors=True,
            # Delegates hide the tensors inside what they take over.
            experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        )
    interpreter.allocate_tensors()
    return interpreter


def _checked(samples: Iterable[np.ndarray], shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    for position, sample in enumerate(samples):
        sample = np.asarray(sample, np.float32)
        if sample.shape != shape:
            raise ValueError(f"calibration input {position} has shape {sample.shape}, the model takes {shape}")
        if not np.isfinite(sample).all():
            raise ValueError(f"calibration input {position} holds NaN or infinity")
        yield sample
