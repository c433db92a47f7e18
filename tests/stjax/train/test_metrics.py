"""Metrics from a confusion matrix."""

import math

import numpy as np
import pytest

pytest.importorskip("jaxtyping")
from stjax.train.metrics import Metrics, from_json

pytestmark = pytest.mark.train

CONFUSION = np.array([[3, 1, 0], [2, 2, 0], [0, 1, 5]])
METRICS = Metrics(CONFUSION, 0.25, ("left", "right", "still"), ordered=(0, 1))


def test_accuracies_by_hand():
    assert METRICS.count == 14
    assert METRICS.accuracy == 10 / 14
    assert METRICS.ordered_accuracy == 5 / 8
    assert METRICS.per_class.tolist() == [3 / 4, 2 / 4, 5 / 6]


def test_classes_without_clips_have_no_recall():
    metrics = Metrics(np.array([[2, 0], [0, 0]]), 0.0, ("a", "b"), ordered=(1,))
    assert metrics.per_class[0] == 1 and math.isnan(metrics.per_class[1])
    assert math.isnan(metrics.ordered_accuracy)


def test_json_and_back():
    found = from_json(METRICS.to_json())
    np.testing.assert_array_equal(found.confusion, CONFUSION)
    assert found.to_json() == METRICS.to_json()


def test_table_shows_rows_of_true_classes():
    lines = METRICS.table().splitlines()
    assert lines[0].split() == ["left", "right", "still", "recall"]
    assert lines[3].split() == ["still", "0", "1", "5", "0.8333"]
