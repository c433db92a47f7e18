"""Fake quantization of stjax's layers from outside: their code stays as it is.

Every kernel and every result of a layer passes through `Layer.tap`, which Flax lets us intercept. What int8 runtimes
compute on one grid is simulated on one grid: a layer that only moves, compares or averages stored values gets the grid
of its input. To know that, grids are remembered by the arrays that are on them, while the network is traced.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import flax.linen as linen
import jax
import jax.numpy as jnp
from jax import lax

from stjax.nn import DepthwiseConv3D, GlobalPool, Layer, Pool, TemporalPool, TemporalShift, Weighted
from stjax.nn.norm import BATCH_AXIS
from stjax.quant.config import QuantConfig
from stjax.quant.fake import Range, fake_quantize, fake_quantize_weights

COLLECTION = "ranges"
"""Flax collection of the moving averages."""

LOW, HIGH, STEPS = "range_low", "range_high", "range_steps"


@contextlib.contextmanager
def fake_quantized(config: QuantConfig) -> Iterator[None]:
    """Inside, `init` and `apply` of stjax's layers and networks are fake-quantized.

        with fake_quantized(config):
            variables = network.init(key, clip)                          # has ranges too
            logits, new = network.apply(variables, clip, mutable=["ranges"])    # observes and quantizes
            logits = network.apply(variables, clip)                      # quantizes

    Under `jax.jit` it must be entered inside the compiled function.
    """
    with linen.intercept_methods(_Interceptor(config)):
        yield


def fixed_range(module: Layer, bits: int) -> Range | None:
    """The range of an activation whose int8 kernel has one grid only; None for other layers."""
    name = module.activation if isinstance(module, Weighted) else getattr(module, "function", None)
    ends = {"sigmoid": (0.0, 1.0 - 2.0**-bits), "tanh": (-1.0, 1.0 - 2.0 ** (1 - bits))}.get(name or "")
    return ends and Range(*map(jnp.float32, ends))


@dataclass
class _Face:
    """A layer's face while it runs.

    Args:
      source: the frames that went in.
      span: range of the grid on which its result is, once that is known.
    """

    source: jax.Array
    span: Range | None = None


class _Interceptor:
    """Replaces the calls of `tap`, and follows those of `_face` to know what goes in and out of layers."""

    def __init__(self, config: QuantConfig) -> None:
        self._config = config
        self._faces: list[_Face] = []
        self._known: list[tuple[jax.Array, Range]] = []

    def __call__(
        self,
        call: Callable[..., Any],
        arguments: tuple[Any, ...],
        options: Mapping[str, Any],
        context: linen.module.InterceptorContext,
    ) -> Any:
        if context.method_name == "tap":
            role, value = arguments
            # Called on, so that others who intercept it see what the network computes with.
            assert isinstance(context.module, Layer)
            return call(role, self._tap(context.module, role, value))
        if context.method_name == "_face":
            return self._face(call, *arguments)
        return call(*arguments, **options)

    def _face(self, call: Callable[..., Any], face: str, *arguments: Any) -> Any:
        # The step face takes (state, frame, live) and gives (state, frame, live); others take clips.
        place = 1 if face == "_advance" else 0
        inputs = list(arguments)
        outermost = not self._faces
        if outermost:
            inputs[place] = self._input(inputs[place])
        self._faces.append(_Face(inputs[place]))
        try:
            result = call(face, *inputs)
            frames = result if place == 0 else result[1]
            if isinstance(frames, tuple):  # several answers, of layers that have noted theirs
                return result
            done = self._faces[-1]
            span = done.span or self._span_of(done.source)
            if span is not None and self._span_of(frames) is None:
                self._known.append((frames, span))
            return result
        finally:
            self._faces.pop()
            if outermost:
                self._known.clear()

    def _input(self, frames: jax.Array) -> jax.Array:
        if self._config.activation_bits is None:
            return frames
        span = Range(*map(jnp.float32, self._config.input_range))
        frames = fake_quantize(frames, span, self._config.activation_bits)
        self._known.append((frames, span))
        return frames

    def _span_of(self, frames: jax.Array) -> Range | None:
        return next((span for known, span in self._known if known is frames), None)

    def _tap(self, module: Layer, role: str, value: jax.Array) -> jax.Array:
        if role == "kernel":
            bits = self._config.weight_bits
            return value if bits is None else fake_quantize_weights(value, bits, _channel_axes(module))
        if role != "output" or self._config.activation_bits is None:
            return value
        return self._result(module, value, self._config.activation_bits)

    def _result(self, module: Layer, value: jax.Array, bits: int) -> jax.Array:
        face = self._faces[-1]
        face.span = fixed_range(module, bits) or (self._span_of(face.source) if _keeps_grid(module) else None)
        early: jax.Array | bool = False
        if face.span is None:
            face.span, early = self._own_range(module, value)
        if not module.is_initializing():
            value = jnp.where(early, value, fake_quantize(value, face.span, bits))
        self._known.append((value, face.span))
        return value

    def _own_range(self, module: Layer, value: jax.Array) -> tuple[Range, jax.Array | bool]:
        """The range of a layer's results, and whether it is too early to quantize them."""
        if self._config.ranges == "learned":
            low = module.param(LOW, linen.initializers.constant(-1.0), ())
            high = module.param(HIGH, linen.initializers.constant(1.0), ())
            return Range(low, high), False
        low = module.variable(COLLECTION, LOW, jnp.zeros, ())
        high = module.variable(COLLECTION, HIGH, jnp.zeros, ())
        steps = module.variable(COLLECTION, STEPS, jnp.zeros, (), jnp.int32)
        if module.is_mutable_collection(COLLECTION) and not module.is_initializing():
            new = batch_range(lax.stop_gradient(value))
            keep = jnp.where(steps.value == 0, 0.0, self._config.momentum)
            low.value = keep * low.value + (1 - keep) * new.low
            high.value = keep * high.value + (1 - keep) * new.high
            steps.value = steps.value + 1
        return Range(low.value, high.value), steps.value <= self._config.delay_steps


def batch_range(values: jax.Array) -> Range:
    """Lowest and highest value, over all examples if there are several."""
    low, high = values.min(), values.max()
    try:
        return Range(lax.pmin(low, BATCH_AXIS), lax.pmax(high, BATCH_AXIS))
    except NameError:  # "unbound axis name": not under apply_batch
        return Range(low, high)


def _keeps_grid(module: Layer) -> bool:
    """Whether int8 kernels give this layer's results on its input's grid."""
    if isinstance(module, TemporalPool):
        return module.kind == "max"
    return isinstance(module, (Pool, GlobalPool, TemporalShift))


def _channel_axes(module: Layer) -> tuple[int, ...]:
    # Exported as one 2-D convolution per frame of the window, each with its own grids.
    return (-2, -1) if isinstance(module, DepthwiseConv3D) else (-1,)
