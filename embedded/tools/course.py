"""A course: samples, and what the head that learns is told after each of them (embedded/apps/stj_course.h).

lessons = [NONE] * 7 + [learn(2)]         a clip of eight frames, an example of class 2
result = run_course(firmware, [frames], lessons, clips=True)
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from embedded.tools.board import FirmwareError, check_tools
from embedded.tools.counts import read_counts
from embedded.tools.firmware import TIMEOUT_S, Firmware, command_line, execute, parse_report
from embedded.tools.samples import check_inputs, pack, unpack


class Lesson(NamedTuple):
    """What is done after a sample; the numbers are those of stj_serial.h."""

    what: int
    label: int = 0


NONE, CLASSIFY, SAVE, RESTORE, BEGIN = (Lesson(what) for what in (0, 1, 4, 5, 6))


def learn(label: int) -> Lesson:
    """The sample before was an example of this class."""
    return Lesson(2, label)


def forget(label: int) -> Lesson:
    """The class as if it had had no example."""
    return Lesson(3, label)


@dataclass(frozen=True, eq=False)
class Course:
    """What came of a course; one entry per lesson that is not NONE where nothing else is said.

    Args:
      outputs: one array per output of the model, [samples, ...]: the features.
      answers: labels or statuses.
      heads: the head's struct after each, uint8 [lessons, bytes].
      instructions: of each sample; None on this computer.
      lesson_instructions: of each lesson; None on this computer.
      stack: deepest use by the model and the head, as painted; None on this computer.
    """

    outputs: list[np.ndarray]
    answers: np.ndarray
    heads: np.ndarray
    instructions: np.ndarray | None
    lesson_instructions: np.ndarray | None
    stack: int | None


def run_course(
    firmware: Firmware,
    inputs: Sequence[np.ndarray],
    lessons: Sequence[Lesson],
    clips: bool = False,
    timeout_s: float = TIMEOUT_S,
) -> Course:
    """Runs the samples one after the other, each with its lesson.

    Args:
      firmware: of a plan with a head that learns.
      inputs: one array per input of the model, [samples, ...].
      lessons: one for each sample.
      clips: samples are the frames of clips: the model is begun anew with each, the head goes on.
      timeout_s: seconds after which the program is stopped.

    Raises:
      FirmwareError: the model has no such head, numbers do not fit, or the program fails.
    """
    head_bytes = firmware.proved.sram.head
    if not head_bytes:
        raise FirmwareError("this model has no head that learns: plan it with --learn")
    check_inputs(inputs, firmware.signature.inputs)
    check_tools(firmware.board)
    if len(lessons) != len(inputs[0]):
        raise FirmwareError(f"{len(lessons)} lessons for {len(inputs[0])} samples; there must be one for each")
    taken = [k for k, lesson in enumerate(lessons) if lesson != NONE]
    with tempfile.TemporaryDirectory(prefix="course-", dir=firmware.directory) as name:
        folder = Path(name)
        (folder / "in.bin").write_bytes(pack(inputs))
        (folder / "lessons.bin").write_bytes(np.array(lessons, "<i4").tobytes())
        anew = clips or not firmware.proved.sram.history  # an image's model is begun with each
        arguments = ["in.bin", "out.bin", "clips" if anew else "keep-state", "lessons.bin", "answers.bin"]
        report = parse_report(execute(command_line(firmware, arguments, False), folder, timeout_s))
        outputs = unpack((folder / "out.bin").read_bytes(), firmware.signature.outputs, len(lessons))
        answered = np.frombuffer((folder / "answers.bin").read_bytes(), np.uint8).reshape(len(taken), 4 + head_bytes)
        device = firmware.board.is_device
        counts = read_counts((folder / "counts").read_text(), len(lessons) + len(taken)).samples if device else None
    of_lesson = np.zeros(0, bool) if counts is None else _of_lessons(len(lessons), taken)
    return Course(
        outputs=outputs,
        answers=np.ascontiguousarray(answered[:, :4]).view("<i4")[:, 0].astype(np.int32),
        heads=answered[:, 4:],
        instructions=None if counts is None else np.array(counts)[~of_lesson],
        lesson_instructions=None if counts is None else np.array(counts)[of_lesson],
        stack=max(int(sample["stack"]) for sample in report["sample"]) if device else None,
    )


def _of_lessons(samples: int, taken: Sequence[int]) -> np.ndarray:
    """Which counts are those of lessons: each comes behind its sample's."""
    found = np.zeros(samples + len(taken), bool)
    found[np.array(taken, int) + 1 + np.arange(len(taken))] = True
    return found
