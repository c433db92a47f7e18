"""The tutorial notebook runs from beginning to end, and what is committed is what its script makes."""

import re
import shutil
from pathlib import Path

import pytest

pytest.importorskip("nbformat")
pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")

import nbformat

from tools import make_tutorial

pytestmark = pytest.mark.train

FILE = Path(__file__).parent.parent / "docs" / "tutorial.ipynb"
LARGEST_BYTES = 40_000
SAME_BITS = "0 of 360 bytes of the firmware differ from the clip model's"


def sources(notebook) -> list[tuple[str, str, str]]:
    return [(cell.id, cell.cell_type, cell.source) for cell in notebook.cells]


def printed(notebook) -> str:
    """All that code cells show, as text."""
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return "\n".join(output.text if "text" in output else output.data["text/plain"] for output in outputs)


def check_text(text: str) -> None:
    """What has to come out of every run."""
    assert SAME_BITS in text
    assert len(re.findall(r"^C\d .* proved ", text, re.MULTILINE)) == 8
    assert ": 0 problems, answers (60, 6)" in text
    accuracy = re.search(r"([01]\.\d\d) of the test clips right", text)
    assert accuracy and float(accuracy[1]) > 1 / 2  # chance is 1 / 6


def test_the_committed_notebook_is_what_the_script_makes():
    committed = nbformat.read(FILE, as_version=4)
    nbformat.validate(committed)
    assert sources(committed) == sources(make_tutorial.notebook()), "run `python -m tools.make_tutorial`"


def test_the_committed_outputs_are_of_one_whole_run_and_small():
    committed = nbformat.read(FILE, as_version=4)
    code = [cell for cell in committed.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert FILE.stat().st_size < LARGEST_BYTES
    check_text(printed(committed))
    assert not re.search(r"/(home|root|tmp|usr|work)/", FILE.read_text()), "a path of one machine"


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed (make system)")
def test_the_notebook_runs():
    executed = make_tutorial.execute(make_tutorial.notebook(), FILE.parent)
    check_text(printed(executed))
