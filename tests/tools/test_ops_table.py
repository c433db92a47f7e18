"""The generated table of operators."""

from dataclasses import dataclass
from pathlib import Path

from tools import ops_table
from verify.ops.base import Defaults
from verify.ops.registry import operators, wide_operators


def test_committed_table_is_current():
    committed = Path(ops_table.ROOT / "docs/OPS.md").read_text()
    assert committed == ops_table.table(), "run `python -m tools.ops_table -o docs/OPS.md`"


def test_one_row_for_each_operator():
    rows = ops_table.table().splitlines()
    for kind in operators():
        assert sum(row.startswith(f"| `{kind}` |") for row in rows) == 1
    for kind in wide_operators():
        assert sum(row.startswith(f"| `{kind}` int16 |") for row in rows) == 1
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
    row = ops_table._row("`FLIP`", Whole)
    assert row.startswith("| `FLIP` | `test_ops_table` | none: gone once the model is read | n/a |")
    assert "| Turns a \\| b upside down, for images. |" in row


def test_streams_comes_from_the_window_method():
    assert ops_table._streams(Whole) == "no"
    assert ops_table._streams(Plain) == "yes"
    assert ops_table._streams(Bare) == "When it has one image, and only then."


def test_signature_of_a_dataclass_is_no_docstring():
    assert ops_table._summary(Bare) == ""


def test_module_docstring_says_what_the_file_covers():
    assert ops_table._row("`FLIP`", Bare).endswith("| The generated table of operators. |\n")


def test_an_operator_has_the_kernels_of_its_class():
    kernels = {"stj_lookup_s8", "stj_quantize_s8", "stj_quantize_s16", "stj_quantize_wide"}
    assert ops_table.named_kernels(operators()["QUANTIZE"]) == kernels
    assert ops_table.named_kernels(operators()["SUB"]) == {"stj_add_s8"}
    assert ops_table.named_kernels(operators()["RESHAPE"]) == set()
