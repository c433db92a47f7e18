"""The models whose plans get faults, and the plans."""

import functools
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.clip.stateful import wake_word
from tests.clip.test_per_frame import conv3d, shifted, streamtinynet
from tests.random_models import Net
from tests.samples.registry import samples
from verify.clip import by_call, per_frame
from verify.graph.graph import Graph
from verify.graph.plan import InputMode, Plan
from verify.ops.row_phases import phasable, phased
from verify.plan.request import Patches, PlanningError, Request
from verify.plan.search import make_plan
from verify.tflite import read_model


def residual() -> Graph:
    """Two residual blocks with an expansion each, the second after a stride, and a head."""
    net = Net(1)
    x = net.conv(net.input(1, 18, 9, 2), 3, (3, 3), (1, 1), (1, 1))
    x = net.add(net.depthwise(net.conv(x, 3, (1, 1), (1, 1), (1, 1)), (3, 3), (1, 1), (1, 1)), x)
    x = net.conv(x, 4, (3, 3), (2, 2), (1, 1))
    wide = net.depthwise(net.conv(x, 12, (1, 1), (1, 1), (1, 1)), (5, 3), (1, 1), (1, 1))
    x = net.add(net.conv(wide, 4, (1, 1), (1, 1), (1, 1)), x)
    net.dense(net.mean(x), 3)
    return net.graph()


def in_phases() -> Graph:
    """A residual network whose expansions before strided windows are computed in phases of rows."""
    net = Net(2)
    x = net.conv(net.input(1, 15, 8, 2), 3, (3, 3), (1, 1), (1, 1))
    for taps, stride in (((3, 3), 2), ((5, 3), 2)):
        wide = net.depthwise(net.conv(x, 9, (1, 1), (1, 1), (1, 1)), taps, (stride, 1), (1, 1))
        x = net.conv(wide, 3, (1, 1), (1, 1), (1, 1))
    net.dense(net.mean(x), 3)
    graph = net.graph()
    return phased(graph, phasable(graph))


SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)

GROUPS = 8
"""Networks over which all operators of the reader are spread."""


@st.composite
def all_operators(draw: st.DrawFn) -> list[Net]:
    """Random networks in which every operator is drawn once."""
    nets, kinds = [], sorted(samples())
    for k in range(GROUPS):
        net = Net(k)
        tensors = [net.input(1, 5, 4, 3)]
        for kind in kinds[k::GROUPS]:
            tries = (samples()[kind](draw, net, x, tensors) for x in reversed(tensors))
            tensors += next(filter(None, tries), ())
        net.read_aliases()
        nets.append(net)
    return nets


@functools.cache
def of_all_operators() -> tuple[Graph, ...]:
    """The first of them, always the same."""
    found: list[Graph] = []

    @seed(5)
    @settings(max_examples=1, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=SLOW)
    @given(all_operators())
    def one(nets: list[Net]) -> None:
        found.extend(net.graph() for net in nets)

    one()
    return tuple(found[:GROUPS])


SMALL: dict[str, Callable[[], Graph]] = {
    "residual": residual,
    "rows in phases": in_phases,
    "clip: window over frames": lambda: per_frame(streamtinynet(4, 9, 6)),
    "clip: causal 3-D": lambda: per_frame(conv3d(4)),
    "clip: shifted channels": lambda: per_frame(shifted(4)),
    "states of its own": lambda: by_call(read_model(wake_word().bytes(), "wake word")),
    **{f"operators {k}": lambda k=k: of_all_operators()[k] for k in range(GROUPS)},
}


def zoo(folder: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted((folder / "mcunet_zoo").glob("*.tflite"))}


def load(name: str, folder: Path) -> Graph:
    return SMALL[name]() if name in SMALL else read_model(zoo(folder)[name].read_bytes(), name)


def base_plans(graph: Graph) -> list[Plan]:
    """Plans of every kind; the first one is what the planner makes unless asked otherwise."""
    wanted = [
        ("auto", InputMode.ROWS, 1.0),
        ("auto", InputMode.ROWS, 1.3),
        ("stream", InputMode.ROWS, 1.0),
        ("auto", InputMode.WHOLE, 1.0),
        ("auto", InputMode.PATCHES, 1.0),
        ("layer", InputMode.ROWS, 1.0),
    ]
    kept_inputs = any(graph.kept_frames(tensor) > 1 for tensor in graph.inputs)
    plans = [
        make_plan(graph, Request(scheme, mode, max_macs=macs))
        for scheme, mode, macs in wanted
        if not (kept_inputs and mode is InputMode.PATCHES)
    ]
    return plans + published(graph)


def published(graph: Graph) -> list[Plan]:
    """MCUNetV2's patches, which compute rows and columns again, where they are possible: 2 x 2 of them."""
    for split in range(min(8, len(graph.nodes) - 1), 1, -1):
        try:
            return [make_plan(graph, Request("patch", InputMode.WHOLE, patches=Patches(2, split)))]
        except PlanningError:
            continue
    return []
