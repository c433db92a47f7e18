"""Small networks as int8 clip models, and what runtimes make of them."""

import jax
import numpy as np

from export.tflite import to_step, to_tflite
from export.tflite.model import read_model
from stjax import nn
from stjax.nn.layer import Layer
from tests.stjax.nn.stacks import random_variables
from tests.tiny_model import run_litert, run_tflm

RUNTIMES = {"litert": run_litert, "tflm": run_tflm}


def clips_like(shape: tuple[int, ...], count: int = 3, seed: int = 0) -> list[np.ndarray]:
    """Clips in [0, 1]."""
    rng = np.random.default_rng(seed)
    return [rng.uniform(0, 1, shape).astype(np.float32) for _ in range(count)]


def variables_of(layer: Layer, shape: tuple[int, ...], seed: int = 0) -> dict:
    """Random variables, batch normalization folded, scaled so that results neither vanish nor grow."""
    variables = nn.fold_batch_norm(random_variables(layer, np.zeros(shape, np.float32), seed))
    return jax.tree.map(lambda v: v / np.sqrt(max(1, v.size // v.shape[-1])) * 2, variables)


def convert(layer: Layer, shape: tuple[int, ...], **options) -> bytes:
    """A layer or network with random weights as a clip model."""
    return to_tflite(layer.apply, variables_of(layer, shape), np.zeros(shape), clips_like(shape), **options)


def random_frames(contents: bytes, count: int, seed: int = 0) -> np.ndarray:
    """int8 frames that a clip model takes."""
    model = read_model(contents)
    shape = (count, *model.tensors[model.inputs[0]].shape[1:])
    return np.random.default_rng(seed).integers(-128, 128, shape).astype(np.int8)


def stream(clip_model: bytes, frames: np.ndarray, runtime: str) -> np.ndarray:
    """Results of the step model on one frame after the other, those of the warm-up left out."""
    step = to_step(clip_model)
    model = read_model(step.contents)
    inputs = [model.tensors[key] for key in model.inputs[1:]]
    states = [np.full(state.shape, state.quantization.zero_point[0], np.int8) for state in inputs]
    results = []
    for frame in frames:
        result, *states = RUNTIMES[runtime](step.contents, [frame[None], *states])
        results.append(result)
    return np.concatenate(results[step.warmup_frames :])


def kinds(contents: bytes) -> list[str]:
    return [operator.kind for operator in read_model(contents).operators]
