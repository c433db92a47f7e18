"""Figures of a run as aligned text."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from embedded.tools.figures import RunResult

Row = tuple[str, str, str]
PROFILE_ROWS = 20


def number(value: int | None) -> str:
    """Digits in groups of three; "n/a" for what could not be measured."""
    return "n/a" if value is None else f"{value:,}".replace(",", " ")


def table(rows: Iterable[Row]) -> str:
    """Left-aligned name, right-aligned value, note. An empty value makes the row a heading."""
    rows = list(rows)
    name_width = max(len(name) for name, _, _ in rows)
    value_width = max(len(value) for _, value, _ in rows)
    return "\n".join(f"{name:<{name_width}}  {value:>{value_width}}  {note}".rstrip() for name, value, note in rows)


def result_text(result: RunResult, about: Mapping[str, Any]) -> str:
    """The whole report. `about` says what was run: one line per entry, in order."""
    width = max(map(len, about))
    head = "\n".join(f"{name:<{width}}  {value}" for name, value in about.items())
    rows = [*sram_rows(result), *flash_rows(result), *instruction_rows(result)]
    parts = [head, table(rows)]
    if result.profile is not None:
        parts.append(profile_text(result))
    return "\n\n".join(parts)


def sram_rows(result: RunResult) -> list[Row]:
    sram, proved, bound = result.sram, result.proved, result.stack_bound
    note = "" if result.board.is_device else "of this computer"
    bound_note = " > ".join(bound.chain) if bound.size_bytes is not None else bound.reason
    return [
        ("SRAM", "bytes", ""),
        ("  arena", number(sram.arena), f"with {number(sram.scratch)} of scratch" if sram.scratch else ""),
        ("  state", number(sram.state), note),
        ("  stack, painted", number(sram.stack), f"of {number(proved.stack)} reserved"),
        ("  static data", number(sram.static), ""),
        ("  total", number(sram.total), f"of {number(proved.sram)} proved"),
        ("stack (compiler bound)", number(bound.size_bytes), bound_note),
    ]


def flash_rows(result: RunResult) -> list[Row]:
    flash = result.flash
    return [
        ("flash", "bytes", ""),
        ("  weights", number(flash.weights), "constants of the generated files"),
        ("  code", number(flash.code), "kernels, generated code, library routines"),
        ("  harness", number(flash.harness), "not the model's"),
    ]


def instruction_rows(result: RunResult) -> list[Row]:
    counts = result.instructions
    if counts is None:
        return [("instructions", "n/a", "counted under QEMU only")]
    least, most = min(counts), max(counts)
    note = "executed per inference, exact" if least == most else f"executed per inference, {number(least)} at least"
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
