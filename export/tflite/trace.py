"""What a JAX function consists of, by layer: to refuse what the converter cannot do, and to say where it stands."""
# pyright: reportMissingImports=false
# The type checker runs without the training packages.

import re
from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np

from export.tflite.errors import ConversionError
from export.tflite.layers import place_in

_CONTROL_FLOW = frozenset({"cond", "scan", "while"})


def check_traceable(function: Callable[[Any], Any], shape: tuple[int, ...]) -> None:
    """Refuses loops and branches, at which the converter's calibration crashes the process.

    Raises:
      ConversionError: naming the layer.
    """
    for name, place in _primitives(function, shape):
        if name in _CONTROL_FLOW:
            raise ConversionError(f"{_where(place)}: `jax.lax.{name}` has no int8 form; unroll it in Python")


def refusal(error: Exception, function: Callable[[Any], Any], shape: tuple[int, ...]) -> ConversionError:
    """The converter's error with the layer's name, found by the operator that it complains about."""
    text = str(error)
    found = re.search(r"'\w+\.(\w+?)(?:_v\d+)?' op", text)
    name = found[1] if found else ""
    place = next((place for primitive, place in _primitives(function, shape) if primitive == name), place_in(text))
    reason = f"`{name}`" if name else text.strip().partition("\n")[0]
    return ConversionError(f"{_where(place)} has no form in TensorFlow Lite's own operators: {reason}")


def last_place(function: Callable[[Any], Any], shape: tuple[int, ...]) -> str | None:
    """The layer that gives the function's result; the converter does not keep the name of that."""
    places = [place for _, place in _primitives(function, shape)]
    return places[-1] if places else None


def _where(place: str | None) -> str:
    return "the model" if place is None else f'layer "{place}"'


def _primitives(function: Callable[[Any], Any], shape: tuple[int, ...]) -> Iterator[tuple[str, str | None]]:
    traced = jax.make_jaxpr(function)(jax.ShapeDtypeStruct(shape, np.float32))
    return _equations(traced.jaxpr, None)


def _equations(jaxpr: Any, outer: str | None) -> Iterator[tuple[str, str | None]]:
    for equation in jaxpr.eqns:
        place = place_in(str(equation.source_info.name_stack)) or outer
        yield equation.primitive.name, place
        for value in equation.params.values():
            for inner in value if isinstance(value, (list, tuple)) else (value,):
                inner = getattr(inner, "jaxpr", inner)
                if hasattr(inner, "eqns"):
                    yield from _equations(inner, place)
