"""Writes docs/OPS.md, the table of supported operators:   python -m tools.ops_table -o docs/OPS.md

Everything in it is taken from the source: the classes in verify/ops with their docstrings, and the kernels that the
emitters in export/c/ops name.
"""

import argparse
import ast
import inspect
import re
from pathlib import Path

from verify.ops.base import Defaults
from verify.ops.registry import operators

ROOT = Path(__file__).resolve().parent.parent

HEADER = """\
# Operators

Made by `python -m tools.ops_table`; edit the docstrings in `verify/ops`, not this file.

**Streams** says whether a plan may keep only some rows of the operator's input in memory: "yes" is for every image
`1 height width channels`, a sentence gives the condition. A batch of several images, or a tensor of another rank, is
held whole unless the sentence says otherwise. What is not stated here as supported is refused by name when the model is
read. `verify/ops/<file>.py` holds the exact rules.

| TFLite operator | File | Kernel | Streams | What it computes | What its file covers |
|---|---|---|---|---|---|
"""


def table() -> str:
    """The contents of docs/OPS.md."""
    return HEADER + "".join(_row(kind, cls) for kind, cls in sorted(operators().items()))


def named_kernels(emitter: Path) -> set[str]:
    """C functions that an emitter names: its string literals that look like one.

    An emitter that names none takes its call from helpers in export/c, and theirs count.

    Args:
      emitter: path of a module in export/c; one that is not there names nothing.
    """
    if not emitter.is_file():
        return set()
    tree = ast.parse(emitter.read_text())
    if found := _kernel_literals(tree):
        return found
    imported = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    helpers = [ROOT / f"{module.replace('.', '/')}.py" for module in imported if module.startswith("export.c.")]
    return set().union(*(named_kernels(helper) for helper in helpers))


def _kernel_literals(tree: ast.AST) -> set[str]:
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    literals = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in parts}
    return {
        text
        for text in literals
        if isinstance(text, str) and re.fullmatch(r"stj_\w+", text) and not text.endswith("_params")
    }


def _row(kind: str, cls: type) -> str:
    file = cls.__module__.rsplit(".", 1)[-1]
    kernels = sorted(named_kernels(ROOT / "export/c/ops" / f"{file}.py"))
    names = "<br>".join(f"`{kernel}`" for kernel in kernels) or "none: gone once the model is read"
    covers = _paragraph(inspect.getdoc(inspect.getmodule(cls)) or "")
    cells = [f"`{kind}`", f"`{file}`", names, _streams(cls) if kernels else "n/a", _summary(cls), covers]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _streams(cls: type) -> str:
    """ "no", "yes", or when: the docstring that the class gives its own `window`."""
    window = cls.window  # pyright: ignore[reportAttributeAccessIssue]
    if window is Defaults.window:
        return "no"
    return _paragraph(window.__doc__) if window.__doc__ else "yes"


def _summary(cls: type) -> str:
    """First paragraph of the class's own docstring; where it has none, a dataclass puts its signature there."""
    written = cls.__doc__ or ""
    return "" if written.startswith(f"{cls.__name__}(") else _paragraph(written)


def _paragraph(text: str) -> str:
    return " ".join(inspect.cleandoc(text).split("\n\n")[0].split())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.ops_table", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")
    output = parser.parse_args().output
    output.write_text(table())
    print(f"ops table: wrote {output}, {len(operators())} operators")


if __name__ == "__main__":
    main()
