"""Counts lines of code: without comments, docstrings and blank lines."""

import ast
import io
import re
import textwrap
import tokenize
from collections.abc import Collection
from pathlib import Path

_LAYOUT = {
    *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE),
    *(tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER),
}


def code_lines(path: Path) -> int:
    """Lines of code of a file in Python or C."""
    text = path.read_text(encoding="utf-8")
    return python_lines(text) if path.suffix == ".py" else c_lines(text)


def lines_of(path: Path, functions: Collection[str]) -> int:
    """Those of some functions of a file in Python."""
    text = path.read_text(encoding="utf-8")
    found = [n for n in ast.parse(text).body if isinstance(n, ast.FunctionDef) and n.name in functions]
    assert len(found) == len(functions), f"{path} has not all of {functions}"
    parts = [ast.get_source_segment(text, node) or "" for node in found]
    return sum(python_lines(part) for part in parts)


def methods_lines(path: Path, names: Collection[str]) -> int:
    """Those of all methods of these names of a file in Python, whatever their class."""
    text = path.read_text(encoding="utf-8")
    classes = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    found = [n for c in classes for n in c.body if isinstance(n, ast.FunctionDef) and n.name in names]
    return sum(python_lines(textwrap.dedent(ast.get_source_segment(text, node, padded=True) or "")) for node in found)


def python_lines(text: str) -> int:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    lines = {line for t in tokens if t.type not in _LAYOUT for line in range(t.start[0], t.end[0] + 1)}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def c_lines(text: str) -> int:
    code = re.sub(r"/\*.*?\*/", lambda found: "\n" * found[0].count("\n"), text, flags=re.DOTALL)
    return sum(bool(line.strip()) for line in code.splitlines())
