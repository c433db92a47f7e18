"""The generated table of claims."""

import pytest

from tools import soundness_table
from tools.code_lines import c_lines, python_lines
from verify.proof.claims import CLAIMS


def test_committed_table_is_current():
    document = soundness_table.DOCUMENT.read_text()
    assert document == soundness_table.with_table(document), "run `python -m tools.soundness_table`"


def test_every_claim_is_stated_by_a_function():
    assert {claim for claim, _, _ in soundness_table.statements()} == set(CLAIMS)


def test_a_claim_that_no_function_states_is_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(CLAIMS, "C99", ("new", "something holds"))
    with pytest.raises(ValueError, match="no function in verify/proof states C99"):
        soundness_table.table()


def test_a_document_without_a_place_for_the_table():
    with pytest.raises(ValueError, match="must have the lines"):
        soundness_table.with_table("# nothing\n")


def test_the_trusted_base_is_small():
    parts = soundness_table.base_lines(soundness_table.SHARED | soundness_table.FOR_PLAN)
    assert sum(parts.values()) <= soundness_table.MOST_LINES, parts


def test_lines_of_code_are_those_that_do_something():
    text = '"""What."""\n\nimport a  # why\n\n# more\n\n\ndef f():\n    """Does."""\n    return (\n        1\n    )\n'
    assert python_lines(text) == 5
    assert c_lines("/* one\n * two */\n\nint a; /* three */\n    /* four */\n}\n") == 2
