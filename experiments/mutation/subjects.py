"""The models whose plan files get mutants, each with plans of every scheme, samples and the bits to equal.

Small ones made here: reshapes that change width or rows, several inputs and outputs, random networks, clips. Small ones
from folders of models, and one of the MCUNet zoo.
"""

import contextlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from hypothesis import Phase, given, seed, settings

from experiments.mutation.firmware import BOARD_TARGET, Samples, samples_of
from experiments.mutation.legal import random_plan
from experiments.mutation.models import SLOW, residual
from tests.clip.test_kept_output import with_kept_output
from tests.clip.test_per_frame import causal_window, conv3d, shifted, shifted_at_once, streamtinynet
from tests.random_models import Net, networks
from verify.channels.reduced import NotReducibleError, reduced
from verify.clip import per_frame
from verify.commands import cli
from verify.commands.check import random_inputs
from verify.graph.graph import Graph
from verify.graph.plan import InputMode, Plan
from verify.graph.tensor import DType
from verify.plan.left_out import constant_channels
from verify.plan.request import PUBLISHED, SCHEMES, Patches, PlanningError, Request
from verify.plan.search import make_plan
from verify.proof.evaluate import evaluate
from verify.targets.registry import target_named
from verify.tflite import ModelError, read_model

STREAM, REPEATED = 13, (5, 6, 10)
"""Frames of a stream on which programs of one frame are run: the rings of kept frames come round several times. Some
are as the one before."""
LARGEST_BYTES, MOST_NODES, MOST_MACS = 120_000, 24, 600_000
"""Of models from folders: what is larger takes too long here."""


@dataclass(frozen=True, eq=False)
class Subject:
    """A model with plans of it, or of its program of one frame.

    Args:
      model: as its file has it; `samples` are for it.
      step: its program of one frame, or None; `stream` is for that.
    """

    name: str
    model: Graph
    plans: tuple[Plan, ...]
    samples: Samples
    step: Graph | None = None
    stream: Samples | None = None

    def program_of(self, plan: Plan) -> tuple[Graph, Samples]:
        """What a plan is about, as the commands choose it, and its samples.

        Raises:
          InputError: the plan is for a program per frame, which this model does not have.
        """
        if plan.clip_frames > 1 and self.step is not None:
            assert self.stream is not None
            try:
                return reduced(self.step, plan.left_out), self.stream
            except NotReducibleError:  # it is the checker who says so
                return self.step, self.stream
        return cli.program_of(self.model, plan), self.samples


# -- small networks ---------------------------------------------------------------------------------------------


def widths() -> Graph:
    """The second of three convolutions sees the rows narrower and deeper, the third as they were."""
    net = Net(3)
    x = net.conv(net.input(1, 8, 8, 2), 4, (3, 3), (1, 1), (1, 1))
    x = net.conv(net.reshape(x, 1, 8, 4, 8), 4, (3, 3), (1, 1), (1, 1))
    net.conv(x, 2, (3, 3), (1, 1), (1, 1))
    return net.graph()


def rows() -> Graph:
    """The second convolution sees twice the rows, the third four times."""
    net = Net(4)
    x = net.conv(net.input(1, 8, 8, 2), 4, (3, 3), (1, 1), (1, 1))
    x = net.conv(net.reshape(x, 1, 16, 4, 4), 4, (3, 3), (1, 1), (1, 1))
    net.conv(net.reshape(x, 1, 32, 2, 4), 2, (3, 1), (1, 1), (1, 1))
    return net.graph()


def two_inputs() -> Graph:
    net = Net(5)
    a = net.conv(net.input(1, 8, 6, 2), 4, (3, 3), (1, 1), (1, 1))
    b = net.conv(net.input(1, 8, 6, 3), 4, (3, 3), (1, 1), (1, 1))
    net.conv(net.add(a, b), 2, (3, 3), (2, 2), (1, 1))
    return net.graph()


def three_inputs() -> Graph:
    """Inputs of unlike heights, one used late."""
    net = Net(6)
    a = net.conv(net.input(1, 10, 5, 2), 3, (3, 3), (2, 1), (1, 1))
    x = net.add(a, net.depthwise(net.input(1, 5, 5, 3), (3, 3), (1, 1), (1, 1)))
    x = net.concatenate(x, x)
    net.dense(net.mean(net.add(net.conv(x, 2, (3, 3), (1, 1), (1, 1)), net.input(1, 5, 5, 2))), 3)
    return net.graph()


def branches() -> Graph:
    """Pools and an upsampling in branches that meet again; several results of unlike size."""
    net = Net(7)
    x = net.conv(net.input(1, 12, 8, 2), 4, (3, 3), (1, 1), (1, 1))
    low = net.pool("MAX_POOL_2D", x, (2, 2), (2, 2))
    net.conv(low, 4, (3, 3), (1, 1), (1, 1))
    high = net.pool("AVERAGE_POOL_2D", x, (3, 3), (1, 1))
    x = net.concatenate(high, net.upsample(low, 2), high)
    net.conv(net.pad(x, 1, 2, 0, 1), 2, (3, 3), (2, 1), (1, 1), "VALID")
    return net.graph()


def expansions() -> Graph:
    """Two blocks of expansion, depthwise convolution and projection: what patches and recomputation are made for."""
    net = Net(8)
    x = net.input(1, 12, 12, 2)
    for stride in (1, 2):
        wide = net.conv(x, 6, (1, 1), (1, 1), (1, 1))
        x = net.conv(net.depthwise(wide, (3, 3), (stride, stride), (1, 1)), 2, (1, 1), (1, 1), (1, 1))
    net.dense(net.mean(x), 3)
    return net.graph()


def chain() -> Graph:
    """Six convolutions of one size, dilated and not."""
    net = Net(9)
    x = net.input(1, 14, 6, 2)
    for k in range(6):
        x = net.conv(x, 2, (3, 3), (1, 1), (2, 1) if k % 2 else (1, 1))
    return net.graph()


def add_of_itself() -> Graph:
    """An ADD in place, one of both operands alike, a result that is read again."""
    net = Net(10)
    x = net.conv(net.input(1, 9, 4, 2), 3, (3, 3), (1, 1), (1, 1))
    y = net.add(net.add(x, x), x)
    net.dense(net.reshape(net.add(y, net.conv(y, 3, (1, 1), (1, 1), (1, 1))), 1, 108), 4)
    return net.graph()


IMAGES: dict[str, Callable[[], Graph]] = {
    "residual blocks": residual,
    "reshapes of width": widths,
    "reshapes of rows": rows,
    "two inputs": two_inputs,
    "three inputs": three_inputs,
    "branches": branches,
    "expansions": expansions,
    "chain": chain,
    "additions": add_of_itself,
}
CLIPS: dict[str, Callable[[int], Graph]] = {
    "clip: window over frames": streamtinynet,
    "clip: causal 3-D": conv3d,
    "clip: shifted channels": shifted,
    "clip: shifted at once": shifted_at_once,
    "clip: causal window": causal_window,
    "clip: a result kept": with_kept_output,
}
CLIP_FRAMES = 4


def random_networks(count: int) -> list[Graph]:
    """Networks of the property tests, always the same ones."""
    found: list[Graph] = []

    @seed(9)
    @settings(
        max_examples=3 * count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=SLOW,
    )
    @given(networks())
    def one(net: Net) -> None:
        graph = net.graph()
        if len(graph.nodes) > 2 and graph.outputs and not set(graph.outputs) & set(graph.inputs):
            found.append(graph)

    one()
    return found[:count]


# -- subjects ---------------------------------------------------------------------------------------------------


def plans_of(graph: Graph) -> tuple[Plan, ...]:
    """Plans of every scheme and way of input, and some of random cuts."""
    plans: list[Plan] = []
    for mode in InputMode:
        for scheme in SCHEMES:
            for patches in (Patches(2, 2), Patches(3, 3)) if scheme in PUBLISHED else (Patches(),):
                with contextlib.suppress(PlanningError):
                    plans.append(make_plan(graph, Request(scheme, mode, patches=patches)))
    plans.append(make_plan(graph, Request("auto", max_macs=1.5)))
    for scheme, mode in itertools.product(("layer", "stream", "auto"), InputMode):
        with contextlib.suppress(PlanningError):
            plans.append(for_board(graph, scheme, mode))
    for k in range(12):
        with contextlib.suppress(PlanningError):
            plans.append(random_plan(graph, np.random.default_rng(k)))
    return tuple(dict.fromkeys(plans))


def for_board(graph: Graph, scheme: str, mode: InputMode = InputMode.ROWS) -> Plan:
    """A plan with kernels that need working memory, some in several forms, and without channels of one value."""
    channels = target_named(BOARD_TARGET).channels
    return make_plan(reduced(graph, constant_channels(graph, channels)), Request(scheme, mode, target=BOARD_TARGET))


def image(name: str, graph: Graph) -> Subject:
    return Subject(name, graph, plans_of(graph), whole(graph))


def few_plans_of(graph: Graph) -> tuple[Plan, ...]:
    """One of each form."""
    wanted = (Request("layer"), Request("stream"), Request("auto"), Request("patch", patches=Patches(2, 6)))
    return (*(make_plan(graph, request) for request in wanted), for_board(graph, "stream"), for_board(graph, "auto"))


def whole(graph: Graph, count: int = 4) -> Samples:
    """Random samples, the second one of extremes."""
    inputs = [random_inputs(graph, k) for k in range(count)]
    inputs[1] = [extremes(array) for array in inputs[1]]
    return samples_of(inputs, [evaluate(graph, x) for x in inputs])


def extremes(array: np.ndarray) -> np.ndarray:
    if array.dtype.kind == "f":
        return np.sign(array)
    info = np.iinfo(array.dtype)
    return np.where(array > 0, info.max, info.min).astype(array.dtype)


def clip(name: str, build: Callable[[int], Graph], at_once: bool = False) -> Subject:
    """Plans of the program of one frame, or of the model that takes all frames at once."""
    model = build(CLIP_FRAMES)
    step = per_frame(model)
    frames = np.random.default_rng(0).integers(-128, 128, (STREAM, *model.input_shapes[0][1:]), np.int8)
    for repeated in REPEATED:
        frames[repeated] = frames[repeated - 1]
    outputs: list[list[np.ndarray] | None]
    if model.output_shapes[0][0] == CLIP_FRAMES:  # a result per frame: the stream is one long clip
        outputs = [list(results) for results in zip(*evaluate(build(STREAM), [frames]), strict=True)]
    else:
        starts = range(STREAM - CLIP_FRAMES + 1)
        outputs = [None] * (CLIP_FRAMES - 1)
        outputs += [evaluate(model, [frames[t : t + CLIP_FRAMES]]) for t in starts]
    plans = plans_of(model if at_once else step)
    return Subject(name, model, plans, whole(model), step, samples_of([[frame] for frame in frames], outputs))


def from_folder(folder: Path) -> dict[str, Path]:
    """Files of models that are small enough; whether they can be read is seen when they are."""
    found = {}
    for path in sorted(folder.glob("*.tflite")):
        if path.stat().st_size <= LARGEST_BYTES:
            found[path.stem] = path
    return found


def small_model(path: Path) -> Graph | None:
    """A model that we read and that runs fast enough."""
    try:
        graph = read_model(path.read_bytes(), path.stem)
    except ModelError:
        return None
    few = 0 < len(graph.nodes) <= MOST_NODES and sum(node.macs for node in graph.nodes) <= MOST_MACS
    known = {DType.INT8, DType.UINT8, DType.FLOAT32}
    return graph if few and {graph.tensors[t].dtype for t in (*graph.inputs, *graph.outputs)} <= known else None


RANDOM = 12
"""Random networks."""
ZOO = "mcunet-5fps_vww"


def subject_names(folder: Path) -> list[str]:
    """All subjects; those from folders as far as they exist."""
    found = [*IMAGES, *CLIPS, *(f"a clip at once: {name.removeprefix('clip: ')}" for name in CLIPS)]
    found += [f"random network {k}" for k in range(RANDOM)]
    for part in ("field", "corpus"):
        found += [f"{part}: {name}" for name, path in from_folder(folder / part).items() if small_model(path)]
    return [*found, *([f"zoo: {ZOO}"] if (folder / "mcunet_zoo" / f"{ZOO}.tflite").exists() else [])]


def subject_of(name: str, folder: Path) -> Subject:
    kind, _, rest = name.partition(": ")
    if name in IMAGES:
        return image(name, IMAGES[name]())
    if name in CLIPS:
        return clip(name, CLIPS[name])
    if kind == "a clip at once":
        return clip(name, CLIPS[f"clip: {rest}"], at_once=True)
    if name.startswith("random network "):
        return image(name, random_networks(RANDOM)[int(name.split()[-1])])
    path = folder / {"zoo": "mcunet_zoo"}.get(kind, kind) / f"{rest}.tflite"
    graph = read_model(path.read_bytes(), path.stem)
    return Subject(name, graph, few_plans_of(graph), whole(graph, 2)) if is_large(name) else image(name, graph)


def is_large(name: str) -> bool:
    """Whether a mutant takes seconds."""
    return name.startswith("zoo: ")
