"""Writes docs/OPS.md, the table of supported operators:   python -m tools.ops_table -o docs/OPS.md

Everything in it is taken from the source: the classes in verify/ops with their docstrings, and the portable kernels
(verify/targets) that compute them.
"""

import argparse
import inspect
from pathlib import Path

from verify.ops.base import Defaults
from verify.ops.registry import operators, wide_operators
from verify.targets.registry import PORTABLE, target_named

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


WIDE = """
**On int16 activations** (zero points 0, weights int8, sums and biases of 64 bits) these have classes of their own, in
`verify/ops/wide`; what only moves elements takes int16 as it is, and QUANTIZE leads from and to the other types.

| TFLite operator | File | Kernel | Streams | What it computes | What its file covers |
|---|---|---|---|---|---|
"""


def table() -> str:
    """The contents of docs/OPS.md."""
    rows = [_row(f"`{kind}`", cls) for kind, cls in sorted(operators().items())]
    wide = [_row(f"`{kind}` int16", cls) for kind, cls in sorted(wide_operators().items())]
    return HEADER + "".join(rows) + WIDE + "".join(wide)


def named_kernels(operator: type) -> set[str]:
    """The portable kernels that compute operators of this class."""
    kernels = target_named(PORTABLE).kernels
    return {kernel.name for kernel in kernels if issubclass(operator, kernel.operator)}


def _row(name: str, cls: type) -> str:
    file = cls.__module__.rsplit(".", 1)[-1]
    kernels = sorted(named_kernels(cls))
    names = "<br>".join(f"`{kernel}`" for kernel in kernels) or "none: gone once the model is read"
    covers = _paragraph(inspect.getdoc(inspect.getmodule(cls)) or "")
    cells = [name, f"`{file}`", names, _streams(cls) if kernels else "n/a", _summary(cls), covers]
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
