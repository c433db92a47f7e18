"""C6: planted overflows are refuted with operator and channel, and the intervals are those that values really reach."""

from dataclasses import replace

import numpy as np
import pytest

from tests.random_models import Net
from verify.graph.graph import Graph
from verify.graph.tensor import DType
from verify.ops.add import Add
from verify.ops.broadcast import Binary
from verify.ops.elementwise import Scale
from verify.ops.fixed_point import newton_range, reciprocal_of_half_sum
from verify.ops.mul import Mul
from verify.ops.requantize import requantize
from verify.ops.softmax import Softmax
from verify.ops.weights import Rescale
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.arithmetic import stored_ranges
from verify.proof.check import check
from verify.proof.verdict import Proved, Refuted, Verdict

INT32_MAX = 2**31 - 1
CHANNEL = 2


@pytest.fixture(scope="module")
def graph() -> Graph:
    net = Net(3)
    x = net.conv(net.input(1, 6, 5, 2), 4, (3, 3), (1, 1), (1, 1))
    net.dense(net.mean(net.depthwise(x, (3, 3), (1, 1), (1, 1))), 3)
    return net.graph()


def with_op(graph: Graph, place: int, **changes: object) -> Graph:
    """The model with other constants in its `place`-th operator."""
    nodes = list(graph.nodes)
    nodes[place] = replace(nodes[place], op=replace(nodes[place].op, **changes))
    return replace(graph, nodes=tuple(nodes))


def verdict(graph: Graph) -> Verdict:
    return check(graph, make_plan(graph, Request("layer")))[0].verdicts["C6"]


def scaled(rescale: Rescale, multiplier: int | None = None, shift: int | None = None) -> Rescale:
    """Another multiplier or shift in CHANNEL."""
    m, s = rescale.multiplier.copy(), rescale.shift.copy()
    m[CHANNEL] = m[CHANNEL] if multiplier is None else multiplier
    s[CHANNEL] = s[CHANNEL] if shift is None else shift
    return replace(rescale, multiplier=m, shift=s)


def biased(bias: int) -> np.ndarray:
    values = np.zeros(4, np.int32)
    values[CHANNEL] = bias
    return values


@pytest.mark.parametrize("place", [0, 1], ids=["conv", "depthwise"])
@pytest.mark.parametrize("bias", [INT32_MAX, -(2**31)])
def test_a_bias_at_the_end_of_int32_is_refuted_with_its_channel(graph: Graph, place: int, bias: int) -> None:
    found = verdict(with_op(graph, place, bias=biased(bias)))
    assert isinstance(found, Refuted)
    assert graph.nodes[place].label == found.subject
    assert "sum of products and bias" in found.counterexample and f"channel {CHANNEL}" in found.counterexample


@pytest.mark.parametrize("spare", [0, 1])
def test_the_bound_is_exact(graph: Graph, spare: int) -> None:
    """The largest bias that leaves room for the products is proved, one more is refuted."""
    op = graph.nodes[0].op
    ranges = stored_ranges(graph)
    products = next(i for i in op.intermediates([ranges[graph.nodes[0].inputs[0]]]) if i.what == "sum of products")
    rescale = replace(op.rescale, shift=np.minimum(op.rescale.shift, 0))  # type: ignore[attr-defined]
    bias = biased(INT32_MAX - int(products.high[CHANNEL]) + spare)
    assert isinstance(verdict(with_op(graph, 0, bias=bias, rescale=rescale)), Refuted if spare else Proved)


def test_a_channel_whose_multiplier_is_zero_may_wrap(graph: Graph) -> None:
    dead = scaled(graph.nodes[0].op.rescale, multiplier=0, shift=0)  # type: ignore[attr-defined]
    assert isinstance(verdict(with_op(graph, 0, bias=biased(INT32_MAX), rescale=dead)), Proved)


@pytest.mark.parametrize(("shift", "what"), [(31, "shift of the"), (-32, "shift of the"), (24, "after its left shift")])
def test_a_shift_out_of_range_is_refuted(graph: Graph, shift: int, what: str) -> None:
    wrong = scaled(graph.nodes[0].op.rescale, shift=shift)  # type: ignore[attr-defined]
    found = verdict(with_op(graph, 0, bias=biased(1000), rescale=wrong))
    assert isinstance(found, Refuted) and what in found.counterexample and f"channel {CHANNEL}" in found.counterexample


def test_partial_sums_count_without_the_bias_that_would_save_them() -> None:
    """70,000 products of 255 * 127 leave int32, and the kernel adds the bias last."""
    net = Net(1)
    net.dense(net.input(1, 70_000), 1)
    graph = net.graph()
    weights = np.full((1, 70_000), 127, np.int8)
    bias = np.array([-(2**30)], np.int32)
    found = verdict(with_op(graph, 0, weights=weights, bias=bias, input_zero_point=-128))
    assert isinstance(found, Refuted) and "sum of products" in found.counterexample


BINARY = [Add, Mul]


@pytest.mark.parametrize("kind", BINARY)
def test_intervals_of_two_operands_are_reached(kind: type[Binary]) -> None:
    op = kind(((1,), (1,)), (1,), (Scale(0.11, -7), Scale(0.013, 90)), Scale(0.3, 5), -128, 127)
    x1, x2 = np.meshgrid(np.arange(-128, 128), np.arange(-100, 51))
    found = {i.what: (int(i.low[0]), int(i.high[0])) for i in op.intermediates([(-128, 127), (-100, 50)])}
    results = op.combine(x1, x2)
    if isinstance(op, Add):
        first, second, _ = op.multipliers
        sums = requantize((x1 + 7) << 20, *first) + requantize((x2 - 90) << 20, *second)
        assert found["sum"] == (sums.min(), sums.max())
        assert found["rescaled sum plus zero point 5"] == (results.min(), results.max())
    else:
        assert found["rescaled product plus zero point 5"] == (results.min(), results.max())


def test_an_operand_too_small_to_count() -> None:
    op = Add(((1,), (1,)), (1,), (Scale(0.1, 0), Scale(1e-12, 0)), Scale(0.1, 0), -128, 127)
    assert op.multipliers[1] == (0, 0)
    found = {i.what: (int(i.low[0]), int(i.high[0])) for i in op.intermediates([(-128, 127)] * 2) if i.low.size}
    assert found["sum"] == (-128 << 19, 127 << 19)


def test_softmax_reciprocal_stays_in_its_interval() -> None:
    (low, high), _ = newton_range()
    x = np.linspace(0, 2**31 - 1, 100_001).astype(np.int64)
    estimates = reciprocal_of_half_sum(x)
    assert low <= estimates.min() and estimates.max() <= high <= INT32_MAX


@pytest.mark.parametrize("classes", [1, 4095])
def test_softmax_of_the_most_classes_still_fits(classes: int) -> None:
    for found in Softmax((1, classes), 0.1, 1.0).intermediates([(-128, 127)]):
        assert found.bounds[0] <= found.low[0] and found.high[0] <= found.bounds[1], found.what


def test_what_an_activation_leaves_narrows_the_next_operator(graph: Graph) -> None:
    first, second = graph.nodes[:2]
    clipped = replace(first.op.rescale, low=3, high=9)  # type: ignore[attr-defined]
    narrowed = with_op(graph, 0, rescale=clipped)
    assert stored_ranges(narrowed)[second.inputs[0]] == (3, 9)


def test_a_name_with_a_line_break_proves_nothing(graph: Graph) -> None:
    """A model names its operators; such a name must not become part of the obligation."""
    nodes = list(with_op(graph, 0, bias=biased(INT32_MAX)).nodes)
    nodes[0] = replace(nodes[0], name="x\n(assert false)\n;")
    assert isinstance(verdict(replace(graph, nodes=tuple(nodes))), Refuted)


def test_floats_have_no_stored_range() -> None:
    net = Net(1)
    net.dense(net.input(1, 4), 2)
    graph = net.graph()
    tensors = {t: replace(v, dtype=DType.FLOAT32, data=None) for t, v in graph.tensors.items()}
    assert stored_ranges(replace(graph, tensors=tensors, nodes=()))[graph.inputs[0]] == (0, 0)
