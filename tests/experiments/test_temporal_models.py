"""The temporal-models experiment: its folds, one whole cell on tiny clips, and what its report says."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("flax")
pytest.importorskip("tensorflow")
pytest.importorskip("matplotlib")

from experiments.temporal_models import report, tasks
from experiments.temporal_models.__main__ import seeds
from experiments.temporal_models.run import Cell, Options, cells
from stjax.data import DatasetConfig, MovingShapesConfig, Splits
from stjax.data.moving_shapes import generate
from stjax.data.views import labels_of
from tests.stjax.data import clip_sets

pytestmark = pytest.mark.train

TINY = MovingShapesConfig(side=32, frames=9, train=60, validation=6, test=6)


def tiny(dataset, fold):
    return Splits(*(generate(TINY, split) for split in ("train", "validation", "test")))


@pytest.fixture(scope="module")
def cell(tmp_path_factory) -> Cell:
    task = replace(tasks.TASKS["moving_shapes"], splits=tiny)
    options = Options(DatasetConfig("moving_shapes"), epochs=1, train_clips=64, board="host", device_clips=1)
    said = []
    (found,) = cells(task, ["orderfree"], [1], [1], options, tmp_path_factory.mktemp("work"), said.append)
    assert said[0] == "moving_shapes: orderfree, fold 1, seed 1"
    return found


def test_a_cell_counts_clips_played_backwards(cell):
    assert cell.assessment.device_different == 0
    assert np.sum(cell.backwards) == TINY.test  # all classes are ordered
    # Order-free pooling cannot tell a clip from its reversal: what is right forwards is wrong backwards.
    assert cell.backwards == cell.assessment.confusion
    assert 0 <= cell.backwards_recall <= 1 - cell.ordered_recall


def test_the_verdict_is_the_least_sram_of_those_as_good_as_the_best(cell):
    def group(family, accuracy, sram):
        found = replace(cell.assessment, int8_accuracy=accuracy, sram=sram)
        return [replace(cell, family=family, assessment=found)]

    groups = [group("large", 0.99, 900), group("small", 0.986, 500), group("worse", 0.98, 100)]
    assert "The least SRAM of these has small" in report.verdict(groups)
    text = report.markdown([cell, *groups[0]], "a command")
    assert "| orderfree | 1 |" in text and "| large | 1 |" in text
    assert "moving_shapes" in report.plot([cell])


def test_people_of_capfingerid_are_in_one_fold_each(monkeypatch):
    clips = clip_sets.numbered()
    people = replace(clips, groups=np.arange(len(clips), dtype=np.int32))
    parts = Splits(people.select(np.array([0])), people.select(np.array([1])), people.select(np.arange(2, len(clips))))
    monkeypatch.setattr(tasks, "load_splits", lambda config: parts)
    tested = []
    for fold in range(1, tasks.PEOPLE_FOLDS + 1):
        splits = tasks.capfingerid(DatasetConfig("capfingerid"), fold)
        tested += labels_of(splits.test).tolist()
    assert sorted(tested) == sorted(clips.labels.tolist())


@pytest.mark.parametrize(("text", "found"), [("3", (0, 3)), ("1:3", (1, 3))])
def test_seeds(text, found):
    assert seeds(text) == found


@pytest.mark.parametrize("text", ["0", "3:1", "x"])
def test_no_seeds(text):
    import argparse

    with pytest.raises(argparse.ArgumentTypeError, match="is no number of seeds"):
        seeds(text)


def test_a_training_that_gave_up_is_said(cell):
    classes = len(cell.classes)
    alike = [[1] + [0] * (classes - 1)] * classes
    lost = replace(cell, assessment=replace(cell.assessment, confusion=alike))
    right = [[int(row == column) for column in range(classes)] for row in range(classes)]
    fine = replace(cell, assessment=replace(cell.assessment, confusion=right))
    assert "orderfree: 1 of 2 trainings ended in one answer to all clips." in report.markdown([lost, fine], "a command")
    assert "one answer" not in report.markdown([fine], "a command")
