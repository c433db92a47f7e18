"""experiments.learn_on_device without a training: what is left out stays out, rounds do not overlap, a course is
compared with JAX byte by byte, and tables say what was found.
"""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("jax")
pytest.importorskip("tensorflow")

from experiments.learn_on_device import report
from experiments.learn_on_device.heads import Examples, Head, ceiling
from experiments.learn_on_device.run import CLASS, Cell, Options, Round, on_board
from experiments.learn_on_device.tasks import last, only, people_of, some, without
from stjax.data import DatasetConfig
from stjax.data.moving_shapes import MovingShapesConfig, generate
from stjax.data.views import labels_of
from tests.embedded.firmware_harness import CORTEX_M7, needs_device
from tests.learning.small import learning, planned
from verify.proof.evaluate import evaluate

pytestmark = pytest.mark.train

CLIPS = generate(MovingShapesConfig(train=24, validation=6, test=6), "train")


def test_the_class_that_is_left_out_is_in_no_clip_and_no_change_makes_it():
    train = without(CLIPS, "left")
    assert train.classes == CLIPS.classes[1:] and len(train) == 20
    assert {train.classes[label] for label in labels_of(train)} == set(train.classes)
    right = train.classes.index("right")
    assert train.symmetry.horizontal_flip[right] is None and train.symmetry.reversal[right] is None
    assert train.symmetry.vertical_flip[right] == right
    whole = last(CLIPS, "left")
    assert whole.classes == (*train.classes, "left")
    assert sorted(labels_of(whole)) == sorted(labels_of(CLIPS))
    assert [whole.classes[x] for x in labels_of(whole)] == [CLIPS.classes[x] for x in labels_of(CLIPS)]
    assert set(labels_of(only(whole, "left"))) == {5}
    assert (people_of(some(whole, 7, 0)) == people_of(CLIPS)[0]).all()


def examples(graph, seed: int) -> tuple[Examples, np.ndarray]:
    rng = np.random.default_rng(seed)
    clips = rng.integers(-128, 128, (12, *graph.input_shapes[0])).astype(np.int8)
    x = np.stack([evaluate(graph, [clip])[0].reshape(-1) for clip in clips])
    return Examples(x, rng.integers(0, 4, 12)), clips


@pytest.fixture(scope="module")
def taught():
    graph, _ = planned()
    (pool, clips), (tests, test_clips), (known, _) = (examples(graph, seed) for seed in range(3))
    known = Examples(known.x, np.arange(12) % 3)
    return graph, known, Round(0, pool, tests, clips, test_clips[:3], np.arange(3))


@needs_device
@pytest.mark.parametrize("name", ["means", "dense"])
def test_a_course_on_the_board_is_compared_byte_by_byte(taught, name):
    graph, known, lesson = taught
    head = Head(graph, learning(graph, name, room=6 * (name == "dense")))
    options = Options(DatasetConfig("none"), checkpoints=(0, 2, 4), board=CORTEX_M7)
    network, first = SimpleNamespace(graph=graph), head.begin(known, 0)
    found = on_board(network, head, first, lesson, options)
    assert (found.features_different, found.heads_different, found.answers_different) == (0, 0, 0)
    assert found.clips == 4 + 3 * 3 + 4 and found.learn > 0 and not found.problems
    if name == "means":
        other = replace(lesson, pool=Examples(lesson.pool.x + np.int8(1), lesson.pool.labels))
        wrong = on_board(network, head, first, other, options)
        assert wrong.features_different and wrong.heads_different
    cell = Cell("fir16", CLASS, "fall", name, 0, 5, 4, 12, (0, 2, 4), *[(0.5, 0.6, 0.7)] * 5, 0.9, found)
    text = report.markdown([cell], "python -m experiments.learn_on_device")
    assert (
        "| class `fall` |" in text and "60.0 (60.0 to 60.0)" in text and "| 0, 0, 0 |" in text and "Kawashima" in text
    )


def test_a_head_begins_with_what_the_factory_knows(taught):
    graph, known, _ = taught
    dense = Head(graph, learning(graph, "dense")).begin(known, 0)
    assert int(dense.filled) == 6 and sorted(np.asarray(dense.labels).tolist()) == [0, 0, 1, 1, 2, 2]
    assert np.asarray(dense.counts).tolist() == [255, 255, 255, 0]
    means = Head(graph, learning(graph, "means", room=0)).begin(known, 0)
    assert np.asarray(means.counts).tolist() == [64, 64, 64, 0]


def test_the_ceiling_separates_what_a_line_separates():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 90)
    x = np.clip(np.eye(3)[labels] * 100 + rng.normal(0, 5, (90, 3)), -128, 127).astype(np.int8)
    assert ceiling(Examples(x, labels), [Examples(x, labels)], 3, 0.1, -128) == [1.0]
