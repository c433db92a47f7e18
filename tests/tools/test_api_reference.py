"""The generated API reference."""

import ast

import pytest

from tools import api_reference


def test_committed_pages_are_current():
    folder = api_reference.ROOT / "docs/api"
    committed = {path.name: path.read_text() for path in folder.glob("*.md")}
    assert committed == api_reference.pages(), "run `python -m tools.api_reference -o docs/api`"


@pytest.mark.parametrize("package", api_reference.PACKAGES)
def test_every_public_definition_has_a_section_and_a_docstring(package):
    text = api_reference.page(package)
    tree = api_reference._parse(package)
    entries = list(api_reference._public(package, tree))
    assert entries
    for entry in entries:
        assert f"\n## {entry.node.name}\n" in text
        assert ast.get_docstring(entry.node), f"{entry.module}.{entry.node.name} has no docstring"


def test_docstring_sections_become_lists():
    docstring = "Does it.\n\nArgs:\n  a: one,\n    and more.\n  *b: two.\n\nReturns:\n  Three.\n\nReference: Me, 2000."
    assert api_reference.markdown(docstring) == (
        "Does it.\n\n**Args**\n\n- `a`: one,\n  and more.\n- `*b`: two.\n\n**Returns**\n\nThree.\n\n"
        "**Reference**: Me, 2000.\n"
    )


def test_signature_of_a_class_has_the_fields_of_its_bases():
    text = api_reference.page("stjax.nn")
    assert "class TemporalConv(\n    frames: int,\n    multiplier: int = 1,\n    dilation: int = 1,\n    *,\n" in text
    assert "    time: TimeMode = 'causal',\n" in text


def test_signature_of_a_function():
    source = "def f(a: int, b=2, *, c: str | None = None) -> bool: ..."
    node = ast.parse(source).body[0]
    assert isinstance(node, ast.FunctionDef)
    assert api_reference._call(node) == "f(a: int, b = 2, *, c: str | None = None) -> bool"
    assert api_reference._call(node, skip=1).startswith("f(b = 2, *")
