"""One cell: a network that never saw a class, or a person; what is enrolled, what that gives, the same on a board."""
# pyright: reportMissingImports=false

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from embedded.tools.board import load_board
from embedded.tools.course import CLASSIFY, NONE, RESTORE, SAVE, Course, Lesson, forget, learn, run_course
from experiments.learn_on_device.heads import Examples, Head, ceiling
from experiments.learn_on_device.network import Features, Trained, firmware_of, prove, trained
from experiments.learn_on_device.tasks import LEFT_OUT, Task, last, only, people_of, some, task_of, without
from stjax.data import ClipSource, DatasetConfig, Splits
from stjax.data.views import picked
from stjax.learn import to_bytes
from verify.graph.sram import Sram
from verify.learning import HEADS
from verify.learning.head import saved_bytes
from verify.learning.make import learning_for
from verify.report.summary import plan_sram

Say = Callable[[str], None]
CLASS, PERSON = "class", "person"
STEPS = {CLASS: (4, 0.5), PERSON: (1, 0.1)}


@dataclass(frozen=True)
class Options:
    """What a run asks of every cell.

    Args:
      dataset: where the clips are.
      validation: settings are being chosen: validation people are looked at, test people are not.
      epochs: None: the task's.
      hidden: of the network; None: the preset's. The last of them is how many features a head reads.
      known: training clips whose features heads begin with and the ceiling is trained on.
      tested: of the people that are looked at, at most; None: all.
      checkpoints: clips enrolled, at which is counted.
      draws: of the clips to enrol.
      room: examples that the dense head keeps.
      steps: its passes and its rate, by what was left out; chosen on validation people of both datasets.
      board: the emulated microcontroller; "" for none.
      device_clips: classified there at each checkpoint.
    """

    dataset: DatasetConfig
    validation: bool = False
    epochs: int | None = None
    hidden: tuple[int, ...] | None = None
    known: int = 1500
    tested: int | None = None
    checkpoints: tuple[int, ...] = (0, 1, 5, 10, 20)
    draws: int = 5
    room: int = 40
    steps: dict[str, tuple[int, float]] = field(default_factory=lambda: dict(STEPS))
    board: str = "mps2-an500"
    device_clips: int = 20

    @property
    def most(self) -> int:
        return max(self.checkpoints)


@dataclass(frozen=True)
class OnBoard:
    """What a course on the microcontroller came to.

    Args:
      clips, lessons: of the course.
      features_different, heads_different, answers_different: bytes, bytes and labels that are not those of JAX.
      sram: proved, by part; flash_weights, flash_code: of the image.
      frame, learn, classify: instructions, means.
      problems: where the image breaks what was proved.
    """

    clips: int
    lessons: int
    features_different: int
    heads_different: int
    answers_different: int
    sram: dict[str, int | None]
    flash_weights: int | None
    flash_code: int | None
    frame: float
    learn: float
    classify: float
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """A network, a head, and what it was taught.

    Args:
      task, kind, name, head, seed: which; `name` is the class that is new, or how many people.
      features, classes: of the head.
      tested: clips that are counted, of all rounds.
      checkpoints: clips enrolled.
      everything, before, new: shares of clips that are right, per checkpoint: of all, of the classes that training saw,
        of the new one (of people: the same as all). Means over draws and people.
      low, high: of `everything`, the least and the most of a draw.
      ceiling: share of all, of the head that is retrained in float on everything.
      device: None where there was no board.
    """

    task: str
    kind: str
    name: str
    head: str
    seed: int
    features: int
    classes: int
    tested: int
    checkpoints: tuple[int, ...]
    everything: tuple[float, ...]
    before: tuple[float, ...]
    new: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    ceiling: float
    device: OnBoard | None


@dataclass(frozen=True, eq=False)
class Round:
    """One thing to be taught.

    Args:
      who: the person, or 0.
      pool: to enrol, in this order.
      tests: that are counted.
      clips: those to enrol, as the int8 model takes them.
      test_clips: a few of those that are counted, likewise; `shown` are their places.
    """

    who: int
    pool: Examples
    tests: Examples
    clips: np.ndarray
    test_clips: np.ndarray
    shown: np.ndarray


def cells(name: str, kind: str, seed: int, options: Options, work: Path, say: Say) -> Iterator[Cell]:
    """Both heads of one network."""
    task = task_of(name)
    splits = task.splits(replace(options.dataset, name=name), 1)
    left_out = LEFT_OUT[name]
    new = len(splits.train.classes) - 1
    looked_at = splits.validation if options.validation else splits.test
    ordered = Splits(*(last(part, left_out) for part in (splits.train, splits.validation, looked_at)))
    train = without(splits.train, left_out) if kind == CLASS else ordered.train
    start = time.monotonic()
    network = _network(task, kind, seed, train, splits, left_out, options, work)
    say(f"{name}, without a {kind}, seed {seed}: trained in {time.monotonic() - start:.0f} s")
    features = Features(network.graph)

    def examples(source: ClipSource) -> tuple[Examples, np.ndarray]:
        clips, labels = network.clips(source)
        return Examples(features.of(clips), labels), clips

    known, _ = examples(some(train, options.known, seed))
    rounds = [*_rounds(kind, ordered, new, examples, options, seed)]
    say(f"  features of {len(known.x) + sum(len(r.pool.x) + len(r.tests.x) for r in rounds):,} clips")
    unseen = examples(some(only(ordered.train, left_out), options.known // 4, 0))[0] if kind == CLASS else None
    most = float(np.mean([_ceiling(network, known, unseen or taught.pool, taught.tests) for taught in rounds]))
    for head in HEADS:
        yield _cell(network, head, known, rounds, most, task.name, kind, left_out, new, seed, options)


def _ceiling(network: Trained, known: Examples, more: Examples, tests: Examples) -> float:
    """Of a head that is trained on everything: clips of all classes, or those of the person as well."""
    readout = network.graph.readout
    assert readout is not None
    classes = 1 + int(max(known.labels.max(), more.labels.max()))
    return ceiling(known + more, [tests], classes, readout.scale, readout.zero_point)[0]


def _network(
    task: Task, kind: str, seed: int, train: ClipSource, splits: Splits, left_out: str, options: Options, work: Path
) -> Trained:
    """Trained on the training people alone, so that validation people may choose settings of heads."""
    watched = [splits.validation, splits.validation]
    if kind == CLASS:
        watched = [without(part, left_out) for part in watched]
    else:
        watched = [last(part, left_out) for part in watched]
    hidden = (32 if task.size == "fir" else 16,) if options.hidden is None else options.hidden
    folder = work / f"{task.name}-{kind}-{'x'.join(map(str, hidden)) or 'none'}-seed{seed}"
    dataset = replace(options.dataset, name=task.name)
    return trained(task, dataset, Splits(train, *watched), options.epochs or task.epochs, hidden, seed, folder)


def _rounds(
    kind: str, splits: Splits, new: int, examples: Callable[..., Any], options: Options, seed: int
) -> Iterator[Round]:
    """A class: clips of training people to enrol from, drawn anew each time; all that are looked at are counted. A
    person: a part of their clips to enrol from, the others are counted.
    """
    rng = np.random.default_rng(seed)
    looked_at = some(splits.test, options.tested, seed)
    if kind == CLASS:
        tests, test_clips = examples(looked_at)
        pool, clips = examples(some(only(splits.train, splits.train.classes[new]), options.draws * options.most, seed))
        for _ in range(options.draws):
            drawn = rng.permutation(len(pool.x))[: options.most]
            shown = np.linspace(0, len(tests.x) - 1, options.device_clips).astype(int)
            yield Round(0, pool.take(drawn), tests, clips[drawn], test_clips[shown], shown)
        return
    people = people_of(splits.test)
    for person in np.unique(people):
        own, clips = examples(some(picked(splits.test, people == person), options.tested, seed))
        for _ in range(max(1, options.draws // 2)):
            order = rng.permutation(len(own.x))
            drawn, rest = order[: options.most], np.sort(order[options.most :])
            shown = np.linspace(0, len(rest) - 1, options.device_clips).astype(int)
            yield Round(int(person), own.take(drawn), own.take(rest), clips[drawn], clips[rest[shown]], shown)


def _cell(
    network: Trained,
    name: str,
    known: Examples,
    rounds: Sequence[Round],
    most: float,
    task: str,
    kind: str,
    left_out: str,
    new: int,
    seed: int,
    options: Options,
) -> Cell:
    passes, rate = options.steps[kind]
    room, passes = (options.room, passes) if name == "dense" else (0, 1)
    learning = learning_for(network.graph, name, new + 1, room, passes, rate)
    head = Head(network.graph, learning)
    first = head.begin(known, seed)
    counted = []
    for taught in rounds:
        state, right = first, []
        for clip in range(options.most + 1):
            if clip in options.checkpoints:
                right.append(head.answers(state, taught.tests.x) == taught.tests.labels)
            if clip < options.most:
                state = head.learn(state, taught.pool.x[clip], int(taught.pool.labels[clip]))
        is_new = taught.tests.labels == new
        counted.append([[x.mean(), x[~is_new].mean(), x[is_new].mean()] for x in right])
    shares = np.array(counted)  # [rounds, checkpoints, 3]
    everything, before, unseen = (tuple(map(float, shares.mean(0)[:, k])) for k in range(3))
    return Cell(
        task=task,
        kind=kind,
        name=left_out if kind == CLASS else _people(len({taught.who for taught in rounds})),
        head=name,
        seed=seed,
        features=learning.features,
        classes=learning.classes,
        tested=sum(len(r.tests.x) for r in rounds),
        checkpoints=options.checkpoints,
        everything=everything,
        before=before,
        new=unseen,
        low=tuple(map(float, shares[:, :, 0].min(0))),
        high=tuple(map(float, shares[:, :, 0].max(0))),
        ceiling=most,
        device=on_board(network, head, first, rounds[0], options) if options.board else None,
    )


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"


def on_board(network: Trained, head: Head, first: Any, taught: Round, options: Options) -> OnBoard:
    """The first round on the microcontroller, frame by frame, with a few clips classified at each checkpoint; then what
    was learned is saved, a class forgotten, and all of it brought back.
    """
    clips: list[np.ndarray] = []
    lessons: list[Lesson] = []
    for clip in range(options.most + 1):
        if clip in options.checkpoints:
            clips += [*taught.test_clips]
            lessons += [CLASSIFY] * len(taught.test_clips)
        if clip < options.most:
            clips.append(taught.clips[clip])
            lessons.append(learn(int(taught.pool.labels[clip])))
    closing = [SAVE, forget(int(taught.pool.labels[-1])), RESTORE, CLASSIFY]
    clips, lessons = [*clips, *[taught.test_clips[0]] * len(closing)], [*lessons, *closing]
    proved = prove(network.graph, head.learning, load_board(options.board).target)
    frames = len(clips[0])
    with tempfile.TemporaryDirectory(prefix="stjax-course-") as folder:
        firmware = firmware_of(proved, options.board, Path(folder), to_bytes(first))
        pushed = np.stack(clips).reshape(-1, *proved.graph.input_shapes[0])
        told = [lesson if last else NONE for lesson in lessons for last in [False] * (frames - 1) + [True]]
        course = run_course(firmware, [pushed], told, clips=True, timeout_s=3600)
        built = firmware.figures
    wrong = _compared(head, first, taught, course, lessons, frames)
    taken = course.lesson_instructions
    per_frame = course.instructions
    assert taken is not None and per_frame is not None
    kinds = np.array([lesson.what for lesson in lessons])
    sram: Sram = plan_sram(proved.graph, proved.plan)
    return OnBoard(
        len(clips),
        len(lessons),
        *wrong,
        sram.as_dict(),
        built.flash.weights,
        built.flash.code,
        float(per_frame[frames - 1 :: frames].mean()),
        float(taken[kinds == learn(0).what].mean()),
        float(taken[kinds == CLASSIFY.what].mean()),
        built.problems,
    )


def _compared(
    head: Head, state: Any, taught: Round, course: Course, lessons: Sequence[Lesson], frames: int
) -> tuple[int, int, int]:
    """Bytes of features, bytes of heads, and answers that are not those of JAX, over the whole course."""
    features = course.outputs[0].reshape(len(lessons), frames, -1)[:, -1]
    expected_tests, expected_pool = taught.tests.x[taught.shown], taught.pool.x
    saved = state
    wrong_features = wrong_heads = wrong_answers = 0
    tested = enrolled = 0
    for k, lesson in enumerate(lessons):
        if lesson.what == learn(0).what:
            x = expected_pool[enrolled]
            state = head.learn(state, x, lesson.label)
            enrolled += 1
        else:
            closing = k >= len(lessons) - 4
            x = expected_tests[0 if closing else tested % len(expected_tests)]
            tested += not closing
            if lesson == SAVE:
                saved = state
            elif lesson == RESTORE:
                state = saved
            elif lesson != CLASSIFY:
                state = head.forget(state, lesson.label)
        answer = int(head.answers(state, x[None])[0]) if lesson == CLASSIFY else 0
        wrong_features += int((features[k] != x).sum())
        wrong_answers += int(course.answers[k] != answer)
        held = np.frombuffer(to_bytes(state), np.uint8)
        assert len(held) == saved_bytes(HEADS[head.learning.head], head.learning)
        wrong_heads += int((course.heads[k, : len(held)] != held).sum())
    return wrong_features, wrong_heads, wrong_answers


__all__ = ["CLASS", "PERSON", "Cell", "OnBoard", "Options", "cells"]
