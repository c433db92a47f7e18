"""Operators of the file that keep something of their own from call to call, as nodes with states or with delays."""

import math
from dataclasses import replace
from typing import Protocol

from verify.graph.graph import Node, State
from verify.graph.tensor import Tensor
from verify.tflite.errors import ModelError
from verify.tflite.schema import RawModel, RawOperator
from verify.tflite.variables import before_the_first


class Reader(Protocol):
    """What is read so far: `known` tensors, and of what goes on over calls, `states` and what is there `before`."""

    model: RawModel
    known: dict[int, Tensor]
    nodes: list[Node]
    states: list[State]
    before: dict[int, int]


def over_calls(reader: Reader, operator: RawOperator, node: Node) -> list[Node]:
    """The nodes that an operator becomes: one that reads and writes its variables, or two with delays between them."""
    parts = node.op.over_calls()
    if parts is None:
        return [_with_states(reader, operator, node)]
    variable = reader.known[operator.inputs[node.op.variables[0]]]
    key = added(reader, replace(variable, shape=parts.kept, dtype=parts.dtype))
    reader.before[key] = parts.before
    rows, result = (1, 2 * parts.calls - 1, *parts.kept), (1, 1, *node.output_shapes[0])
    first = Node(new_index(reader), node.name, parts.op, node.inputs, (key,), node.input_shapes, (parts.kept,))
    delays = tuple(range(parts.calls - 1, -1, -1))
    return [
        first,
        replace(node, op=parts.then, inputs=(key,), input_shapes=(rows,), output_shapes=(result,), delays=(delays,)),
    ]


def _with_states(reader: Reader, operator: RawOperator, node: Node) -> Node:
    if not node.op.variables:
        return node
    outputs, shapes = list(node.outputs), [one_row(shape) for shape in node.output_shapes]
    for position in node.op.variables:
        read = operator.inputs[position]
        tensor = reader.known[read]
        outputs.append(added(reader, tensor))
        shapes.append(one_row(tensor.shape))
        reader.states.append(State(read, outputs[-1], before_the_first(tensor).reshape(tensor.shape)))
    return replace(node, outputs=tuple(outputs), output_shapes=tuple(shapes))


def one_row(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The same elements in one row: all results of an operator have as many."""
    return (1, math.prod(shape[:-1]), *shape[-1:])


def check_variables(reader: Reader, operator: RawOperator, own: tuple[int, ...]) -> None:
    """Checks that the variables among an operator's operands are those that it has, and no other operator's.

    Raises:
      ModelError: naming the operand.
    """
    for position, key in enumerate(operator.inputs):
        if key >= len(reader.model.tensors):
            continue  # others refuse that
        if key < 0 or not reader.model.tensors[key].variable:
            if position in own:
                label = "absent" if key < 0 else reader.model.tensors[key].label
                raise ModelError(f"operand {position} must be a variable of the file; it is {label}")
            continue
        label = reader.model.tensors[key].label
        if position not in own:
            raise ModelError(f"operand {position}: {label} is a variable; this operator has none there")
        users = [other.index for other in reader.model.operators if key in other.inputs]
        if users != [operator.index]:
            raise ModelError(f"operand {position}: {label} is a variable of several operators, {users}")


def new_index(reader: Reader) -> int:
    """For a node that the file does not have."""
    return max(len(reader.model.operators), 1 + max((node.index for node in reader.nodes), default=0))


def added(reader: Reader, tensor: Tensor) -> int:
    """A tensor that the file does not have."""
    key = max(len(reader.model.tensors), 1 + max(reader.known))
    reader.known[key] = replace(tensor, index=key, data=None)
    return key
