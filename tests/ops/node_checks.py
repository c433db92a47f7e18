"""What every operator's test asks of it: that it equals the oracles, that its kernel equals its reference, that its
windows say exactly which rows and columns matter, and that its kernel may overwrite the operands that it says."""

import ctypes
from collections.abc import Sequence

import numpy as np
import pytest

from tests.kernel_harness import (
    Rows,
    View,
    call_source,
    emitted,
    kernel_of,
    load_call,
    load_kernel,
    row_bytes_of,
    run_kernel,
)
from tests.operator_harness import check_layout, whole
from tests.tiny_model import build_model, node_of, run_litert, run_tflm
from verify.graph.graph import Node
from verify.graph.tensor import Axis, Tensor, row_count
from verify.ops.base import OperatorSource, UnsupportedError
from verify.targets.registry import PORTABLE
from verify.targets.target import Target

PLACES = {Axis.HEIGHT: 1, Axis.WIDTH: 2}


def source_of(
    kind: str, inputs: Sequence[Tensor], outputs: Tensor | Sequence[Tensor], **options: object
) -> OperatorSource:
    results = (outputs,) if isinstance(outputs, Tensor) else tuple(outputs)
    return OperatorSource(kind, tuple(inputs), results, options)


def refuse(source: OperatorSource, message: str) -> None:
    """The operator is refused with a text that the pattern `message` is found in."""
    with pytest.raises(UnsupportedError, match=message):
        node_of(source)


def int8(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.integers(-128, 128, shape, dtype=np.int8)


def check_oracles(source: OperatorSource, inputs: Sequence[np.ndarray], tflm: bool = True, litert: bool = True) -> None:
    """The reference equals these oracles, which get the operands that are not constant."""
    expected = whole(node_of(source), inputs)
    fed = [array for array, p in zip(inputs, node_of(source).op.operands, strict=True) if is_activation(source, p)]
    model = build_model([source])
    for name, run in (("TFLM", run_tflm if tflm else None), ("LiteRT", run_litert if litert else None)):
        if run is not None:
            for ours, theirs in zip(expected, run(model, fed), strict=True):
                np.testing.assert_array_equal(ours, theirs, err_msg=name)


def is_activation(source: OperatorSource, position: int) -> bool:
    tensor = source.inputs[position]
    return tensor is not None and tensor.data is None


def check_kernel(source: OperatorSource, inputs: Sequence[np.ndarray], target: str | Target = PORTABLE) -> None:
    """The target's C kernel equals the reference: at once, for the last rows alone, and row by row from rings."""
    node = node_of(source)
    check_layout(node, target)
    dtype = source.outputs[0].dtype.value
    rows = row_count(node.output_shapes[0])
    for ours, theirs in zip(
        whole(node, inputs), run_kernel(node, list(inputs), dtype=dtype, target=target), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
    if node.op.row_wise and rows > 1:
        for part, ring in ((range(rows // 3, rows), False), (range(rows), True)):
            expected = node.op.reference(inputs, part)
            got = run_kernel(node, list(inputs), part, ring, dtype, target)
            for ours, theirs in zip(expected, got, strict=True):
                np.testing.assert_array_equal(ours, theirs)


def check_region(source: OperatorSource, inputs: Sequence[np.ndarray], seed: int = 0) -> None:
    """What a window names is what changes the result: nothing outside it does (sound), all inside it does (tight)."""
    node, rng = node_of(source), np.random.default_rng(seed)
    for position, array in enumerate(inputs):
        for axis, place in PLACES.items():
            window = node.op.window(position, axis)
            if window is None:
                continue
            touched = dependence(node, inputs, position, place, rng)
            for y, reads in enumerate(touched):
                lo, hi = window.need(y, y + 1, array.shape[place])
                assert reads == set(range(lo, hi)), f"{axis.value} {y} of operand {position}: {window}"


def dependence(
    node: Node, inputs: Sequence[np.ndarray], position: int, place: int, rng: np.random.Generator
) -> list[set[int]]:
    """For each index of the results along an axis, which indices of one operand along it change the results there."""
    before = whole(node, inputs)
    found: list[set[int]] = [set() for _ in range(node.output_shapes[0][place])]
    for index in range(inputs[position].shape[place]):
        for _ in range(3):  # one redrawn slice may happen to give the same results
            changed = [array.copy() for array in inputs]
            part = np.moveaxis(changed[position], place, 0)[index]
            part[...] = rng.integers(-128, 128, part.shape)
            for old, new in zip(before, whole(node, changed), strict=True):
                differs = np.moveaxis(old != new, place, 0).reshape(old.shape[place], -1).any(axis=1)
                for y in np.flatnonzero(differs):
                    found[y].add(index)
    return found


def check_in_place(source: OperatorSource, inputs: Sequence[np.ndarray], target: str | Target = PORTABLE) -> None:
    """The kernel gives the same results where an operand that `in_place` names lies where the result does."""
    node = node_of(source)
    expected = whole(node, inputs)[0]
    in_place = kernel_of(node, target).in_place(node)
    assert in_place, "nothing to check"
    for position in in_place:
        np.testing.assert_array_equal(expected, run_over(node, inputs, position, target), err_msg=f"operand {position}")


def run_over(node: Node, inputs: Sequence[np.ndarray], position: int, target: str | Target = PORTABLE) -> np.ndarray:
    call = emitted(node, "op_0", target)
    load_kernel(call.kernel)
    rng = np.random.default_rng(0)
    operands = []
    for array in inputs:
        operand = Rows(array.shape, array.itemsize, row_count(array.shape), rng)
        operand.buffer.body[:] = row_bytes_of(array).reshape(-1)
        operands.append(operand)
    views = (View * len(operands))(*(operand.view() for operand in operands))
    result, kernel = operands[position], kernel_of(node, target)
    scratch = Rows((1, 1, kernel.scratch_bytes(node)), 1, 1, rng)
    outs = (View * 2)(result.view(), scratch.view())
    rows = row_count(node.output_shapes[0])
    load_call(call_source(call)).run(views, outs, ctypes.c_int32(0), ctypes.c_int32(rows))
    result.buffer.check(f"operand {position}")
    scratch.buffer.check("its working memory")
    return result.buffer.body.view(inputs[position].dtype).reshape(node.output_shapes[0])
