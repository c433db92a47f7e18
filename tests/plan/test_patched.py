"""The published schemes as plans: proved, exact under replay, with the recomputation that they are known for."""

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.random_models import Net, networks
from tests.tiny_model import activation, constant
from verify.commands.check import random_inputs
from verify.graph.graph import Graph
from verify.graph.plan import InputMode, Plan
from verify.graph.plan_json import plan_from_json, plan_to_json
from verify.graph.tensor import Axis, DType
from verify.plan.request import PUBLISHED, Patches, PlanningError, Request
from verify.plan.search import macs_ratio, make_plan
from verify.proof.check import check
from verify.proof.evaluate import evaluate
from verify.proof.replay import replay
from verify.proof.verdict import Refuted


def assert_exact(graph: Graph, plan: Plan) -> None:
    report, proved = check(graph, plan)
    assert proved is not None, report.verdicts
    inputs = random_inputs(graph, 0)
    for got, expected in zip(replay(graph, plan, inputs, 1), evaluate(graph, inputs), strict=True):
        np.testing.assert_array_equal(got, expected)


def residual_network() -> Net:
    """A strided convolution, two residual blocks, the second after a stride; 24 x 20 pixels."""
    net = Net(3)
    x = net.conv(net.input(1, 24, 20, 2), 3, (3, 3), (2, 2), (1, 1))
    x = net.add(net.depthwise(net.conv(x, 3, (1, 1), (1, 1), (1, 1)), (3, 3), (1, 1), (1, 1)), x)
    x = net.conv(x, 4, (3, 3), (2, 2), (1, 1))
    x = net.add(net.conv(x, 4, (5, 3), (1, 1), (1, 1)), x)
    net.dense(net.mean(x), 3)
    return net


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(
    networks(),
    st.sampled_from(PUBLISHED),
    st.sampled_from(InputMode),
    st.integers(1, 6),
    st.integers(0, 11),
    st.integers(0, 5),
)
def test_any_cut_of_any_scheme_is_proved_and_exact(
    net: Net, scheme: str, mode: InputMode, n_patch: int, cut: int, level: int
) -> None:
    graph = net.graph()
    prefix = list(itertools.takewhile(lambda node: node.op.tile_wise, graph.nodes[:-1]))
    assume(prefix)
    split = 1 + cut % len(prefix)
    patches = Patches(min(n_patch, *prefix[split - 1].output_shapes[0][1:3]), split, level)
    try:
        plan = make_plan(graph, Request(scheme, mode, patches=patches))
    except PlanningError:  # an operator beside the others, or readers of different speed
        assume(False)
        return
    assert_exact(graph, plan)
    assert plan_from_json(plan_to_json(plan)) == plan


@pytest.mark.parametrize("scheme", PUBLISHED)
def test_a_constant_image_in_patches(scheme: str) -> None:
    net = Net(0)
    x = net.conv(net.input(1, 8, 6, 2), 3, (3, 3), (1, 1), (1, 1))
    image = constant(net.next(), net.rng.integers(-128, 128, x.shape, np.int8), 0.05, 3)
    net.conv(net.add(image, x), 2, (3, 3), (1, 1), (1, 1))
    graph = net.graph()
    assert_exact(graph, make_plan(graph, Request(scheme, InputMode.ROWS, patches=Patches(2, 2, 1))))


@pytest.mark.parametrize("scheme", PUBLISHED)
def test_rows_that_a_stride_skips_have_slots_of_their_own(scheme: str) -> None:
    """One call writes two rows, of which the reader takes one."""
    net = Net(0)
    x = net.depthwise(net.input(1, 3, 2, 1), (1, 1), (1, 1), (1, 1))
    net.dense(net.mean(net.depthwise(x, (1, 1), (2, 1), (1, 1))), 3)
    graph = net.graph()
    assert_exact(graph, make_plan(graph, Request(scheme, InputMode.ROWS, patches=Patches(2, 2, 1))))


@pytest.mark.parametrize("mode", InputMode)
@pytest.mark.parametrize("scheme", PUBLISHED)
def test_a_residual_network_in_patches(scheme: str, mode: InputMode) -> None:
    graph = residual_network().graph()
    plan = make_plan(graph, Request(scheme, mode, patches=Patches(5, 6, 3)))
    assert_exact(graph, plan)


@pytest.mark.parametrize("scheme", PUBLISHED)
@pytest.mark.parametrize(("height", "width", "kernel"), [(2, 2, (3, 3)), (4, 3, (5, 3)), (3, 2, (5, 3))])
def test_what_is_computed_again_may_have_a_place_for_all_of_it(
    scheme: str, height: int, width: int, kernel: tuple[int, int]
) -> None:
    """Every patch needs all rows and columns of the first result, which nevertheless does not stand whole."""
    net = Net(0)
    x = net.conv(net.input(1, height, width, 2), 2, (3, 3), (1, 1), (1, 1))
    net.dense(net.mean(net.conv(x, 2, kernel, (1, 1), (1, 1))), 3)
    graph = net.graph()
    assert_exact(graph, make_plan(graph, Request(scheme, InputMode.WHOLE, patches=Patches(2, 2))))


def test_each_scheme_recomputes_less_than_the_one_before() -> None:
    graph = residual_network().graph()
    patch, one, mixed, two = (
        macs_ratio(graph, make_plan(graph, Request(scheme, InputMode.PATCHES, patches=Patches(5, 6, 3))))
        for scheme in ("patch", "stream-1d", "streamnet", "stream-2d")
    )
    assert patch > one > mixed > two == 1


def test_stream_1d_goes_down_columns_of_patches() -> None:
    stage = make_plan(residual_network().graph(), Request("stream-1d", patches=Patches(5, 6))).stages[0]
    assert stage.axis is Axis.WIDTH and stage.columns >= 5 and stage.ticks >= 5


def test_padding_only_in_the_first_and_last_patch_is_refuted_where_others_read_outside() -> None:
    graph = residual_network().graph()
    plan = make_plan(graph, Request("patch", InputMode.PATCHES, patches=Patches(5, 6, pads_ends=True)))
    report, proved = check(graph, plan)
    verdict = report.verdicts["C2"]
    assert proved is None and isinstance(verdict, Refuted)
    assert "patch 2 of 6 along height reads row 24 of" in verdict.counterexample
    assert "pads only in the first and the last patch" in verdict.counterexample


def test_padding_only_in_the_first_and_last_patch_is_enough_for_few_large_patches() -> None:
    graph = residual_network().graph()
    plan = make_plan(graph, Request("patch", InputMode.PATCHES, patches=Patches(2, 1, pads_ends=True)))
    assert_exact(graph, plan)


def test_a_published_scheme_chooses_parameters_by_itself() -> None:
    graph = residual_network().graph()
    assert_exact(graph, make_plan(graph, Request("stream-2d", InputMode.PATCHES)))
    with pytest.raises(PlanningError, match="too few for 99 patches"):
        make_plan(graph, Request("patch", patches=Patches(99, 2)))
    with pytest.raises(PlanningError, match="outside"):
        make_plan(graph, Request("patch", patches=Patches(2, 99)))


def with_a_border(dtype: DType) -> Graph:
    """A network whose image is float or uint8, so that a QUANTIZE stands in front of its convolutions."""
    net = Net(4)
    image = activation(net.next(), (1, 12, 10, 2), 0.05, 130, dtype)
    x = net.append("QUANTIZE", (image,), net.activation(image.shape, 0.05), {})
    x = net.conv(net.conv(x, 3, (3, 3), (1, 1), (1, 1)), 4, (3, 3), (2, 2), (1, 1))
    net.dense(net.mean(net.conv(x, 2, (1, 1), (1, 1), (1, 1))), 3)
    return net.graph()


@pytest.mark.parametrize("dtype", [DType.FLOAT32, DType.UINT8])
@pytest.mark.parametrize("mode", InputMode)
@pytest.mark.parametrize("scheme", PUBLISHED)
def test_what_quantizes_the_image_runs_before_the_patches(scheme: str, mode: InputMode, dtype: DType) -> None:
    graph = with_a_border(dtype)
    plan = make_plan(graph, Request(scheme, mode, patches=Patches(2, 3, 1)))
    if dtype is DType.FLOAT32:  # of uint8, regions can be computed: that is the first operator of the patches
        assert [len(stage.firings) for stage in plan.stages[:2]] == [1, 2]
        assert bool(plan.stages[0].feeds) == (mode is InputMode.ROWS)
    assert_exact(graph, plan)
    assert_exact(graph, make_plan(graph, Request(scheme, mode)))


def test_a_split_that_leaves_nothing_for_patches_is_refused() -> None:
    graph = with_a_border(DType.FLOAT32)
    with pytest.raises(PlanningError, match=r"nothing is left to compute by patches before op 1.*choose a later split"):
        make_plan(graph, Request("patch", patches=Patches(2, 1)))
