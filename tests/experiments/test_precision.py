"""The precision experiment: all its steps on a small network, and its table."""

import dataclasses

import pytest

pytest.importorskip("flax")
pytest.importorskip("tensorflow")
pytest.importorskip("matplotlib")

from experiments.precision import report, run
from experiments.precision.device import device_rows
from tests.experiments.small_precision import CONFIG, SPLITS

pytestmark = pytest.mark.train

ROW = run.Row("QAT", 4, 0, 600, 0.99, 0.98, 0.975, "an oracle", 1000, 3000, 2500, 0)


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="module")
def rows(work):
    return list(run.rows(CONFIG, work, lambda text: None, SPLITS))


@pytest.mark.usefixtures("rows")  # whose trainings it takes
def test_models_of_other_bits_run_on_the_board_and_take_what_they_should(work):
    found = list(device_rows(CONFIG, CONFIG.seeds[0], work, lambda text: None, SPLITS))
    narrow, wide, rounded, aware = found
    assert [row.different for row in found] == [0, 0, 0, 0]
    assert (wide.setting.activation_bits, rounded.setting.weight_bits, aware.setting.method) == (16, 4, "QAT")
    assert wide.sram > narrow.sram > 0 and rounded.flash < 0.8 * narrow.flash
    assert wide.accuracy > 0.8
    assert "| 8 bits | int16 | PTQ | 8 |" in report.device_markdown(found)


def test_rows_are_float_and_both_ways_to_few_bits(rows):
    assert [(row.method, row.weight_bits) for row in rows] == [("float", None), ("PTQ", 4), ("QAT", 4)]
    assert {row.clips for row in rows} == {24}
    assert rows[0].int8_accuracy is None


def test_int8_models_answer_as_the_simulation_does_on_nearly_all_clips(rows):
    for row in rows[1:]:
        assert abs(row.int8_accuracy - row.simulated_accuracy) <= 1.5 / 24
        assert row.wide_accuracy > 0.8


def test_packed_files_are_smaller_and_answer_alike(rows):
    for row in rows[1:]:
        assert row.packed_different == 0
        # Half of each kernel, rounded up, and nothing else.
        assert row.weight_bytes - 100 < row.file_bytes - row.packed_bytes < row.weight_bytes + 100


def test_table_has_means_over_seeds_from_float_to_few_bits():
    plain = run.Row("float", None, 0, 600, 0.995)
    other = dataclasses.replace(ROW, seed=1, int8_accuracy=0.985)
    rounded = dataclasses.replace(ROW, method="PTQ", weight_bits=8, packed_bytes=None, packed_different=None)
    lines = report.markdown([ROW, plain, other, rounded]).splitlines()
    assert lines[2] == "| float | - | 1 | - | - | 99.50 | - | - | - |"
    assert lines[3] == "| 8 bits | PTQ | 1 | 97.50 | 98.00 | 99.00 | 1,000 | 3,000 | - |"
    assert lines[4] == "| 4 bits | QAT | 2 | 98.00 ± 0.71 | 98.00 ± 0.00 | 99.00 ± 0.00 | 1,000 | 3,000 | 2,500 |"
    assert "On 0 of 1,200 clips the packed file's outputs differ" in lines[-1]


def test_plot_shows_methods_and_the_reference(rows):
    text = report.plot(rows)
    assert "<svg" in text
    assert all(label in text for label in ("PTQ, int8 .tflite", "QAT, int16 simulated", "float"))
