"""Writes the tables in docs/SOUNDNESS.md from the code:   python -m tools.soundness_table

A claim is stated by the functions in verify/proof whose docstring begins with its number, as "C1: ...". The trusted
base is what must be read to believe C1 to C5, C7 and C8 of one plan, or of its C, with lines of code counted; what C9
needs beside it has lines of its own.
"""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.code_lines import code_lines, lines_of, methods_lines
from verify.proof.claims import CLAIMS

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "docs/SOUNDNESS.md"
BEGIN = "<!-- table of claims, by python -m tools.soundness_table -->\n"
END = "<!-- end of the table -->\n"


BASE_BEGIN = "<!-- trusted base, by python -m tools.soundness_table -->\n"
BASE_END = "<!-- end of the trusted base -->\n"

MOST_LINES = 600
"""Of the trusted base for one plan."""

SHARED = {
    "verify/identities/facts.py": "what the model means: which byte is which, what each operator reads",
    "verify/identities/machine.py": "memory of identities, frame after frame",
    "verify/identities/calls.h": "what a call is",
    "verify/identities/calls.c": "a call: looks at what it reads, writes what it computes",
    "verify/identities/compiler.py": "compiles calls.c",
    "verify/graph/accounting.py": "C5: what the state takes: `state_bytes`",
    "verify/proof/placement.py": "C5: the sum: `budget`",
}
FOR_PLAN = {
    "verify/identities/run.py": "runs a program",
    "verify/program/steps.py": "the order in which a program's calls run",
}
FOR_C = {
    "verify/identities/text.py": "compiles generated C, pushes rows and frames, looks at outputs",
    "verify/identities/shim.c": "kernels, memcpy and memset of that C are calls and copies of identities",
    "verify/identities/apart.py": "in a process of its own",
}
FOR_LEFT_OUT = {
    "verify/channels/ranges.py": "C9: what each channel of every tensor can hold",
    "verify/channels/reduced.py": "C9: the network without the channels that are left out",
    "verify/ops/channels.py": "C9: sums over channels, shares that go into the bias",
    "verify/proof/left_out.py": "C9: that each channel left out holds the value stated",
}
OPERATORS = {
    "by_input",
    "channel_ranges",
    "channels_repeat",
    "keeps_channels",
    "kept",
    "leaving",
    "without",
    "_stretches",
}
"""What operators say of their channels (verify/ops)."""
FUNCTIONS = {
    "verify/graph/accounting.py": ("state_bytes",),
    "verify/proof/placement.py": ("budget",),
}
"""Of files that hold more than what is to be read."""


def base_lines(parts: Mapping[str, str]) -> dict[str, int]:
    """Lines of code that must be read of each file."""
    return {
        name: lines_of(ROOT / name, FUNCTIONS[name]) if name in FUNCTIONS else code_lines(ROOT / name) for name in parts
    }


def base() -> str:
    shared, plan, c = base_lines(SHARED), base_lines(FOR_PLAN), base_lines(FOR_C)
    every = sum(shared.values())
    lines = ["| file | lines of code | holds |", "|---|---:|---|"]
    lines += [f"| `{name}` | {n} | {(SHARED | FOR_PLAN)[name]} |" for name, n in (shared | plan).items()]
    lines += [f"| **to believe one plan** | **{every + sum(plan.values())}** | all of these |"]
    lines += [f"| `{name}` | {n} | {FOR_C[name]} |" for name, n in c.items()]
    instead = " and ".join(f"`{Path(name).name}`" for name in plan)
    lines += [f"| to believe its C | {every + sum(c.values())} | the last {len(c)} in place of {instead} |"]
    left_out = base_lines(FOR_LEFT_OUT)
    operators = sum(methods_lines(path, OPERATORS) for path in sorted((ROOT / "verify/ops").glob("*.py")))
    lines += [f"| `{name}` | {n} | {FOR_LEFT_OUT[name]} |" for name, n in left_out.items()]
    names = ", ".join(f"`{name}`" for name in sorted(OPERATORS))
    lines += [f"| `verify/ops` | {operators} | C9: what operators say of their channels: {names} |"]
    more = sum(left_out.values()) + operators
    lines += [
        f"| to believe C9, where channels are left out | {more} | the last {len(left_out) + 1}, beside the others |"
    ]
    return "\n".join(lines) + "\n"


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
    """The document with the tables of today.

    Raises:
      ValueError: the document lacks the lines between which a table stands.
    """
    return _with(_with(document, BEGIN, END, table()), BASE_BEGIN, BASE_END, base())


def _with(document: str, begins: str, ends: str, made: str) -> str:
    before, begin, rest = document.partition(begins)
    _, end, after = rest.partition(ends)
    if not begin or not end:
        raise ValueError(f"{DOCUMENT.name} must have the lines {begins!r} and {ends!r}")
    return before + begin + made + end + after


def main() -> None:
    DOCUMENT.write_text(with_table(DOCUMENT.read_text()))
    print(f"soundness tables: wrote {DOCUMENT}, {len(CLAIMS)} claims")


if __name__ == "__main__":
    main()
