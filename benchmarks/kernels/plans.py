"""What is counted to fit prices: models and single layers, and by which plans, so that every kind of work occurs.

A plan by whole rows or layers shows a kernel long calls; regions are another function's, and come as single pixels, as
strips of several columns, and in all sizes where a patch reads what it needs.
"""

import functools
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.kernels import models
from benchmarks.kernels.measure import network_of
from benchmarks.kernels.single import layer_model
from verify.commands import cli
from verify.graph.graph import Graph, Node
from verify.graph.plan import Firing, InputMode, Plan
from verify.plan.build import build
from verify.plan.forms.columns import columns
from verify.plan.request import Request
from verify.plan.runs import Runs
from verify.plan.search import make_plan
from verify.plan.uses import Uses
from verify.targets.choice import kernels_of, leaner
from verify.targets.kernel import Kernel
from verify.targets.registry import PORTABLE
from verify.targets.stack import stack_reserve

SCHEMES = ("stream", "layer", "auto")
PATCHED = ("mcunet-10fps_vww", "mcunet-5fps_imagenet", "mcunet-320kb-1mb_vww")
PATCHES = ("patch", "stream-2d")
"""Models that are also run by patches, and how: regions of many sizes, which other plans do not have."""

SMALL = 1.5
"""Times the fewest instructions, of a plan of little memory: strips of columns, kernels of less working memory."""

STRIPS = (2, 5, 8)
"""Columns that single layers are computed by: kernels take three or four at once, and then what is left."""

TURNS = (0, 3, 6)
"""Of kernels of less working memory: a depthwise layer has up to eight."""

RARE = (
    "corpus/arm_kws_basic_lstm_s", "corpus/cfu_magic_wand_int8", "corpus/jester_c1j_tsm_streaming_int8",
    "corpus/mltk_fingerprint_signature_int8", "corpus/mltk_rock_paper_scissors_int8", "corpus/tflm_micro_speech_int8",
    "corpus/tflm_mobilenet_v2_nchw_pytorch_int8", "corpus/tinymaix_mnist_arduino_q", "corpus/mlonmcu_qnn_model",
    "field/clip_framewise_cnn_concat_fc", "field/clip_timedistributed_5d", "field/dense_output_conv_sigmoid_48x48",
    "field/maximum_minimum_clip",
)  # fmt: skip
"""Models with operators that few others have."""

LAYERS = (
    "conv:1x1:8:48:w20", "conv:1x1:48:8:w20", "conv:1x1:144:24:w7", "conv:1x1:24:144:w5", "conv:1x1:64:64:w3",
    "conv:3x3:3:16:w48:s2", "conv:3x3:16:16:w32", "conv:3x3:64:64:w8", "conv:1x1:16:40:w31", "conv:1x1:576:96:w5",
    "dw:3x3:48:w20", "dw:3x3:48:w21:s2", "dw:5x5:48:w20", "dw:5x5:96:w11:s2", "dw:7x7:48:w20", "dw:7x7:96:w5",
    "dw:3x3:144:w3", "dw:3x3:16:w72", "dw:7x7:48:w22:s2", "dw:8x1:16:w28:m2", "dw:2x3:24:w9:m2", "dw:3x3:1:w28:m8",
    "dw:3x3:48:w20:relu", "dw:3x3:48:w21:s2:relu", "dw:5x5:48:w20:relu", "dw:5x5:96:w11:s2:relu", "dw:7x7:48:w20:relu",
    "dw:7x7:48:w22:s2:relu", "dw:3x3:144:w3:relu", "dw:10x8:1:w21:h14:m8", "conv:3x3:1:8:w25", "fc:64:12", "fc:640:10",
    "fc:1024:2", "fc:9:12:m7", "fc:64:12:m9", "add:48:w20", "add:16:w5", "mul:48:w20", "maxpool:2x2:16:w20:s2",
    "avgpool:2x2:16:w20:s2", "avgpool:5x5:160:w5:h5:valid", "mean:128:w5:h5", "mean:64:w8:h8", "quantize:3:w20",
    "quantize:1:w96", "dequantize:2:w1", "relu:48:w20", "relu:16:w7", "flip:3:w20", "pad:16:w20", "pad:3:w48",
    "dw:3x3:1:w9:m5", "maximum:48:w20", "maximum:8:w31", "mul:8:w31", "resize:16:w10", "resize:48:w6",
    "sqdiff:48:w20", "sqdiff:8:w31", "div:48:w20", "div:8:w31",
    "less:48:w20", "less:8:w31", "select:48:w20", "select:8:w31",
    "matmul:8:64:w64:m2", "matmul:64:8:w64", "matmul:48:20:w12", "addn:48:w20", "addn:8:w31",
    "logsoftmax:12:w20", "logsoftmax:48:w7", "logsoftmax:3:w31",
    "cumsum:48:w20:h5", "cumsum:8:w31:h3", "cumsum:16:w7:h12",
    "bilinear:16:w10:m2", "bilinear:48:w6:m2", "bilinear:3:w20:m3", "bilinear:24:w12:s2",
    "tconv:3x3:16:8:w10:s2", "tconv:2x2:24:12:w6:s2", "tconv:4x4:8:5:w9:s2", "tconv:3x3:32:16:w5",
    "tconv:5x5:3:9:w8:s3", "prelu:48:w20", "prelu:8:w31", "prelu:16:w9:m2", "reducemax:64:w8:h8", "reducemax:5:w31",
    "reducemax:21:w20:s2", "argmax:21:w20", "argmax:4:w31", "argmax:3:w20:s2", "l2norm:64:w8", "l2norm:5:w20",
    "dw:3x3:48:w21:s2:phases", "dw:5x5:96:w11:s2:phases", "dw:7x7:48:w22:s2:phases", "dw:3x3:18:w40:s2:phases",
    "dw:7x7:144:w10:s2:valid:phases", "dw:3x5:24:w20:s2:phases", "dw:5x2:40:w16:s2:phases", "dw:7x3:16:w30:s2:phases",
    "conv16:1x1:8:48:w20", "conv16:3x3:16:16:w12", "conv16:3x3:3:7:w20:s2", "conv16:1x1:64:9:w5",
    "dw16:3x3:20:w20", "dw16:5x5:7:w11:s2", "dw16:3x3:6:w9:m3", "fc16:640:10", "fc16:64:13", "fc16:9:3:m7",
    "dw:3x3:48:w21:s2:relu:phases", "dw:3x3:24:w40:s2:relu:phases", "dw:5x5:96:w11:s2:relu:phases",
    "dw:5x5:24:w30:s2:relu:phases", "dw:7x7:48:w22:s2:relu:phases", "dw:7x7:96:w10:s2:relu:phases",
    "tconv16:3x3:16:8:w10:s2", "tconv16:2x2:24:13:w6:s2", "tconv16:5x5:3:9:w8:s3", "add16:48:w20", "add16:8:w31",
    "mul16:48:w20", "mul16:8:w31", "leaky16:48:w20", "leaky16:8:w31", "tanh16:48:w20", "tanh16:8:w31",
    "maxpool16:2x2:16:w20:s2", "maxpool16:3x3:5:w13", "avgpool16:2x2:16:w20:s2", "avgpool16:3x3:5:w13",
    "softmax16:12:w20", "softmax16:48:w7", "softmax16:3:w31",
    "conv:1x1:24:144:w5:int4", "conv:3x3:3:16:w48:s2:int4", "conv:3x3:16:18:w12:int4", "conv:1x1:64:9:w7:int4",
    "conv:1x1:64:64:w3:int4", "conv:3x3:64:64:w8:int4", "conv:1x1:48:8:w20:int4", "conv:1x1:16:40:w31:int4",
    "dw:7x7:48:w20:int4", "dw:5x5:96:w11:s2:int4", "dw:2x3:24:w9:int4", "dw:3x3:144:w3:int4",
    "fc:1024:2:int4", "dw:3x3:48:w20:int4", "dw:5x5:45:w11:s2:int4", "dw:3x3:6:w9:m3:int4", "dw:7x7:18:w10:int4",
    "maximum16:48:w20", "maximum16:8:w31", "mean16:64:w8:h8", "mean16:5:w31", "mean16:21:w20:s2",
    "cast:48:w20", "cast:8:w31", "cast:48:w20:m2", "cast:8:w31:m2", "cast:16:w9:m3",
    "gather:16:40:w64", "gather:3:17:w20", "gather:64:5:w9",
    "fc:640:10:int4", "fc:64:12:int4", "fc:9:12:m7:int4",
)  # fmt: skip

Change = Callable[[Graph, Plan], Plan | None]
"""Another plan made of one; None where there is none."""


@dataclass(frozen=True)
class Task:
    """One plan of one network, made when it is asked for (None: there is none); `where` says in a few words which."""

    where: str
    graph: Graph
    plan: Callable[[], Plan | None]


def tasks(paths: Sequence[Path], target: str) -> Iterator[Task]:
    """All plans to be counted for one target; paths are those of `models` if there are none."""
    rare = () if paths else models.paths_of(models.FOLDER, RARE)
    networks = [network_of(cli.load_model(path), target) for path in paths or models.paths_of(models.FOLDER)]
    layers = [network_of(layer_model(text), target) for text in LAYERS]
    preferred = Request(mode=InputMode.ROWS, target=target, preferred=True, packed=target == PORTABLE)
    small = replace(preferred, objective="instructions", worth=SMALL, preferred=False)
    for graph in itertools.chain(networks, layers):
        made = {scheme: _made(graph, replace(preferred, scheme=scheme)) for scheme in SCHEMES}
        yield from (Task(f"{graph.name} {scheme}", graph, plan) for scheme, plan in made.items())
        for turn in TURNS:
            yield _changed(f"others {turn}", graph, made["stream"], functools.partial(others, turn=turn))
    for graph in networks:
        yield Task(f"{graph.name} small", graph, _made(graph, small))
        for way in PATCHES if graph.name in PATCHED else ():
            yield Task(f"{graph.name} {way}", graph, _made(graph, replace(preferred, scheme=way)))
    for graph, strip in itertools.product(layers, STRIPS):
        plan = _made(graph, replace(preferred, scheme="layer"))
        yield _changed(f"strips of {strip}", graph, plan, functools.partial(in_strips, strip=strip))
    for path in rare:
        graph = network_of(cli.load_model(path), target)
        for scheme in ("stream", "layer"):
            yield Task(f"{graph.name} {scheme}", graph, _made(graph, replace(preferred, scheme=scheme)))


def _made(graph: Graph, request: Request) -> Callable[[], Plan]:
    return functools.cache(functools.partial(make_plan, graph, request))


def _changed(name: str, graph: Graph, plan: Callable[[], Plan], change: Change) -> Task:
    return Task(f"{graph.name} {name}", graph, lambda: change(graph, plan()))


def others(graph: Graph, plan: Plan, turn: int = 0) -> Plan | None:
    """The plan with kernels of less working memory in place of the preferred ones, one of an operator's by turns: what
    had room for more has room for theirs."""
    kernels = dict(kernels_of(graph, plan))
    less = leaner(graph, plan.target, kernels)
    if not less or turn >= max(map(len, less.values())):
        return None
    for place, (op, own) in enumerate(less.items(), turn):
        kernels[op] = own[place % len(own)]
    stages = tuple(
        replace(stage, firings=tuple(_computed_by(f, graph.by_index[f.op], kernels[f.op]) for f in stage.firings))
        for stage in plan.stages
    )
    plan = replace(plan, stages=stages)
    return replace(plan, stack_bytes=stack_reserve(graph, plan, kernels))


def _computed_by(firing: Firing, node: Node, kernel: Kernel[Any]) -> Firing:
    return replace(firing, kernel=kernel.called, scratch=firing.scratch if kernel.scratch_bytes(node) else None)


def in_strips(graph: Graph, plan: Plan, strip: int) -> Plan | None:
    """A single layer by so many columns of its input at a time."""
    uses = Uses(graph, plan.target, preferred=True, packed=plan.target == PORTABLE)
    runs = Runs(uses, InputMode.ROWS)
    run = next((run for run in runs.of(0, runs.feedable(0)[-1]) if run.end == len(graph.nodes)), None)
    if run is None or run.by_columns is None or uses.width(graph.inputs[0]) <= strip:
        return None
    draft = columns(uses, run.by_columns.draft, strip)
    return build(uses, [draft], InputMode.ROWS, "auto") if draft else None
