"""What was found once is not made again, until the question or the code is another."""

import pytest

pytest.importorskip("flax")

from stjax.assess import remembered as module
from stjax.assess.remembered import remembered

pytestmark = pytest.mark.train


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A project of one file."""
    (tmp_path / "stjax").mkdir()
    (tmp_path / "stjax" / "layers.py").write_text("one")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    module.code.cache_clear()
    yield tmp_path
    module.code.cache_clear()


def asked(folder, key):
    """Whether it was made anew."""
    made = []
    value = remembered(folder / "found.json", key, lambda: made.append(1) or {"pair": (1, 2)})
    assert value == {"pair": [1, 2]}, "a fresh value is as one that was read"
    return bool(made)


def test_the_same_question_is_answered_once(tree):
    assert asked(tree, "a") and not asked(tree, "a")
    assert asked(tree, "b"), "another question is another one"


def test_other_code_answers_again_and_results_are_no_code(tree):
    assert asked(tree, "a")
    (tree / "stjax" / "results.md").write_text("no code")
    module.code.cache_clear()
    assert not asked(tree, "a")
    (tree / "stjax" / "layers.py").write_text("two")
    module.code.cache_clear()
    assert asked(tree, "a")
