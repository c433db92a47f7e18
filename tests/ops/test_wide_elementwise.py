"""ADD, SUB, MUL, MAXIMUM and MINIMUM on int16: reference against TFLM, kernels against reference, refusals."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.operator_harness import equals_tflm, kernel_equals_reference, whole
from tests.ops.node_checks import check_in_place, refuse, source_of
from tests.ops.wide_checks import wide
from tests.tile_harness import check_tiles
from tests.tiny_model import node_of
from verify.graph.tensor import DType
from verify.ops.base import OperatorSource
from verify.tflite.read import read_model

KINDS = ("ADD", "SUB", "MUL")
ALL = (*KINDS, "MAXIMUM", "MINIMUM")
SHAPES = (
    ((1, 4, 3, 5), (1, 4, 3, 5)),
    ((1, 3, 4, 5), (5,)),
    ((1, 1, 1, 5), (1, 3, 4, 5)),
    ((2, 3, 4), (2, 3, 1)),
    ((1, 3, 2, 5), (2, 5)),
    ((7,), ()),
)


def of_two(kind: str, a: tuple[int, ...], b: tuple[int, ...], scales: tuple[float, float, float]) -> OperatorSource:
    shape = np.broadcast_shapes(a, b)
    return source_of(kind, (wide(0, a, scales[0]), wide(1, b, scales[1])), wide(2, shape, scales[2]))


@st.composite
def pairs(draw: st.DrawFn, shapes: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = SHAPES) -> OperatorSource:
    kind, (a, b) = draw(st.sampled_from(ALL)), draw(st.sampled_from(shapes))
    first, second = (draw(st.floats(1e-4, 1e-2)) for _ in range(2))
    result = first * second * draw(st.floats(2**10, 2**15)) if kind == "MUL" else draw(st.floats(1e-4, 2e-2))
    return of_two(kind, a, b, (first, second, result))


@settings(max_examples=40)
@given(pairs(), st.integers(0, 9))
def test_reference_equals_tflm_and_kernel(source: OperatorSource, seed: int) -> None:
    node = equals_tflm(source, seed, litert=False)
    kernel_equals_reference(node, seed, dtype="int16")


@settings(max_examples=20)
@given(pairs(SHAPES[:1]), st.data(), st.integers(0, 9))
def test_regions(source: OperatorSource, data: st.DataObject, seed: int) -> None:
    check_tiles(node_of(source), data, seed, dtype="int16")


@pytest.mark.parametrize("kind", ALL)
def test_in_place(kind: str) -> None:
    inputs = [np.random.default_rng(k).integers(-9999, 9999, (1, 3, 2, 5), np.int16) for k in range(2)]
    check_in_place(of_two(kind, (1, 3, 2, 5), (1, 3, 2, 5), (0.001, 0.002, 0.003)), inputs)


@pytest.mark.parametrize("kind", KINDS)
def test_extremes_fit(kind: str) -> None:
    """Nothing leaves 32 bits, whatever int16 operands hold; of wider ones something would."""
    op = node_of(of_two(kind, (4,), (4,), (0.001, 0.001, 0.01))).op
    for x in op.intermediates([(-(2**15), 2**15 - 1)] * 2):
        assert (x.low >= x.bounds[0]).all() and (x.high <= x.bounds[1]).all(), x.what
    wider = op.intermediates([(-(2**17), 2**17)] * 2)
    assert any((x.low < x.bounds[0]).any() or (x.high > x.bounds[1]).any() for x in wider)


def test_refusals() -> None:
    a, y = wide(0, (4,)), wide(2, (4,))
    refuse(source_of("ADD", (a, wide(1, (4,), 0.001, 3)), y), "int16 with this zero point .*; found 3")
    refuse(source_of("ADD", (a, wide(1, (4,))), wide(2, (4,), 1e-9)), "ADD between these scales .*2\\^15 times")
    refuse(source_of("MUL", (a, wide(1, (4,), 1.0)), y), "MUL between these scales .*below 2\\^0 times")
    mixed = source_of("ADD", (a, wide(1, (4,))), wide(2, (4,)))
    tensor = mixed.outputs[0]
    narrow = type(tensor)(2, "t2", (4,), DType.INT8, tensor.quantization)
    refuse(source_of("ADD", mixed.inputs[:2], narrow), "elements must be int16; found int8")  # type: ignore[arg-type]


def test_golden(models_dir: Path) -> None:
    name = "ops_seanet_add0_int16"
    graph = read_model((models_dir / "corpus" / "ops" / f"{name}.tflite").read_bytes(), name)
    (node,) = graph.nodes
    golden = np.load(models_dir / "corpus" / "golden" / "ops" / f"{name}.npz")
    for seed in {key.split("_")[0] for key in golden if "_in" in key}:
        inputs = [golden[f"{seed}_in{k}"].reshape(node.input_shapes[k]) for k in (0, 1)]
        np.testing.assert_array_equal(whole(node, inputs)[0].ravel(), golden[f"{seed}_ref_out0"].ravel())
