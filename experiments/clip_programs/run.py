"""One row: a clip model, its program of one frame and the clip model whole, each planned, proved and run."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from embedded.tools.clips import compared_images, compared_with
from embedded.tools.firmware import build, run
from export.__main__ import write_folder
from export.c.emit import emit
from verify.channels.reduced import reduced
from verify.clip import NotAClipError, per_frame, time_axis
from verify.commands.check import random_inputs
from verify.graph.answers import answers
from verify.graph.graph import Graph
from verify.plan.bursts import searched
from verify.plan.left_out import constant_channels
from verify.plan.request import Request
from verify.proof.check import ProvedPlan, check
from verify.proof.evaluate import evaluate
from verify.tflite import read_model
from verify.tflm.run import TflmError, run_tflm

CLIPS = 3
"""Random clips that run, one after the other."""

BOARDS = ("host", "mps2-an500")


@dataclass(frozen=True)
class Row:
    """One line of the table. Bytes and multiply-accumulates; None where there is no such program.

    Args:
      frames: of a clip.
      first: the push, from 1, that gives the clip's own answer first.
      sram, macs: of the program of one frame, input by rows.
      clip_sram, clip_macs: of the clip model whole.
      instructions: executed for a frame on the last of the boards, the most of all frames.
      clip_instructions: executed there for a clip.
      results: those that C8 says something about and that were compared with the reference's, on all boards.
      different: elements of them, and of whole clips, that differ.
      tflm: elements of whole clips in which TFLM and the reference differ; None where TFLM does not run the model.
      why: for what reason there is no program of one frame.
    """

    model: str
    frames: int
    clip_sram: int
    clip_macs: int
    clip_instructions: int
    different: int
    tflm: int | None
    first: int | None = None
    sram: int | None = None
    macs: int | None = None
    instructions: int | None = None
    results: int = 0
    why: str = ""


def row(path: Path) -> Row | None:
    """The model in a file; None where it has no axis that could be time.

    Raises:
      ModelError: the file is not read.
    """
    model = read_model(path.read_bytes(), path.stem)
    axis = time_axis(model)
    if axis is None or model.stateful:
        return None
    samples = [random_inputs(model, seed) for seed in range(CLIPS)]
    clips = [np.stack(column) for column in zip(*samples, strict=True)]
    whole = proved(model)
    different, clip_instructions = 0, 0
    with tempfile.TemporaryDirectory(prefix="stjax-clips-") as name:
        for board in BOARDS:
            outputs, clip_instructions = device(whole, clips, board, Path(name), False)
            different += compared_images(model, clips, outputs).different
    found = Row(
        model=path.stem,
        frames=model.input_shapes[0][axis],
        clip_sram=whole.plan.sram_bytes,
        clip_macs=macs(whole.graph),
        clip_instructions=clip_instructions,
        different=different,
        tflm=unlike_tflm(path, model, samples),
    )
    try:
        return streamed(found, model, per_frame(model), clips)
    except NotAClipError as error:
        return replace(found, why=str(error))


def streamed(found: Row, model: Graph, program: Graph, clips: list[np.ndarray]) -> Row:
    """The row with what the program of one frame takes and gives."""
    frame = proved(program)
    frames = [clip.reshape(-1, *shape) for clip, shape in zip(clips, program.input_shapes, strict=True)]
    results, different, instructions = 0, 0, 0
    with tempfile.TemporaryDirectory(prefix="stjax-clips-") as name:
        for board in BOARDS:
            outputs, instructions = device(frame, frames, board, Path(name), True)
            of_board = compared_with(model, program, frames, outputs, True, 1)
            results, different = results + of_board.results, different + of_board.different
    return replace(
        found,
        first=1 + min((answer.first for answer in answers(program)), default=-1) or None,
        sram=frame.plan.sram_bytes,
        macs=macs(frame.graph),
        instructions=instructions,
        results=results,
        different=found.different + different,
    )


def proved(program: Graph) -> ProvedPlan:
    """The least SRAM that `auto` finds without computing anything twice, proved.

    Raises:
      RuntimeError: the checker did not prove what the planner made.
    """
    search, plan = searched(reduced(program, constant_channels(program)), Request(once=True))
    report, found = check(search.uses.graph, plan)
    if found is None:
        raise RuntimeError(f"{program.name}: the plan is not proved: {report.verdicts}")
    return found


def macs(program: Graph) -> int:
    return sum(node.macs for node in program.nodes)


def device(
    plan: ProvedPlan, inputs: list[np.ndarray], board: str, folder: Path, clips: bool
) -> tuple[list[np.ndarray], int]:
    """Outputs of a plan's firmware, and the most instructions that a sample took (0 on the host).

    Raises:
      RuntimeError: the firmware breaks what its plan proved.
    """
    gen = folder / "gen"
    write_folder(gen, emit(plan))
    result = run(build(gen, board, folder / board), inputs, clips=clips)
    if result.problems:
        raise RuntimeError(f"{plan.graph.name} on {board}: {'; '.join(result.problems)}")
    return result.outputs, max(result.instructions or [0])


def unlike_tflm(path: Path, model: Graph, samples: list[list[np.ndarray]]) -> int | None:
    """Elements in which TFLM and the reference differ on whole clips; None where TFLM does not run the model."""
    clips = [np.stack(column) for column in zip(*samples, strict=True)]
    try:
        outputs = run_tflm(path, clips).outputs
    except TflmError:
        return None
    expected = [np.stack(column) for column in zip(*(evaluate(model, sample) for sample in samples), strict=True)]
    return sum(int((a.ravel() != b.ravel()).sum()) for a, b in zip(outputs, expected, strict=True))
