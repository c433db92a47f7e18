"""The generated table of operators."""

from dataclasses import dataclass
from pathlib import Path

from tools import ops_table
from verify.ops.base import Defaults
from verify.ops.registry import operators


def test_committed_table_is_current():
    committed = Path(ops_table.ROOT / "docs/OPS.md").read_text()
    assert committed == ops_table.table(), "run `python -m tools.ops_table -o docs/OPS.md`"


def test_one_row_for_each_operator():
    rows = ops_table.table().splitlines()
    for kind in operators():
        assert sum(row.startswith(f"| `{kind}` |") for row in rows) == 1
    assert all(row.count(" | ") == 5 for row in rows if row.startswith("| `"))


class Whole(Defaults):
    """Turns a | b upside down,
    for images.

    Details that the table leaves out.
    """


@dataclass
class Bare(Defaults):
    def window(self, position, axis):
        """When it has one image,
        and only then.
        """


class Plain(Defaults):
    def window(self, position, axis):
        return None


def test_first_paragraph_of_the_docstring_becomes_one_escaped_cell():
    row = ops_table._row("FLIP", Whole)
    assert row.startswith("| `FLIP` | `test_ops_table` | none: gone once the model is read | n/a |")
    assert "| Turns a \\| b upside down, for images. |" in row


def test_streams_comes_from_the_window_method():
    assert ops_table._streams(Whole) == "no"
    assert ops_table._streams(Plain) == "yes"
    assert ops_table._streams(Bare) == "When it has one image, and only then."


def test_signature_of_a_dataclass_is_no_docstring():
    assert ops_table._summary(Bare) == ""


def test_module_docstring_says_what_the_file_covers():
    assert ops_table._row("FLIP", Bare).endswith("| The generated table of operators. |\n")


def test_named_kernels_are_whole_literals_that_are_no_parameter_structs(tmp_path):
    source = 'def emit():\n    return "stj_flip_s8", "stj_flip_params", "(stj_flip){1}", f"{1}stj_x", 7\n'
    (tmp_path / "flip.py").write_text(source)
    assert ops_table.named_kernels(tmp_path / "flip.py") == {"stj_flip_s8"}
    assert ops_table.named_kernels(tmp_path / "absent.py") == set()


def test_an_emitter_without_a_kernel_has_those_of_its_helpers(tmp_path, monkeypatch):
    (tmp_path / "export/c/ops").mkdir(parents=True)
    monkeypatch.setattr(ops_table, "ROOT", tmp_path)
    (tmp_path / "export/c/turn.py").write_text('NAME = "stj_turn_s8"\n')
    emitter = tmp_path / "export/c/ops/flip.py"
    emitter.write_text("from export.c.turn import emit\nfrom verify.graph.graph import Node\n")
    assert ops_table.named_kernels(emitter) == {"stj_turn_s8"}
    emitter.write_text('from export.c.turn import emit\nNAME = "stj_flip_s8"\n')
    assert ops_table.named_kernels(emitter) == {"stj_flip_s8"}
