"""Plans one network in several ways for one target, proves them, and counts what their firmware executes.

Patch schemes have the parameters of StreamNet's Table 2 and exact padding: each patch is clipped at the image's edges
as its own receptive field demands. With the padding rule of the paper's code their outputs would be wrong
(experiments/streamnet_tables).
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from embedded.tools.firmware import build, run
from experiments.streamnet_tables.published import printed
from export.__main__ import write_folder
from export.c.emit import emit
from verify.channels.reduced import reduced
from verify.commands.check import random_inputs
from verify.graph.graph import Graph
from verify.graph.plan import InputMode, Plan
from verify.graph.plan_json import plan_to_json
from verify.ops.regions import computed_macs
from verify.plan.bursts import searched
from verify.plan.left_out import constant_channels
from verify.plan.published import Scheme
from verify.plan.request import Patches, Request
from verify.plan.search import trade
from verify.proof.check import ProvedPlan, check
from verify.targets.choice import kernels_of
from verify.targets.cost import instructions_of
from verify.targets.registry import target_named

PATCHED = ("patch", "stream-1d", "stream-2d")
OURS = ("layer", "stream", "least", "small", "fast")
"""Layer by layer; by whole rows; the least SRAM of all (`--scheme auto`), and the least within 1.5 and 1.02 times the
fewest estimated instructions."""

SMALL = 1.5

POINTS = 16
"""Of a front, at most."""

BOARDS = {"portable": "mps2-an500", "cortex-m-dsp": "mps2-an500", "cortex-m-mve": "mps3-an547"}
"""The emulated board that runs a target's kernels."""


@dataclass(frozen=True)
class Row:
    """One plan of one network for one target. Bytes; instructions of one inference.

    Args:
      kind: one of PATCHED or OURS.
      scratch: part of the arena's needs: the most working memory that a kernel has.
      ratio: multiply-accumulates over the layer-wise ones of the whole network.
      estimated: as verify.targets.cost sees it; None where the kernels have not been measured.
      counted: None where it was not run.
      seconds: that the emulator took.
      plan_sha256: of the plan's file.
      output_sha256: of the outputs of the seeded input.
      problems: where the firmware breaks what its plan proved.
    """

    model: str
    target: str
    kind: str
    sram: int
    arena: int
    state: int
    stack: int
    scratch: int
    ratio: float
    estimated: int | None
    plan_seconds: float
    plan_sha256: str
    counted: int | None = None
    seconds: float | None = None
    output_sha256: str = ""
    problems: tuple[str, ...] = ()

    @property
    def instructions(self) -> int:
        """Counted, or where it was not run estimated."""
        found = self.estimated if self.counted is None else self.counted
        assert found is not None, f"{self.model}, {self.kind}: neither run nor estimated"
        return found


@dataclass(frozen=True)
class Measured:
    """What one run of the firmware gave."""

    counted: int
    seconds: float
    output_sha256: str
    problems: tuple[str, ...]


Execute = Callable[[ProvedPlan], Measured | None]
"""Runs a proved plan's firmware; None where that would take too long."""


def requests(model: str, target: str) -> dict[str, Request]:
    """What is asked of the planner, by kind."""
    second = next(figure for figure in printed(model) if figure.table == 2 and figure.scheme is Scheme.STREAM_2D)
    place = Patches(second.parameters.n_patch, second.parameters.split)
    found = {kind: Request(kind, InputMode.PATCHES, patches=place, target=target) for kind in PATCHED}
    return found | {
        "layer": Request("layer", target=target),
        "stream": Request("stream", target=target),
        "least": Request(target=target),
        "small": Request(target=target, objective="instructions", worth=SMALL),
        "fast": Request(target=target, objective="instructions"),
    }


def rows(model: str, graph: Graph, target: str, kinds: list[str], execute: Execute) -> Iterator[Row]:
    """One row per kind.

    Raises:
      AssertionError: the checker did not prove what the planner made.
    """
    asked, macs = requests(model, target), sum(node.macs for node in graph.nodes)
    for kind in kinds:
        start = time.process_time()
        search, plan = searched(network_of(graph, kind, target), asked[kind])
        network = search.uses.graph
        seconds = time.process_time() - start
        report, proved = check(network, plan)
        assert proved is not None, f"{model}, {target}, {kind}: {report.verdicts}"
        measured = execute(proved)
        yield Row(
            model=model,
            target=target,
            kind=kind,
            sram=plan.sram_bytes,
            arena=plan.arena_bytes,
            state=plan.state_bytes,
            stack=plan.stack_bytes,
            scratch=plan.scratch_bytes,
            ratio=round(sum(computed_macs(network, plan).values()) / macs, 4),
            estimated=estimate(network, plan),
            plan_seconds=round(seconds, 2),
            plan_sha256=hashlib.sha256(plan_to_json(plan).encode()).hexdigest(),
            **(vars(measured) if measured else {}),
        )


def network_of(graph: Graph, kind: str, target: str) -> Graph:
    """What is planned: for our own plans without the channels that need not be computed, as verify.plan does it."""
    if kind in PATCHED:
        return graph
    return reduced(graph, constant_channels(graph, target_named(target).channels))


def estimate(graph: Graph, plan: Plan) -> int | None:
    return instructions_of(graph, plan, kernels_of(graph, plan))


def front(graph: Graph, target: str) -> tuple[tuple[int, int], ...]:
    """(bytes, estimated instructions) of plans between the fewest instructions and the least SRAM."""
    network = network_of(graph, "fast", target)
    plans = trade(network, Request(target=target), most=POINTS)
    return tuple((plan.sram_bytes, estimate(network, plan) or 0) for plan in plans)


def executor(work: Path, most: float) -> Execute:
    """Runs on the target's emulated board what is estimated to take at most so many instructions."""
    known: dict[str, Measured] = {}

    def execute(proved: ProvedPlan) -> Measured | None:
        text = plan_to_json(proved.plan)
        expected = estimate(proved.graph, proved.plan)
        if expected is not None and expected > most:
            return None
        if text not in known:
            known[text] = count(proved, work / str(len(known)))
        return known[text]

    return execute


def count(proved: ProvedPlan, work: Path) -> Measured:
    """Builds and runs the plan's firmware on the seeded input."""
    write_folder(work / "gen", emit(proved))
    firmware = build(work / "gen", BOARDS[proved.plan.target], work / "build")
    inputs = [array[None] for array in random_inputs(proved.graph, 0)]
    start = time.monotonic()
    result = run(firmware, inputs)
    seconds = round(time.monotonic() - start, 1)
    assert result.instructions is not None, "an emulated board counts"
    return Measured(result.instructions[0], seconds, sha256(result.outputs), tuple(result.problems))


def sha256(outputs: list[np.ndarray]) -> str:
    digest = hashlib.sha256()
    for array in outputs:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
