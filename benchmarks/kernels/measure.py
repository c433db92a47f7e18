"""Plans, proves, builds and runs one model for one target on one emulated board, and counts per layer.

Counts are of executed instructions between the first pushed row and the result, exact and the same on every machine.
"""

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.kernels import cycles
from embedded.tools.counts import OperatorCounts
from embedded.tools.figures import RunResult
from embedded.tools.firmware import Firmware, build, run
from export.__main__ import write_folder
from export.c.emit import emit
from verify.channels.reduced import reduced
from verify.clip import NotAClipError, per_frame
from verify.commands.check import random_inputs
from verify.graph.graph import Graph, Node
from verify.graph.plan import InputMode, Plan
from verify.ops.geometry import ImageWindow
from verify.ops.regions import computed_macs
from verify.plan.left_out import constant_channels
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import ProvedPlan, check
from verify.targets.choice import kernels_of
from verify.targets.registry import target_named

GENERATED = "stj_model"
"""Stem of the generated source: its functions are no kernels'."""


@dataclass(frozen=True)
class Setting:
    """For what a model is built: a target of verify/targets and an emulated board that can run it."""

    target: str
    board: str

    def __str__(self) -> str:
        return f"{self.target}@{self.board}"


@dataclass(frozen=True)
class Layer:
    """One operator of a model.

    Args:
      index: in the model file.
      kind: TFLite's name of the operator.
      kernel: the C function that computes it.
      shape: of the first operand and the result, and of the window.
      macs: multiply-accumulates that are done, recomputed ones included; channels that are left out do none.
      elements: of the result.
      calls: of the kernel in one inference.
      instructions: executed in these calls, the calling instruction included.
      code_bytes: of all functions that they executed.
      flash_bytes: of weights, tables and parameters.
      functions: instructions per function.
    """

    index: int
    kind: str
    kernel: str
    shape: str
    macs: int
    elements: int
    calls: int
    instructions: int
    code_bytes: int
    flash_bytes: int
    functions: Mapping[str, int]


@dataclass(frozen=True)
class Measured:
    """One model in one setting. Instructions of one inference; bytes. `macs` are the model's own.

    `code_bytes` and `weights_bytes` are the linked image's, without the harness. `output_sha256` names the outputs of
    the seeded input: settings of one model give the same. `cycles_estimated` is llvm-mca's (benchmarks.kernels.cycles),
    None on other cores than a Cortex-M7 and where LLVM is not installed. `problems` says where the firmware breaks what
    its plan proved.
    """

    model: str
    setting: Setting
    scheme: str
    macs: int
    instructions: int
    arena_bytes: int
    scratch_bytes: int
    sram_bytes: int
    weights_bytes: int
    code_bytes: int
    output_sha256: str
    layers: tuple[Layer, ...]
    functions: Mapping[str, int]
    cycles_estimated: int | None = None
    problems: tuple[str, ...] = ()

    @property
    def other_instructions(self) -> int:
        """Of the generated code around the kernels."""
        return self.instructions - sum(layer.instructions for layer in self.layers)


def program_of(graph: Graph) -> Graph:
    """The program of one frame where the model is one of clips, else the model."""
    try:
        return per_frame(graph)
    except NotAClipError:
        return graph


def measure(model: Graph, setting: Setting, scheme: str, work: Path, seed: int = 0) -> Measured:
    """The model in this setting.

    Args:
      model: as read from its file.
      setting: target and board.
      scheme: of the planner; the input is pushed by rows.
      work: folder for what is built.
      seed: of the input.

    Raises:
      PlanningError: the target does not exist or has no kernel for an operator.
      FirmwareError: it does not build or run.
    """
    done = run_of(model, setting, scheme, work, seed)
    proved, firmware, result = done
    graph, plan = proved.graph, proved.plan
    assert result.instructions is not None and result.profile is not None
    return Measured(
        model=graph.name,
        setting=setting,
        scheme=scheme,
        macs=sum(node.macs for node in program_of(model).nodes),
        instructions=result.instructions[0],
        arena_bytes=plan.arena_bytes,
        scratch_bytes=plan.scratch_bytes,
        sram_bytes=plan.sram_bytes,
        weights_bytes=result.flash.weights or 0,
        code_bytes=result.flash.code or 0,
        output_sha256=_sha256(result.outputs),
        layers=tuple(_layers(proved, firmware, result.operators or {})),
        functions=result.profile,
        cycles_estimated=cycles_of(firmware, result.addresses or {}),
        problems=tuple(result.problems),
    )


def cycles_of(firmware: Firmware, executed: Mapping[int, int]) -> int | None:
    """The estimate, where there is one."""
    known = firmware.board.name == cycles.BOARD and cycles.available()
    return cycles.estimated_cycles(firmware.elf, executed) if known else None


class Done(NamedTuple):
    """What was proved, built and run, with counts per operator."""

    proved: ProvedPlan
    firmware: Firmware
    result: RunResult


def run_of(model: Graph, setting: Setting, scheme: str, work: Path, seed: int = 0) -> Done:
    """One inference of a model; arguments and errors are those of `measure`."""
    graph = network_of(model, setting.target)
    plan = make_plan(graph, Request(scheme, InputMode.ROWS, target=setting.target))
    return executed(graph, plan, setting, work / f"{graph.name}-{setting}-{scheme}", seed)


def network_of(model: Graph, target: str) -> Graph:
    """What is planned of a model: its program, without the channels that need not be computed."""
    whole = program_of(model)
    return reduced(whole, constant_channels(whole, target_named(target).channels))


def executed(graph: Graph, plan: Plan, setting: Setting, folder: Path, seed: int = 0) -> Done:
    """One inference by a plan, which is proved first; built in `folder`."""
    report, proved = check(graph, plan)
    assert proved is not None, f"{graph.name}, {setting}: {report.verdicts}"
    write_folder(folder / "gen", emit(proved))
    firmware = build(folder / "gen", setting.board, folder / "build")
    inputs = [array[None] for array in random_inputs(graph, seed)]
    return Done(proved, firmware, run(firmware, inputs, profile=True))


def _layers(proved: ProvedPlan, firmware: Firmware, counts: Mapping[int, OperatorCounts]) -> Iterator[Layer]:
    """The operators whose kernels were called, in the order of the file."""
    kernels = kernels_of(proved.graph, proved.plan)
    macs = computed_macs(proved.graph, proved.plan)
    sizes = {symbol.label: symbol.size_bytes for symbol in firmware.image.code}
    for node in proved.graph.nodes:
        if (count := counts.get(node.index)) is None:
            continue
        own = [name for name in count.by_function if not name.startswith(GENERATED)]
        yield Layer(
            index=node.index,
            kind=node.op.kind,
            kernel=kernels[node.index].name,
            shape=shape_of(node),
            macs=macs.get(node.index, 0),
            elements=sum(math.prod(shape) for shape in node.output_shapes),
            calls=count.times,
            instructions=count.instructions,
            code_bytes=sum(sizes.get(name, 0) for name in own),
            flash_bytes=kernels[node.index].flash_bytes(node),
            functions=count.by_function,
        )


def shape_of(node: Node) -> str:
    """Extents of the first operand and the first result without a batch of 1, then window and strides."""
    text = "x".join(map(str, _without_batch(node.input_shapes[0])))
    text += " > " + "x".join(map(str, _without_batch(node.output_shapes[0])))
    geometry = getattr(node.op, "geometry", None)
    if isinstance(geometry, ImageWindow):
        text += f", {geometry.kernel[0]}x{geometry.kernel[1]}"
        text += f" / {geometry.stride[0]}x{geometry.stride[1]}" if max(geometry.stride) > 1 else ""
    return text


def _without_batch(shape: tuple[int, ...]) -> tuple[int, ...]:
    return shape[1:] if len(shape) > 1 and shape[0] == 1 else shape


def _sha256(outputs: list[np.ndarray]) -> str:
    digest = hashlib.sha256()
    for array in outputs:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
