"""SOFTMAX on int16: reference against TFLM, kernel against reference, tables, refusals."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.operator_harness import equals_tflm, kernel_equals_reference, whole
from tests.ops.node_checks import check_in_place, refuse, source_of
from tests.ops.wide_checks import wide
from tests.tiny_model import build_model, node_of, run_tflm
from verify.ops.base import OperatorSource


def softmax(
    shape: tuple[int, ...], scale: float = 0.0003, beta: float = 1.0, result: float = 2.0**-15
) -> OperatorSource:
    return source_of("SOFTMAX", (wide(0, shape, scale),), wide(1, shape, result), beta=beta)


@settings(max_examples=30)
@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=4),
    st.floats(1e-6, 3.0),
    st.sampled_from((1.0, 0.5, 7.0)),
    st.integers(0, 9),
)
def test_as_tflm(shape: list[int], scale: float, beta: float, seed: int) -> None:
    source = softmax(tuple(shape), scale, beta)
    node = equals_tflm(source, seed, litert=False)
    kernel_equals_reference(node, seed, dtype="int16")
    low, high = node.op.stored([(0, 0)])
    assert low == 0 and high == 32767


def test_differences_of_all_sizes() -> None:
    """Pairs of the largest value and others; many equal classes, whose sum is large."""
    pairs = np.stack([np.full(2**12, 32767), np.arange(-(2**15), 2**15, 16)], -1).astype(np.int16).reshape(1, 64, 64, 2)
    for x, scale in ((pairs, 10 / 65535), (pairs, 0.0004), (np.zeros((1, 1, 1, 5000), np.int16), 0.001)):
        source = softmax(x.shape, scale)
        (theirs,) = run_tflm(build_model([source]), [x])
        np.testing.assert_array_equal(whole(node_of(source), [x])[0], theirs)
        check_in_place(source, [x])


def test_what_leaves_32_bits_is_seen() -> None:
    op = node_of(softmax((4,), 8.0)).op
    assert any((x.low < x.bounds[0]).any() for x in op.intermediates([(-(2**15), 2**15 - 1)]))
    op = node_of(softmax((4,))).op
    assert all((x.low >= x.bounds[0]).all() for x in op.intermediates([(-(2**15), 2**15 - 1)]))


def test_refusals() -> None:
    refuse(softmax((4,), result=2.0**-14), "SOFTMAX on int16 to this scale .*2\\^-15")
    refuse(softmax((1, 70000)), "SOFTMAX along an axis of this length")
