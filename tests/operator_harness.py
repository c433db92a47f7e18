"""Checks that every operator's test makes: reference against TFLM, C kernel against reference, region rule against
the reference's impulse response."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests.kernel_harness import kernel_of, run_kernel
from tests.tiny_model import build_model, node_of, run_litert, run_tflm
from verify.graph.graph import Node
from verify.graph.tensor import Axis, Tensor, row_count
from verify.ops.base import OperatorSource
from verify.targets.registry import PORTABLE
from verify.targets.target import Target
from verify.tflite.read import read_model


def check_layout(node: Node, target: str | Target = PORTABLE) -> None:
    """The operator's own constants can be had from the flat arrays that its kernel stores."""
    kernel = kernel_of(node, target)
    flat = {name: values.reshape(-1) for name, values in kernel.stored(node).items()}
    restored = kernel.restored(node, flat)
    assert restored.keys() == node.op.constants.keys()
    for name, values in node.op.constants.items():
        np.testing.assert_array_equal(restored[name], values)


def random_inputs(
    shapes: Sequence[tuple[int, ...]], seed: int, dtype: str | Sequence[str] = "int8"
) -> list[np.ndarray]:
    """Integer arrays over the whole range, all of one type or each of its own; of bool, both values."""
    rng = np.random.default_rng(seed)
    dtypes = [dtype] * len(shapes) if isinstance(dtype, str) else dtype
    return [_random(rng, shape, np.dtype(name)) for shape, name in zip(shapes, dtypes, strict=True)]


def _random(rng: np.random.Generator, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    if dtype.kind == "b":
        return rng.integers(0, 2, shape).astype(bool)
    return rng.integers(np.iinfo(dtype).min, np.iinfo(dtype).max + 1, shape, dtype)


def whole(node: Node, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
    """All rows of the reference's outputs, in the outputs' shapes."""
    outs = node.op.reference(inputs, range(row_count(node.output_shapes[0])))
    return [out.reshape(shape) for out, shape in zip(outs, node.output_shapes, strict=True)]


def equals_tflm(source: OperatorSource, seed: int = 0, litert: bool = True, tensors: Sequence[Tensor] = ()) -> Node:
    """Compares the reference with both oracles on random inputs, whole and from a row in the middle.

    Args:
      litert: whether LiteRT's reference kernels compute the same (they do, but for the operators that say otherwise).
      tensors: model inputs in order; where empty, those that the source reads and does not hold as constants.
    """
    node = node_of(source)
    operand = source.inputs[node.op.operands[0]]
    assert operand is not None
    inputs = random_inputs(node.input_shapes, seed, operand.dtype.value)
    expected = whole(node, inputs)
    model = build_model([source], tensors or None)
    for oracle in (run_tflm, run_litert) if litert else (run_tflm,):
        for ours, theirs in zip(expected, oracle(model, inputs), strict=True):
            np.testing.assert_array_equal(ours, theirs, err_msg=oracle.__name__)
    rows = row_count(node.output_shapes[0])
    part = node.op.reference(inputs, range(rows // 2, rows))
    for ours, all_rows in zip(part, expected, strict=True):
        np.testing.assert_array_equal(ours.reshape(-1), all_rows.reshape(rows, -1)[rows // 2 :].reshape(-1))
    return node


def kernel_equals_reference(node: Node, seed: int = 0, target: str | Target = PORTABLE, dtype: str = "int8") -> None:
    """Runs a target's C kernel on whole tensors, on rings that hold only what each row needs, and on a range of rows.

    Also has the operator's constants back from what the kernel stores. `dtype` is that of operands and results.
    """
    check_layout(node, target)
    inputs = random_inputs(node.input_shapes, seed, dtype)
    expected = whole(node, inputs)
    rows = row_count(node.output_shapes[0])
    for ring in (False, True):
        for ours, theirs in zip(run_kernel(node, inputs, ring=ring, dtype=dtype, target=target), expected, strict=True):
            np.testing.assert_array_equal(ours, theirs, err_msg=f"ring={ring}")
    part = run_kernel(node, inputs, rows=range(rows // 2, rows), dtype=dtype, target=target)
    for ours, theirs in zip(part, expected, strict=True):
        np.testing.assert_array_equal(ours.reshape(-1), theirs.reshape(rows, -1)[rows // 2 :].reshape(-1))


def equals_golden(models: Path, name: str) -> None:
    """Compares a single-operator model of the corpus with TFLite's recorded outputs, by reference and by kernel."""
    graph = read_model((models / "corpus" / "ops" / f"{name}.tflite").read_bytes(), name)
    (node,) = graph.nodes
    golden = np.load(models / "corpus" / "golden" / "ops" / f"{name}.npz")
    seeds = [key.split("_")[0] for key in golden if key.endswith("_in0")]
    assert seeds
    for seed in seeds:
        image, expected = golden[f"{seed}_in0"], golden[f"{seed}_ref_out0"]
        np.testing.assert_array_equal(whole(node, [image.reshape(node.input_shapes[0])])[0].ravel(), expected.ravel())
    kernel_equals_reference(node, dtype=expected.dtype.name)


def changed(source: OperatorSource, position: int, **changes: object) -> OperatorSource:
    """The same operator with one operand's tensor altered."""
    inputs = list(source.inputs)
    tensor = inputs[position]
    assert tensor is not None
    inputs[position] = dataclasses.replace(tensor, **changes)  # type: ignore[arg-type]
    return dataclasses.replace(source, inputs=tuple(inputs))


AXIS_PLACES = {Axis.HEIGHT: -3, Axis.WIDTH: -2}


def impulse_response(node: Node, place: int, out_place: int, base: int = -128, peak: int = 127) -> np.ndarray:
    """Which output positions change when one input position does: bool [outputs, inputs] along one axis each."""
    shape = node.input_shapes[0]
    quiet = np.full(shape, base, np.int8)
    silence = whole(node, [quiet])[0]
    changes = np.zeros((silence.shape[out_place], shape[place]), bool)
    for position in range(shape[place]):
        loud = np.moveaxis(quiet.copy(), place, 0)
        loud[position] = peak
        heard = whole(node, [np.moveaxis(loud, 0, place)])[0]
        changes[:, position] = np.moveaxis(heard != silence, out_place, 0).reshape(silence.shape[out_place], -1).any(1)
    return changes


def window_equals_impulse_response(node: Node, axis: Axis, exact_edges: bool = True) -> None:
    """Checks that the window holds every input that matters (sound) and ends in ones that do (tight).

    Args:
      node: an image operator whose weights have one sign and no zeros, so that every tap shows in the output.
      exact_edges: False with dilation: an interval that the image's edge cuts off may then end between two taps.
    """
    window = node.op.window(0, axis)
    assert window is not None
    place = AXIS_PLACES[axis]
    extent = node.input_shapes[0][place]
    for output, changed in enumerate(impulse_response(node, place, place)):
        low, high = window.need(output, output + 1, extent)
        touched = np.flatnonzero(changed)
        assert all(low <= position < high for position in touched), (output, touched, low, high)
        inside = window.start(output) >= 0 and window.start(output) + window.reach <= extent
        if exact_edges or inside:
            assert (touched[0], touched[-1] + 1) == (low, high) if high > low else touched.size == 0
