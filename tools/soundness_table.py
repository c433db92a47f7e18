"""Writes the table of claims in docs/SOUNDNESS.md from the claims' own functions:   python -m tools.soundness_table

A claim is stated by the functions in verify/proof whose docstring begins with its number, as "C1: ...".
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from verify.proof.claims import CLAIMS

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "docs/SOUNDNESS.md"
BEGIN = "<!-- table of claims, by python -m tools.soundness_table -->\n"
END = "<!-- end of the table -->\n"


def table() -> str:
    head = "| claim | in words | what the obligations say | stated by |\n|---|---|---|---|\n"
    stated = list(statements())
    rows = [
        f"| {claim} {name} | {sentence} | {where[0]} | {where[1]} |\n"
        for claim, (name, sentence) in CLAIMS.items()
        for where in [_cells(claim, stated)]
    ]
    return head + "".join(rows)


def statements() -> Iterator[tuple[str, str, str]]:
    """(claim, what it says, module.function) of every function that states a claim about a plan of ours."""
    for path in sorted((ROOT / "verify/proof").glob("*.py")):
        if path.stem == "tflm":  # the claims about arena plans of TensorFlow Lite Micro have a table of their own
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                first = (ast.get_docstring(node) or "").split("\n\n")[0]
                claim, colon, text = first.partition(": ")
                if colon and claim in CLAIMS:
                    yield claim, " ".join(text.split()), f"{path.stem}.{node.name}"


def _cells(claim: str, stated: list[tuple[str, str, str]]) -> tuple[str, str]:
    own = [(text, where) for name, text, where in stated if name == claim]
    if not own:
        raise ValueError(f"no function in verify/proof states {claim}: its docstring must begin with '{claim}: '")
    return "<br>".join(text.replace("|", "\\|") for text, _ in own), "<br>".join(f"`{where}`" for _, where in own)


def with_table(document: str) -> str:
    """The document with the table of today.

    Raises:
      ValueError: the document lacks the two lines between which the table stands.
    """
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{DOCUMENT.name} must have the lines {BEGIN!r} and {END!r}")
    return before + begin + table() + end + after


def main() -> None:
    DOCUMENT.write_text(with_table(DOCUMENT.read_text()))
    print(f"soundness table: wrote {DOCUMENT}, {len(CLAIMS)} claims")


if __name__ == "__main__":
    main()
