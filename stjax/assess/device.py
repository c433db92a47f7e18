"""From an int8 clip model to its program of one frame on an emulated microcontroller, and the clip model as oracle.

Independent clips go into one stream, one after the other, and every T-th output is a clip's answer: the window then
holds exactly that clip's T frames.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Int8

from embedded.tools.firmware import Firmware, build, run
from export.__main__ import write_folder
from export.c.emit import emit
from verify.clip import NotAClipError, per_frame
from verify.graph.graph import Graph
from verify.graph.plan import InputMode
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import ProvedPlan, check
from verify.proof.evaluate import evaluate
from verify.targets.registry import PORTABLE
from verify.tflite import read_model
from verify.tflm.run import TflmError, run_tflm

TIMEOUT_S = 3600

Clips = Int8[np.ndarray, "clips time height width channels"]
Logits = Int8[np.ndarray, "clips classes"]


@dataclass(frozen=True, eq=False)
class DeviceRun:
    """What a microcontroller answered, and what it took.

    Args:
      logits: one row per clip.
      instructions: executed for each frame that gave a clip's answer; None on the host.
      sram_bytes: proved for the program of one frame: arena (the window in it), state, scratch, stack.
      problems: where the firmware breaks what the plan proved; none is expected.
    """

    logits: Logits
    instructions: np.ndarray | None
    sram_bytes: int
    problems: tuple[str, ...]


def frame_program(contents: bytes) -> Graph:
    """The program of one frame of a clip model; a model of one frame is that already."""
    clip = read_model(contents, "clip")
    return per_frame(clip) if clip.input_shapes[0][0] > 1 else clip


def program_or_clip(contents: bytes) -> tuple[Graph, str]:
    """The program of one frame and "", or the whole clip's and the reason why there is no such program."""
    try:
        return frame_program(contents), ""
    except NotAClipError as error:
        return read_model(contents, "clip"), str(error)


def macs(program: Graph) -> int:
    """Multiply-accumulates of a run of a clip model, or of a frame of its program of one frame."""
    return sum(node.macs for node in program.nodes)


def prove(
    graph: Graph,
    sram: int | None = None,
    mode: InputMode = InputMode.ROWS,
    target: str = PORTABLE,
    packed: bool = False,
    scheme: str = "stream",
) -> ProvedPlan:
    """A streaming plan for the kernels of `target`, proved, its bytes within the budget `sram` where there is one, with
    weights of at most four bits two in a byte where `packed` says so.

    Raises:
      RuntimeError: the checker did not prove what the planner made.
    """
    report, proved = check(graph, make_plan(graph, Request(scheme, mode, sram=sram, target=target, packed=packed)))
    if proved is None:
        raise RuntimeError(f"the plan is not proved: {report.verdicts}")
    return proved


def run_clips(proved: ProvedPlan, clips: Clips, board: str, folder: Path) -> DeviceRun:
    """Builds a program's firmware and runs clips on it: frame by frame, or whole if the program is the clip model.

    Args:
      proved: a plan for what `frame_program` gave, or for the clip model.
      clips: as many frames each as the clip model takes.
      board: a board of embedded/boards.
      folder: for generated code and object files.
    """
    write_folder(folder / "gen", emit(proved))
    return run_firmware(build(folder / "gen", board, folder / board), proved, clips)


def run_firmware(firmware: Firmware, proved: ProvedPlan, clips: Clips) -> DeviceRun:
    """The same on a firmware that was built already."""
    pushed = clips.reshape(-1, *proved.graph.input_shapes[0])
    result = run(firmware, [pushed], timeout_s=TIMEOUT_S)
    per_clip = len(pushed) // len(clips)
    executed = None if result.instructions is None else np.array(result.instructions)[per_clip - 1 :: per_clip]
    answers = result.outputs[0].reshape(len(pushed), -1)[per_clip - 1 :: per_clip]
    return DeviceRun(answers, executed, proved.plan.sram_bytes, result.problems)


def clip_answers(contents: bytes, clips: Clips) -> tuple[str, Logits]:
    """The clip model's answers on whole clips, and who gave them: TFLM where it is installed, or our references."""
    with tempfile.TemporaryDirectory(prefix="stjax-clip-") as folder:
        path = Path(folder) / "clip.tflite"
        path.write_bytes(contents)
        try:
            return "TensorFlow Lite Micro", run_tflm(path, [clips]).outputs[0].reshape(len(clips), -1)
        except TflmError:
            graph = read_model(contents, "clip")
            answers = [evaluate(graph, [clip])[0].reshape(-1) for clip in clips]
            return "the operators' Python references", np.stack(answers)
