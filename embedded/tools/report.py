"""Figures of a build or a run as aligned text."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from embedded.tools.figures import Built, RunResult
from verify.graph.sram import sram_rows

Row = tuple[str, str, str]
PROFILE_ROWS = 20
NOT_IN_HEAD = {"instructions_estimated"}
HOST_NOTES = {
    "state": "not a device's: pointers have 64 bits here",
    "stack": "not a device's: frames of another processor",
    "flash": "not a device's: code of another processor, and constants that hold pointers",
}
"""Why figures of this computer are not set beside those that a plan proves."""


def number(value: int | None) -> str:
    """Digits in groups of three; "n/a" for what could not be measured."""
    return "n/a" if value is None else f"{value:,}"


def table(rows: Iterable[Row]) -> str:
    """Left-aligned name, right-aligned value, note. An empty value makes the row a heading."""
    rows = list(rows)
    name_width = max(len(name) for name, _, _ in rows)
    value_width = max(len(value) for _, value, _ in rows)
    return "\n".join(f"{name:<{name_width}}  {value:>{value_width}}  {note}".rstrip() for name, value, note in rows)


def built_text(built: Built, about: Mapping[str, Any]) -> str:
    """What was built. `about` says what it is: one line per entry, in order."""
    return "\n\n".join([head(about), table([*memory_rows(built), *flash_rows(built)])])


def result_text(result: RunResult, about: Mapping[str, Any]) -> str:
    """What a run found; `about` as above."""
    parts = [head(about), table([*memory_rows(result), *flash_rows(result), *instruction_rows(result, about)])]
    if result.profile is not None:
        parts.append(profile_text(result))
    if result.operators:
        parts.append(operators_text(result))
    return "\n\n".join(parts)


def head(about: Mapping[str, Any]) -> str:
    shown = {name: value for name, value in about.items() if name not in NOT_IN_HEAD}
    width = max(map(len, shown))
    return "\n".join(f"{name:<{width}}  {value}" for name, value in shown.items())


def memory_rows(built: Built) -> list[Row]:
    """The parts of SRAM in the words of `verify.plan`, and where the compiler's bound of the stack comes from."""
    sram, proved, bound = built.sram, built.proved.sram, built.stack_bound
    if built.board.is_device:
        total = f"of {number(proved.total)} proved"
        notes = {"stack": f"{built.stack_is}, of {number(proved.stack)} reserved"}
    else:
        total = f"{number(proved.total)} are proved, for 32-bit pointers; a board under QEMU shows them"
        notes = {part: HOST_NOTES[part] for part in ("state", "stack")}
    parts = [(f"  {name}", number(size), note) for name, size, note in sram_rows(sram.as_dict(), notes)]
    rows = [("SRAM, bytes", number(sram.total), total), *parts]
    if built.board.is_device:
        chain = " > ".join(bound.chain) if bound.size_bytes is not None else bound.reason
        rows.append(("stack, compiler's bound", number(bound.size_bytes), chain))
    return rows


def flash_rows(built: Built) -> list[Row]:
    if not built.board.is_device:
        return [("flash, bytes", "n/a", HOST_NOTES["flash"])]
    flash, budget = built.flash, built.proved.flash_budget
    return [
        ("flash, bytes", number(flash.total), "no budget was asked for" if budget is None else f"of {number(budget)}"),
        ("  weights", number(flash.weights), "constants of the generated files"),
        ("  code", number(flash.code), "kernels, generated code, library routines"),
        ("harness, flash", number(flash.harness), "not the model's"),
    ]


def instruction_rows(result: RunResult, about: Mapping[str, Any]) -> list[Row]:
    counts = result.instructions
    if counts is None:
        return [("instructions", "n/a", "counted under QEMU only")]
    least, most = min(counts), max(counts)
    note = "executed per inference, exact" if least == most else f"executed per inference, {number(least)} at least"
    if estimate := about.get("instructions_estimated"):
        note += f"; {number(estimate)} were estimated, {100 * (estimate / most - 1):+.1f} %"
    return [("instructions", number(most), note)]


def profile_text(result: RunResult) -> str:
    """Instructions per function and inference, the busiest first."""
    samples = len(result.instructions or ())
    totals: Sequence[tuple[str, int]] = list((result.profile or {}).items())
    everything = sum(count for _, count in totals)
    shown = list(totals[:PROFILE_ROWS])
    rest = everything - sum(count for _, count in shown)
    if rest:
        shown.append((f"{len(totals) - PROFILE_ROWS} others", rest))
    rows: list[Row] = [("function", "instructions", "share")]
    rows += [(name, number(round(count / samples)), f"{count / everything:6.1%}") for name, count in shown]
    return table(rows)


def operators_text(result: RunResult) -> str:
    """Instructions of each operator's kernel per inference, in the order of the model file."""
    samples, operators = len(result.instructions or ()), result.operators or {}
    everything = sum(result.instructions or ())
    rows: list[Row] = [("operator", "instructions", "share")]
    for operator, counts in operators.items():
        kernel = next((name for name in counts.by_function if not name.startswith("stj_model")), "")
        share = f"{counts.instructions / everything:6.1%}  {counts.times // samples:,} calls, most of it in {kernel}"
        rows.append((f"op {operator}", number(round(counts.instructions / samples)), share))
    rest = everything - sum(counts.instructions for counts in operators.values())
    rows.append(("generated code", number(round(rest / samples)), f"{rest / everything:6.1%}"))
    return table(rows)
