"""What is learned: datasets with their folds, and the settings of training, which were chosen on validation data.

A task is registered by being in `TASKS`; any other dataset of `stjax.data` is a task of one fold with the splits that
it has itself, for the presets of size 96.
"""
# pyright: reportMissingImports=false

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from stjax.data import Augment, ClipSet, DatasetConfig, MovingShapesConfig, Splits, load_splits
from stjax.data.moving_shapes import generate
from stjax.data.views import joined
from stjax.models import VideoConfig, config, presets

FAMILIES = tuple(presets.FAMILIES)
STREAMTINYNET = "streamtinynet"

PEOPLE_FOLDS = 4
"""Of capfingerid: participant number k of the sorted ones is tested in fold 1 + k mod 4, validated in the next."""


@dataclass(frozen=True)
class Task:
    """A dataset, and how networks learn it.

    Args:
      name: as on the command line.
      size: of the presets.
      folds: how many times people are divided otherwise.
      splits: (dataset config, fold from 1 on) -> splits of people that are strangers to each other.
      epochs, learning_rate, augment: of all networks alike.
      source: who has to be named with results.
    """

    name: str
    size: str
    folds: int
    splits: Callable[[DatasetConfig, int], Splits]
    epochs: int
    learning_rate: float
    augment: Augment
    source: str = ""


def capfingerid(dataset: DatasetConfig, fold: int) -> Splits:
    """Strangers' fingers: participants are divided into folds; training has every moving clip backwards, too."""
    found = load_splits(replace(dataset, name="capfingerid"))
    parts = [part for part in (found.train, found.validation, found.test) if isinstance(part, ClipSet)]
    people = np.unique(np.concatenate([part.groups for part in parts]))
    validation = fold % PEOPLE_FOLDS + 1

    def of(*folds: int) -> list[ClipSet]:
        return [part.select(np.isin(1 + np.searchsorted(people, part.groups) % PEOPLE_FOLDS, folds)) for part in parts]

    others = sorted(set(range(1, PEOPLE_FOLDS + 1)) - {fold, validation})
    return Splits(
        train=joined(*(part.with_reversed_copies() for part in of(*others))),
        validation=joined(*(part.with_reversed_copies() for part in of(validation))),
        test=joined(*of(fold)),
    )


def fir16(dataset: DatasetConfig, fold: int) -> Splits:
    """Strangers' actions, one group of people left out."""
    return load_splits(replace(dataset, name=f"fir16/fold{fold}"))


def moving_shapes(dataset: DatasetConfig, fold: int) -> Splits:
    """Generated clips; no people, no folds."""
    return Splits(*(generate(SHAPES, split) for split in ("train", "validation", "test")))


def as_it_is(dataset: DatasetConfig, fold: int) -> Splits:
    """The dataset's own splits."""
    return load_splits(dataset)


SHAPES = MovingShapesConfig(train=3000, validation=300, test=600)
FLIPS = Augment(horizontal_flip=True, vertical_flip=True)
TASKS = {
    task.name: task
    for task in (
        Task("capfingerid", "touch", PEOPLE_FOLDS, capfingerid, 6, 5e-3, replace(FLIPS, shift=2, gain=0.2)),
        Task(
            "fir16",
            "fir",
            4,
            fir16,
            40,
            4e-3,
            replace(FLIPS, reverse=True, transpose=True, shift=1),
            source='fir16: T. Kawashima et al., "Action recognition from extremely low-resolution thermal image '
            'sequence", IEEE AVSS 2017, CC BY-NC-SA 4.0',
        ),
        Task("moving_shapes", "shapes", 1, moving_shapes, 8, 4e-3, replace(FLIPS, reverse=True)),
    )
}


def task_of(name: str) -> Task:
    """A task by its name, or the one that any other dataset makes."""
    gestures = Augment(horizontal_flip=True, shift=4, gain=0.2)
    return TASKS.get(name) or Task(name, "96", 1, as_it_is, 30, 3e-3, gestures)


def network_config(family: str, task: Task, splits: Splits) -> VideoConfig:
    """The preset of a family for a task, with as many classes as the data."""
    return replace(config(f"{family}-{task.size}"), classes=len(splits.train.classes))


def with_validation(splits: Splits) -> Splits:
    """Training on validation people as well, once settings are chosen; what is watched then says nothing any more."""
    return replace(splits, train=joined(splits.train, splits.validation))


def on_validation(splits: Splits) -> Splits:
    """For choosing settings: validation takes the place of the test split, which is not looked at."""
    return replace(splits, test=splits.validation)
