"""One cell: a network trained on one fold with one seed, assessed, and asked about clips played backwards."""
# pyright: reportMissingImports=false

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from experiments.temporal_models.tasks import (
    STREAMTINYNET,
    Task,
    network_config,
    on_validation,
    with_validation,
)
from stjax.assess.device import clip_answers
from stjax.assess.int8 import test_clips
from stjax.assess.remembered import remembered
from stjax.assess.run import Assessment, Settings, assess, train_config
from stjax.data import DatasetConfig, Splits
from stjax.data.views import labels_of, picked, some
from stjax.models import Named, presets
from verify.targets.registry import PORTABLE

Say = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """What a run asks of every cell.

    Args:
      dataset: where the clips are.
      epochs: None: the task's.
      on_validation: settings are being chosen: the test split is not looked at, and training does not see what is
        looked at instead.
      train_clips, test_clips: so many at most, at equal distances; None: all.
      board, target: the emulated microcontroller, and whose kernels run there.
      device_clips: on it; StreamTinyNet's first seed runs all.
    """

    dataset: DatasetConfig
    epochs: int | None = None
    on_validation: bool = False
    train_clips: int | None = None
    test_clips: int | None = None
    board: str = "mps2-an500"
    target: str = PORTABLE
    device_clips: int = 30


@dataclass(frozen=True)
class Cell:
    """A training and what became of it.

    Args:
      task, family, fold, seed: which.
      classes: names, in label order.
      ordered: labels that only the order of frames tells apart.
      assessment: of the network; accuracies are over the fold's test clips, played forwards.
      backwards: counts of int8 answers to test clips of the ordered classes played backwards: true class of the clip
        as recorded (row) by answer. Right is the opposite class.
    """

    task: str
    family: str
    fold: int
    seed: int
    classes: tuple[str, ...]
    ordered: tuple[int, ...]
    opposite: tuple[int, ...]
    assessment: Assessment
    backwards: list[list[int]]

    @property
    def ordered_recall(self) -> float:
        """Of the ordered classes, clips as recorded."""
        counts = np.array(self.assessment.confusion)[list(self.ordered)]
        return float(sum(row[label] for row, label in zip(counts, self.ordered, strict=True)) / counts.sum())

    @property
    def backwards_recall(self) -> float:
        """Share of clips of ordered classes that, played backwards, are called the opposite class."""
        counts = np.array(self.backwards)[list(self.ordered)]
        return float(sum(row[label] for row, label in zip(counts, self.opposite, strict=True)) / counts.sum())


def cells(
    task: Task,
    families: Sequence[str],
    folds: Sequence[int],
    seeds: Sequence[int],
    options: Options,
    work: Path,
    say: Say,
) -> Iterator[Cell]:
    """All cells, seed by seed and fold by fold, so that all families come early."""
    for seed in seeds:
        for fold in folds:
            splits = chosen_splits(task, fold, options)
            for family in families:
                yield cell(task, family, fold, seed, splits, options, work, say)


def chosen_splits(task: Task, fold: int, options: Options) -> Splits:
    """The fold's splits as the options want them."""
    splits = task.splits(options.dataset, fold)
    splits = on_validation(splits) if options.on_validation else with_validation(splits)
    return replace(splits, train=some(splits.train, options.train_clips), test=some(splits.test, options.test_clips))


def cell(task: Task, family: str, fold: int, seed: int, splits: Splits, options: Options, work: Path, say: Say) -> Cell:
    """One cell; what is finished in `work` is taken from there."""
    config = network_config(family, task, splits)
    model = presets.FAMILIES[family](config)
    network = Named(family, model, model.warmup_frames + 1, config.frame_shape)
    everywhere = family == STREAMTINYNET and seed == 0
    settings = Settings(
        replace(options.dataset, name=f"{task.name} fold {fold}"),
        epochs=options.epochs or task.epochs,
        learning_rate=task.learning_rate,
        augment=task.augment,
        board=options.board,
        target=options.target,
        device_clips=None if everywhere else options.device_clips,
    )
    folder = work / f"{task.name}{'-validation' * options.on_validation}" / f"{family}-fold{fold}-seed{seed}"
    say(f"{task.name}: {family}, fold {fold}, seed {seed}")
    found = assess(network, settings, folder, seed, splits=splits)
    reversal = splits.test.symmetry.reversal
    ordered = splits.test.symmetry.ordered
    key = f"{asdict(found)}"
    backwards = remembered(folder / "backwards.json", key, lambda: _backwards(network, settings, seed, splits, folder))
    return Cell(
        task=task.name,
        family=family,
        fold=fold,
        seed=seed,
        classes=splits.test.classes,
        ordered=ordered,
        opposite=tuple(int(reversal[label] or 0) for label in ordered),
        assessment=found,
        backwards=backwards["counts"],
    )


def _backwards(network: Named, settings: Settings, seed: int, splits: Splits, folder: Path) -> dict[str, Any]:
    """What the int8 clip model says of test clips of ordered classes, played backwards."""
    training = train_config(network, settings, seed)
    window = replace(training.pipeline.window, order="backward")
    training = replace(training, pipeline=replace(training.pipeline, window=window))
    chosen = picked(splits.test, np.isin(labels_of(splits.test), splits.test.symmetry.ordered))
    counts = np.zeros((len(chosen.classes),) * 2, int)
    if len(chosen):
        clips, labels = test_clips(training, chosen)
        _, answers = clip_answers((folder / "clip.tflite").read_bytes(), clips)
        np.add.at(counts, (labels, answers.argmax(-1)), 1)
    return {"counts": counts.tolist()}
