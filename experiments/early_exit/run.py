"""Measures what leaving with the first of two answers saves and costs, and what holding frames back does.

Answers to all frames of the recordings come from the firmware compiled for this computer, both outputs of each: they
decide accuracy at every setting. An emulated microcontroller runs the first frames of the test recordings and says
what a frame costs that ends early, that is computed in full, and that is held back; a setting costs the mean of these
over all frames.
"""
# pyright: reportMissingImports=false

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from embedded.tools.firmware import Firmware
from experiments.early_exit.config import NEVER, ExitConfig, trained
from experiments.early_exit.streams import Answers, Recordings, answers, built, differs_from_tflm, held, recordings_of
from stjax.data import Splits, load_splits
from verify.clip import per_frame
from verify.graph.early_exit import exit_first
from verify.graph.graph import Graph
from verify.graph.plan import InputMode
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.program.reuse import intervals_of
from verify.proof.check import ProvedPlan, check
from verify.tflite import read_model

EXIT, GATE = "early exit", "gate"
EACH_KIND = 60
"""Frames on the board from which the costs of an early and of a full answer are taken."""


@dataclass(frozen=True)
class Outcome:
    """One way to save at one setting, over the test recordings.

    Args:
      way: EXIT or GATE.
      setting: the margin or the threshold.
      chosen: whether the validation recordings choose it.
      validation_accuracy: on frames whose window has one label, of the validation recordings.
      accuracy: the same of the test recordings.
      scored: how many frames those are.
      frames: all frames of the test recordings whose window is full.
      saved_share: share of these that ended early, or were held back.
      macs: multiply-accumulates per frame.
      macs_whole: of a frame that is computed in full.
      instructions: per frame, by what frames of either kind cost on the board; None where none was measured there.
      instructions_whole: of a frame that is computed in full, there.
      device_frames: so many ran there at this setting, and
      device_instructions: took so many each;
      wrong_bytes: of these outputs differ from this computer's.
      oracle_different: of the outputs at this setting, so many bytes differ from TensorFlow Lite Micro's.
    """

    way: str
    setting: float
    chosen: bool
    validation_accuracy: float
    accuracy: float
    scored: int
    frames: int
    saved_share: float
    macs: float
    macs_whole: int
    instructions: float | None = None
    instructions_whole: float | None = None
    device_frames: int | None = None
    device_instructions: float | None = None
    wrong_bytes: int | None = None
    oracle_different: int | None = None


def outcomes(
    config: ExitConfig,
    work: Path,
    say: Callable[[str], None],
    clips: Splits | None = None,
    streams: Splits | None = None,
) -> Iterator[Outcome]:
    """Trains (once per folder `work`) and measures every setting.

    Raises:
      RuntimeError: a plan is not proved, or a firmware breaks what its plan proved.
    """
    clips = load_splits(config.clips) if clips is None else clips
    streams = load_splits(config.streams) if streams is None else streams
    say("training both answers")
    contents = trained(config, clips, work)
    (work / "clip.tflite").write_bytes(contents)
    with tempfile.TemporaryDirectory(prefix="stjax-exit-") as folder:
        machine = Machine.of(contents, config.board, Path(folder))
        yield from measured_outcomes(config, machine, streams, say)


def measured_outcomes(
    config: ExitConfig, machine: "Machine", streams: Splits, say: Callable[[str], None]
) -> Iterator[Outcome]:
    """Both ways at every setting."""
    validation, test = (recordings_of(source, config.recordings) for source in (streams.validation, streams.test))
    say("early exit: both answers to all frames")
    watched, found = (answers(machine.host, part.frames) for part in (validation, test))
    yield from exits(config, machine, (validation, watched), (test, found), say)
    yield from gates(config, machine, (validation, watched), test, say)


def prove(contents: bytes) -> ProvedPlan:
    """A proved plan of the program of one frame that computes what the early answer needs first."""
    program, cut = exit_first(per_frame(read_model(contents, "clip")), 0)
    report, proved = check(program, make_plan(program, Request("stream", InputMode.ROWS, cut=cut)))
    if proved is None:
        raise RuntimeError(f"the plan is not proved: {report.verdicts}")
    return proved


@dataclass(frozen=True, eq=False)
class Machine:
    """A clip model of two outputs, and the firmware of its program of one frame.

    Args:
      contents: the clip model.
      graph: the program, what the early answer needs first.
      host: for this computer.
      board, reusing: for the board; the latter computes only what depends on rows that changed.
    """

    contents: bytes
    graph: Graph
    host: Firmware
    board: Firmware
    reusing: Firmware

    @staticmethod
    def of(contents: bytes, board: str, folder: Path) -> "Machine":
        proved = prove(contents)
        return Machine(
            contents=contents,
            graph=proved.graph,
            host=built(proved, "host", folder / "host", 0),
            board=built(proved, board, folder / "board", 0),
            reusing=built(proved, board, folder / "reusing", reuse_rows=True),
        )


Streamed = tuple[Recordings, Answers]


def exits(
    config: ExitConfig, machine: "Machine", validation: Streamed, test: Streamed, say: Callable[[str], None]
) -> Iterator[Outcome]:
    """Early exit at every margin."""
    recordings, both = test
    accuracies: dict[float, float] = {m: exit_accuracy(*validation, m, config.frames) for m in config.margins}
    margin = int(least(accuracies, accuracies[NEVER] - config.tolerance))
    say(f"early exit: {config.device_frames} frames on {config.board}, margin {margin}")
    part = recordings.first(config.device_frames)
    device = answers(machine.board, part.frames, margin)
    # Nearly all frames end early at margin 0, and none at the highest: both kinds are seen there.
    some = part.first(config.frames + EACH_KIND).frames
    eager, patient = (answers(machine.board, some, m) for m in (0, NEVER))
    early_cost, full_cost = costs(eager, eager.early, config.frames)[0], costs(patient, patient.early, config.frames)[1]
    full = recordings.full(config.frames)
    first_macs, macs = early_macs(machine.graph), sum(node.macs for node in machine.graph.nodes)
    for m in config.margins:
        early = margins_of(both.outputs[0]) > m
        share = float(early[full].mean())
        found = Outcome(
            way=EXIT,
            setting=m,
            chosen=m == margin,
            validation_accuracy=accuracies[m],
            accuracy=exit_accuracy(recordings, both, m, config.frames),
            scored=int(recordings.steady(config.frames).sum()),
            frames=int(full.sum()),
            saved_share=share,
            macs=share * first_macs + (1 - share) * macs,
            macs_whole=macs,
            instructions=mixed(share, early_cost, full_cost),
            instructions_whole=full_cost,
        )
        if m == margin:
            wrong = wrong_bytes(device, both, early)
            found = replace(found, **measured(device, wrong, machine.contents, part, config))
        yield found


def gates(
    config: ExitConfig, machine: "Machine", validation: Streamed, test: Recordings, say: Callable[[str], None]
) -> Iterator[Outcome]:
    """Frames held back at every threshold; all are answered in full."""

    def accuracy_of(recordings: Recordings, threshold: float) -> float:
        found = answers(machine.host, held(recordings, threshold)[0])
        return exit_accuracy(recordings, found, NEVER, config.frames)

    accuracies = {t: accuracy_of(validation[0], t) for t in config.thresholds}
    chosen = most(accuracies, exit_accuracy(*validation, NEVER, config.frames) - config.tolerance)
    say(f"gate: {config.device_frames} frames on {config.board}, threshold {chosen:g}")
    frames, back = held(test, chosen)
    part = test.first(config.device_frames)
    count = len(part.frames)
    device = answers(machine.reusing, frames[:count])
    held_cost, full_cost = costs(device, back[:count], config.frames)
    whole = answers(machine.board, part.frames).instructions
    whole_cost = None if whole is None else float(whole[config.frames - 1 :].mean())
    full = test.full(config.frames)
    macs, still = sum(node.macs for node in machine.graph.nodes), held_macs(machine.graph)
    for threshold in config.thresholds:
        frames, back = held(test, threshold)
        found = answers(machine.host, frames)
        share = float(back[full].mean())
        outcome = Outcome(
            way=GATE,
            setting=threshold,
            chosen=threshold == chosen,
            validation_accuracy=accuracies[threshold],
            accuracy=exit_accuracy(test, found, NEVER, config.frames),
            scored=int(test.steady(config.frames).sum()),
            frames=int(full.sum()),
            saved_share=share,
            macs=share * still + (1 - share) * macs,
            macs_whole=macs,
            instructions=mixed(share, held_cost, full_cost),
            instructions_whole=whole_cost,
        )
        if threshold == chosen:
            wrong = wrong_bytes(device, found, np.zeros(len(back), bool))
            through = Recordings(frames[:count], part.offsets, part.labels)
            outcome = replace(outcome, **measured(device, wrong, machine.contents, through, config))
        yield outcome


def margins_of(logits: np.ndarray) -> np.ndarray:
    """By how much the largest value exceeds the second largest."""
    ordered = np.sort(logits.astype(np.int16), -1)
    return ordered[:, -1] - ordered[:, -2]


def exit_accuracy(recordings: Recordings, found: Answers, margin: int, window: int) -> float:
    """Share of frames, of those whose window has one label, that get it: from the early answer above the margin."""
    early, full = (output.argmax(-1) for output in found.outputs)
    classes = np.where(margins_of(found.outputs[0]) > margin, early, full)
    scored = recordings.steady(window)
    return float((classes == recordings.labels)[scored].mean())


def least(accuracies: Mapping[float, float], wanted: float) -> float:
    """The smallest setting from which on all are that accurate: whatever is above it saves less."""
    chosen = max(accuracies)
    for setting in sorted(accuracies, reverse=True):
        if accuracies[setting] < wanted:
            break
        chosen = setting
    return chosen


def most(accuracies: Mapping[float, float], wanted: float) -> float:
    """The largest setting up to which all are that accurate; the smallest one if none is."""
    chosen = min(accuracies)
    for setting in sorted(accuracies):
        if accuracies[setting] < wanted:
            break
        chosen = setting
    return chosen


def costs(device: Answers, saved: np.ndarray, window: int) -> tuple[float | None, float | None]:
    """Instructions of frames that saved and of those that did not, with a full window; None where there is none."""
    if device.instructions is None:
        return None, None
    steady = np.arange(len(saved)) >= window
    groups = (device.instructions[steady & kind] for kind in (saved, ~saved))
    cheap, whole = (float(group.mean()) if len(group) else None for group in groups)
    return cheap, whole


def mixed(share: float, cheap: float | None, whole: float | None) -> float | None:
    parts = [(share, cheap), (1 - share, whole)]
    if any(cost is None for part, cost in parts if part):
        return None
    return sum(part * cost for part, cost in parts if cost is not None)


def early_macs(graph: Graph) -> int:
    """Of what runs before the early answer ends a frame."""
    first = exit_first(graph, 0)[1]
    return sum(node.macs for node in graph.nodes[:first])


def held_macs(graph: Graph) -> int:
    """Of a frame of which no row changed."""
    copied = intervals_of(graph).nodes
    return sum(node.macs for node in graph.nodes if node.index not in copied)


def wrong_bytes(device: Answers, host: Answers, early: np.ndarray) -> int:
    """Bytes in which the board's outputs differ from this computer's; what it left out must be what should be."""
    count = len(device.early)
    different = int((device.early[1:] != early[1:count]).sum())
    for k, (ours, theirs) in enumerate(zip(device.outputs, host.outputs, strict=True)):
        given = np.ones(count, bool) if k == 0 else ~device.early
        different += int((ours != theirs[:count])[given].sum())
    return different


def measured(device: Answers, wrong: int, contents: bytes, part: Recordings, config: ExitConfig) -> dict[str, Any]:
    executed = device.instructions
    return {
        "device_frames": len(device.early),
        "device_instructions": None if executed is None else float(executed[config.frames :].mean()),
        "wrong_bytes": wrong,
        "oracle_different": differs_from_tflm(contents, part, device, config.frames, config.oracle_windows),
    }
