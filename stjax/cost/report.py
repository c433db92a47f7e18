"""Cost of a function or a model: by layer and in total, for a whole clip or for one streamed frame."""

import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from stjax.cost import arithmetic, memory
from stjax.cost.program import Program, flatten
from stjax.nn.layer import FrameShape, Layer
from stjax.nn.norm import fold_batch_norm

# Bytes of one bias in an int8 model.
BIAS_BYTES = 4


@dataclass(frozen=True)
class LayerCost:
    """Cost of one layer.

    Attributes:
      name: its place in the model, "block0.expand"; "" for what belongs to none.
      output_shape: shape of the last array it makes.
      parameters: how many numbers it holds.
      weight_bytes: those as int8 kernels and int32 biases.
      macs: multiply-accumulates.
      flops: floating-point operations, two per MAC.
      peak_bytes: most bytes of activations alive while it runs, one per element.
    """

    name: str
    output_shape: tuple[int, ...]
    parameters: int
    weight_bytes: int
    macs: int
    flops: int
    peak_bytes: int


@dataclass(frozen=True)
class Cost:
    """Cost of a function.

    Attributes:
      layers: in the order in which they run first.
      peak_bytes: most bytes of activations alive at once, one per element, input and output included.
      peak_float_bytes: the same with four bytes per float.
      state_bytes: what is kept between frames, one byte per element; it counts in the peaks too.
    """

    layers: tuple[LayerCost, ...]
    peak_bytes: int
    peak_float_bytes: int
    state_bytes: int = 0

    @property
    def macs(self) -> int:
        return sum(layer.macs for layer in self.layers)

    @property
    def flops(self) -> int:
        return sum(layer.flops for layer in self.layers)

    @property
    def parameters(self) -> int:
        return sum(layer.parameters for layer in self.layers)

    @property
    def weight_bytes(self) -> int:
        return sum(layer.weight_bytes for layer in self.layers)


def measure(function: Callable, parameters: Any, *inputs: Any) -> Cost:
    """Cost of `function(parameters, *inputs)`, from its trace. Nothing is computed.

    Args:
      function: any function that JAX can trace, of Flax modules or not.
      parameters: a pytree; what is computed from it alone costs nothing.
      inputs: pytrees of arrays, or of `jax.ShapeDtypeStruct`.

    Raises:
      CostError: for a loop whose number of rounds is not known while tracing.
    """
    traced = jax.make_jaxpr(function)(parameters, *inputs)
    constants = len(jax.tree.leaves(parameters))
    total = len(jax.tree.leaves((parameters, inputs)))
    program = flatten(traced, [i < constants for i in range(total)])
    floats = memory.peak_bytes(program, int8=False)
    return Cost(_layers(program, parameters), memory.peak_bytes(program, int8=True), floats)


def clip_cost(model: Layer, clip_shape: tuple[int, ...]) -> Cost:
    """Cost of a model's clip face, batch normalization folded.

    Args:
      model: any layer.
      clip_shape: time, height, width, channels.
    """
    clip = jax.ShapeDtypeStruct(tuple(clip_shape), jnp.float32)
    return measure(model.apply, _folded_shapes(model, clip), clip)


def step_cost(model: Layer, frame_shape: FrameShape) -> Cost:
    """Cost of one streamed frame: the step face, batch normalization folded.

    Args:
      model: any layer.
      frame_shape: height, width, channels.
    """
    frame = jax.ShapeDtypeStruct(tuple(frame_shape), jnp.float32)
    clip = jax.ShapeDtypeStruct((model.warmup_frames + 1, *frame_shape), jnp.float32)
    state = jax.eval_shape(lambda: model.init_state(tuple(frame_shape)))

    def step(parameters: Any, state: Any, frame: Any) -> Any:
        return model.apply(parameters, state, frame, method="step")

    cost = measure(step, _folded_shapes(model, clip), state, frame)
    kept = sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(state))
    return Cost(cost.layers, cost.peak_bytes, cost.peak_float_bytes, kept)


def _folded_shapes(model: Layer, clip: jax.ShapeDtypeStruct) -> Any:
    variables = jax.eval_shape(model.init, jax.random.key(0), clip)
    return jax.eval_shape(fold_batch_norm, variables)


def _layers(program: Program, parameters: Any) -> tuple[LayerCost, ...]:
    counts, sizes = _parameters_by_layer(parameters)
    int8 = memory.live_bytes(program, int8=True)
    names = list(dict.fromkeys([*(operation.layer for operation in program.operations), *counts]))
    rows = []
    for name in names:
        own = [(time, op) for time, op in enumerate(program.operations) if op.layer == name]
        active = [(time, op) for time, op in own if not program.values[op.outputs[0]].constant]
        if name not in counts and all(op.kind in memory.VIEWS for _, op in active):
            continue
        rows.append(
            LayerCost(
                name=name,
                output_shape=program.values[active[-1][1].outputs[0]].shape if active else (),
                parameters=counts.get(name, 0),
                weight_bytes=sizes.get(name, 0),
                macs=sum(arithmetic.macs(program, op) for _, op in own),
                flops=sum(arithmetic.flops(program, op) for _, op in own),
                peak_bytes=max((int8[time] for time, _ in active), default=0),
            )
        )
    return tuple(rows)


def _parameters_by_layer(parameters: Any) -> tuple[dict[str, int], dict[str, int]]:
    """Numbers, and bytes as an int8 model stores them, under the path of the module that owns them."""
    counts: dict[str, int] = defaultdict(int)
    sizes: dict[str, int] = defaultdict(int)
    for path, leaf in jax.tree_util.tree_leaves_with_path(parameters):
        keys = [str(getattr(key, "key", getattr(key, "idx", key))) for key in path]
        name = ".".join(keys[1 if keys[:1] == ["params"] else 0 : -1])
        size = math.prod(leaf.shape)
        counts[name] += size
        sizes[name] += size * (BIAS_BYTES if len(leaf.shape) == 1 else 1)
    return counts, sizes
