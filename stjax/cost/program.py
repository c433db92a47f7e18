"""A traced function as a flat list of operations: calls are put in place, every value has a number.

What stays nested is what runs several times or not at all: the body of a scan, the branches of a condition.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax.numpy as jnp
from jax.extend import core

from stjax.nn.layer import SCOPE_MARK

# Parameters of an operation under which a function that runs exactly once may stand.
_CALLS = ("jaxpr", "call_jaxpr", "fun_jaxpr")
_REPEATED = {"scan", "while", "cond"}
_OWN_LAYER = re.compile(re.escape(SCOPE_MARK) + r"([\w.\-]*)")


class CostError(Exception):
    """The function holds something whose cost is not known while tracing."""


@dataclass(frozen=True)
class Value:
    """One array of the program.

    Attributes:
      shape: extents.
      item_bytes: bytes of one element.
      floating: whether it holds floats; these are what an int8 model stores in one byte each.
      constant: made of parameters and literals only, so known before any input arrives.
    """

    shape: tuple[int, ...]
    item_bytes: int
    floating: bool
    constant: bool

    @property
    def size(self) -> int:
        return math.prod(self.shape)


@dataclass(frozen=True)
class Operation:
    """One operation.

    Attributes:
      kind: name of the JAX primitive.
      layer: where it belongs, "block0.expand"; "" outside all layers.
      inputs, outputs: numbers of values.
      params: the primitive's parameters.
      bodies: nested programs, for scan and cond.
      times: how often each body runs.
    """

    kind: str
    layer: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    params: dict[str, Any]
    bodies: tuple["Program", ...] = ()
    times: int = 1


@dataclass
class Program:
    """Operations in the order of tracing.

    Attributes:
      values: by number.
      inputs: numbers of the arguments, parameters among them.
      operations: in order.
      outputs: numbers of the results.
    """

    values: list[Value] = field(default_factory=list)
    inputs: list[int] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)

    def add(self, aval: Any, constant: bool) -> int:
        """Numbers a new value."""
        floating = bool(jnp.issubdtype(aval.dtype, jnp.floating))
        self.values.append(Value(tuple(aval.shape), aval.dtype.itemsize, floating, constant))
        return len(self.values) - 1


def flatten(closed: core.ClosedJaxpr, constant_inputs: Sequence[bool]) -> Program:
    """The program of a traced function.

    Args:
      closed: what `jax.make_jaxpr` gives.
      constant_inputs: for each flat argument, whether it is a parameter.

    Raises:
      CostError: for a loop whose number of rounds is not known while tracing.
    """
    return _flatten(closed, constant_inputs, "")


def _flatten(closed: core.ClosedJaxpr, constant_inputs: Sequence[bool], layer: str) -> Program:
    program = Program()
    numbers = [program.add(var.aval, flag) for var, flag in zip(closed.jaxpr.invars, constant_inputs, strict=True)]
    program.inputs = numbers
    program.outputs = _inline(program, closed, numbers, layer)
    return program


def _inline(program: Program, closed: core.ClosedJaxpr, arguments: Sequence[int], layer: str) -> list[int]:
    """Appends the operations of a function called with `arguments`; returns its results."""
    jaxpr = closed.jaxpr
    numbers = dict(zip(jaxpr.invars, arguments, strict=True))
    numbers.update((var, program.add(var.aval, constant=True)) for var in jaxpr.constvars)

    def number(atom: Any) -> int:
        return program.add(atom.aval, constant=True) if isinstance(atom, core.Literal) else numbers[atom]

    for equation in jaxpr.eqns:
        inside = _layer_of(str(equation.source_info.name_stack)) or layer
        inputs = [number(atom) for atom in equation.invars]
        inner = _called(equation)
        if inner is not None:
            outputs = _inline(program, inner, inputs, inside)
        else:
            outputs = _append(program, equation, inputs, inside)
        numbers.update(zip(equation.outvars, outputs, strict=True))
    return [number(atom) for atom in jaxpr.outvars]


def _called(equation: core.JaxprEqn) -> core.ClosedJaxpr | None:
    if equation.primitive.name in _REPEATED:
        return None
    for name in _CALLS:
        inner = equation.params.get(name)
        if isinstance(inner, core.ClosedJaxpr):
            return inner
        if isinstance(inner, core.Jaxpr):
            return core.ClosedJaxpr(inner, ())
    return None


def _append(program: Program, equation: core.JaxprEqn, inputs: list[int], layer: str) -> list[int]:
    flags = [program.values[i].constant for i in inputs]
    bodies = tuple(_flatten(inner, inner_flags, layer) for inner, inner_flags in _bodies(equation, flags))
    constant = all(flags) and not bodies
    outputs = [program.add(var.aval, constant) for var in equation.outvars]
    times = equation.params["length"] if equation.primitive.name == "scan" else 1
    operation = Operation(
        equation.primitive.name, layer, tuple(inputs), tuple(outputs), dict(equation.params), bodies, times
    )
    program.operations.append(operation)
    return outputs


def _bodies(equation: core.JaxprEqn, flags: list[bool]) -> Iterator[tuple[core.ClosedJaxpr, list[bool]]]:
    kind, params = equation.primitive.name, equation.params
    if kind == "while":
        raise CostError("a `while` loop runs for a number of rounds that is not known while tracing; use `scan`")
    if kind == "scan":
        # What is carried from round to round is data even if it starts as a constant.
        first, last = params["num_consts"], params["num_consts"] + params["num_carry"]
        yield params["jaxpr"], [flag and not first <= i < last for i, flag in enumerate(flags)]
    if kind == "cond":
        for branch in params["branches"]:
            yield branch, flags[1:]


def _layer_of(name_stack: str) -> str:
    """The layer named last in a stack of scopes.

    stjax layers write their place into the stack. Of other Flax modules it holds the chain of calls,
    "Net/Block_0/Conv_0.method"; the outermost is the model itself.
    """
    own = _OWN_LAYER.findall(name_stack)
    if own:
        return own[-1]
    names = [re.sub(r"^\w+\((.*)\)$", r"\1", name) for name in name_stack.split("/")]
    return ".".join(name.split(".")[0] for name in names[1:] if name)
