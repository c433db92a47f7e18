"""Random networks under random kinds of plans, as C with address and undefined-behaviour sanitizers, bit for bit."""

import contextlib
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, Phase, assume, event, given, settings
from hypothesis import strategies as st

from embedded.tools.firmware import build, run
from export.__main__ import write_folder
from export.c.emit import emit
from tests.plan.test_recompute import banded, expanding
from tests.random_models import Net, networks
from verify.commands.check import random_inputs
from verify.graph.graph import Graph
from verify.graph.plan import InputMode, Plan
from verify.ops.regions import computed_macs
from verify.plan.build import build as build_plan
from verify.plan.candidates import Space, candidates
from verify.plan.request import PUBLISHED, Patches, PlanningError, Request
from verify.plan.runs import Runs
from verify.plan.search import make_plan
from verify.plan.select import front
from verify.plan.uses import Uses
from verify.proof.check import check
from verify.proof.evaluate import evaluate
from verify.targets.registry import PORTABLE

KINDS = ("stream", "auto", "recompute", "patch", "stream-1d")


@st.composite
def blocks(draw: st.DrawFn) -> Net:
    """Expansion, depthwise convolution and projection, once or twice: what patches and recomputation are made for."""
    net = Net(draw(st.integers(0, 2**16)))
    x = net.input(1, draw(st.sampled_from([8, 12])), draw(st.sampled_from([8, 12])), 2)
    for _ in range(draw(st.integers(1, 2))):
        wide = net.conv(x, draw(st.integers(5, 8)), (1, 1), (1, 1), (1, 1))
        stride = (1, draw(st.integers(1, 2)))
        wide = net.depthwise(wide, (3, draw(st.integers(2, 3))), stride, (1, 1))
        x = net.conv(wide, 2, (1, 1), (1, 1), (1, 1))
    return net


@st.composite
def wide_blocks(draw: st.DrawFn) -> Net:
    """Layers of eight channels and more, odd counts among them, as the kernels of a processor like them: a first
    convolution, an inverted residual block with its sum, a pooling and a dense head."""
    net = Net(draw(st.integers(0, 2**16)))
    image = net.input(1, draw(st.integers(7, 14)), draw(st.integers(7, 14)), draw(st.integers(1, 3)))
    x = net.conv(image, draw(st.integers(8, 11)), (3, 3), (draw(st.integers(1, 2)),) * 2, (1, 1))
    wide = net.conv(x, draw(st.integers(8, 21)), (1, 1), (1, 1), (1, 1))
    taps = draw(st.sampled_from([(3, 3), (5, 5), (7, 7), (3, 1), (2, 3)]))
    wide = net.depthwise(wide, taps, (1, 1), (1, 1))
    y = net.add(net.conv(wide, x.shape[3], (1, 1), (1, 1), (1, 1)), x)
    y = net.depthwise(y, draw(st.sampled_from([(3, 3), (5, 5)])), (2, 2), (1, 1))
    kind = draw(st.sampled_from(["AVERAGE_POOL_2D", "MAX_POOL_2D"]))
    y = net.pool(kind, y, (2, draw(st.integers(1, 3))), (1, draw(st.integers(1, 2))))
    net.dense(net.mean(y), draw(st.integers(2, 5)))
    return net


def plan_of(graph: Graph, kind: str, mode: InputMode, target: str = PORTABLE) -> Plan | None:
    """A plan of one kind, or None where this network has none.

    "recompute" is the one that computes the most rows again of those that the search keeps; a published scheme gets
    the most patches that any of its first operators allows.
    """
    if kind == "recompute":
        uses = Uses(graph)
        choice = front(candidates(Runs(uses, mode), 1, Space(recompute=True), lambda done, total: None))[-1]
        return build_plan(uses, [candidate.draft for candidate in choice.stages], mode, "auto")
    if kind not in PUBLISHED:
        return make_plan(graph, Request(kind, mode, target=target))
    for patches in (Patches(count, split) for count in (3, 2, 1) for split in (5, 3, 2, 1)):
        with contextlib.suppress(PlanningError):
            return make_plan(graph, Request(kind, mode, patches=patches, target=target))
    return None


@settings(
    max_examples=16,
    deadline=None,
    # Each example compiles a program: smaller ones are not worth looking for.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(st.one_of(networks(), blocks()), st.sampled_from(KINDS), st.sampled_from([InputMode.ROWS, InputMode.PATCHES]))
def test_sanitized_code_of_random_plans_is_exact(net: Net, kind: str, mode: InputMode) -> None:
    """The program's arena has just the plan's size, so that the address sanitizer sees what reaches beyond it."""
    graph = net.graph()
    plan = plan_of(graph, kind, mode)
    assume(plan is not None)
    assert plan is not None
    event(f"{kind}, recomputes: {sum(computed_macs(graph, plan).values()) > sum(n.macs for n in graph.nodes)}")
    require_exact(graph, plan)


@settings(
    max_examples=5,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(wide_blocks(), st.sampled_from(("layer", "stream", "auto", "stream-1d")))
def test_sanitized_code_of_a_processors_kernels_is_exact(net: Net, kind: str) -> None:
    """Those that hosts compile, with their working memory in the arena."""
    graph = net.graph()
    plan = plan_of(graph, kind, InputMode.ROWS, "cortex-m-dsp")
    assume(plan is not None)
    assert plan is not None
    names = {firing.kernel for stage in plan.stages for firing in stage.firings}
    event(f"{kind}, {len(names)} kernels, {sum(name.endswith('_dsp') for name in names)} of the processor")
    require_exact(graph, plan)


def test_sanitized_code_of_bands_is_exact() -> None:
    """Operators that compute three rows at once , of five rows of their operand."""
    graph = expanding()
    plan, _ = banded(graph, 3)
    assert plan.stages[0].firings[2].schedule.grain == 3
    require_exact(graph, plan)


def require_exact(graph: Graph, plan: Plan) -> None:
    """Proves the plan, and compares what its program gives for two samples with the references."""
    _, proved = check(graph, plan)
    assert proved is not None
    samples = [random_inputs(graph, seed) for seed in range(2)]
    with tempfile.TemporaryDirectory() as name:
        write_folder(Path(name) / "gen", emit(proved))
        program = build(Path(name) / "gen", "host", Path(name) / "host", sanitize=True, opt="-O1")
        found = run(program, [np.stack(arrays) for arrays in zip(*samples, strict=True)])
    for number, inputs in enumerate(samples):
        for got, expected in zip(found.outputs, evaluate(graph, inputs), strict=True):
            np.testing.assert_array_equal(got[number], expected)
