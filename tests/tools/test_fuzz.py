"""`make fuzz` says how to find again what it found; `make test` draws the same examples each time."""

import subprocess
import sys
from pathlib import Path

import hypothesis
import pytest

from tests.kept import FOLDER, Kept, packed
from tests.random_models import Net
from tools import fuzz

ROOT = Path(__file__).parents[2]


def test_examples_are_the_same_everywhere() -> None:
    assert hypothesis.settings.get_profile("stjax").derandomize
    assert not hypothesis.settings.get_profile("fuzz").derandomize


TEST = """
from hypothesis import given, strategies as st

@given(st.integers(0, 10**9))
def test_it(number):
    print("drew", number)
    assert number % 7
"""


def test_a_failing_draw_is_replayed_by_its_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_it.py").write_text(TEST)
    (tmp_path / "tests" / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    assert fuzz.property_tests(tmp_path) == ["tests/test_it.py"]
    monkeypatch.setattr(fuzz, "ROOT", tmp_path)
    (found,) = fuzz.draw("tests/test_it.py", 5)
    assert found.what == "tests/test_it.py::test_it"
    words = [word.strip("'") for word in found.replay.split()]
    shown = [
        subprocess.run([sys.executable, *words[1:]], cwd=tmp_path, capture_output=True, text=True, check=False).stdout
        for _ in range(2)
    ]
    drawn = [[line for line in text.splitlines() if line.startswith("drew")] for text in shown]
    assert drawn[0] == drawn[1] and "1 failed" in shown[0]


def test_hostile_findings_are_read_from_what_is_printed() -> None:
    printed = (
        "case 8: a model: is wrong\n  verify.plan x\n  exit code 3 after 0.1 s; e\n  replay: python -m y 8\nother\n"
    )
    assert fuzz.cases(printed) == [fuzz.Finding("case 8: a model: is wrong", "python -m y 8")]


def test_networks_are_printed_as_what_makes_them_again() -> None:
    net = Net(1)
    net.conv(net.input(1, 3, 3, 1), 2, (1, 1), (1, 1), (1, 1))
    again = eval(repr(net), {"Kept": Kept})
    assert again.bytes() == net.bytes() and again.graph().nodes
    assert repr(again) == repr(net) == f"Kept.of({packed(net.bytes())!r})"


def test_kept_networks_are_all_examples_of_some_test() -> None:
    source = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    assert [path.name for path in FOLDER.glob("*.tflite") if f'kept("{path.stem}")' not in source] == []
