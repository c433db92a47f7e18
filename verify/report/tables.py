"""Reports as text tables. Widths follow the terminal; nothing is shortened when the output is not one."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from verify.graph.sram import sram_rows
from verify.proof.claims import CLAIMS
from verify.report.accounting import CONVENTIONS
from verify.report.names import gap, short, thousands

_STYLE = {"proved": "green", "refuted": "bold red", "unknown": "yellow"}


def console(**options: Any) -> Console:
    """Standard output; 100 columns where it is a file or a pipe, so that tables look the same everywhere."""
    probe = Console(**options)
    return probe if probe.is_terminal else Console(width=100, **options)


def print_plan(out: Console, value: dict[str, Any]) -> None:
    """The figures of one plan (verify.report.summary), with what it is compared with."""
    sram = value["sram_bytes"]
    out.print(Text(f"{value['model']}: scheme {value['scheme']}, input {value['input']}", style="bold"))
    table = _plain_table("", "bytes", "")
    table.add_row("layer by layer, SRAM", thousands(value["layerwise_bytes"]), "every tensor whole, the frame in SRAM")
    share = f"{sram['total'] / value['layerwise_bytes']:.2f} x layer by layer"
    table.add_row("this plan, SRAM", thousands(sram["total"]), share)
    for name, size, note in sram_rows(sram, {"stack": "reserve; the build compares it with the compiler's bound"}):
        table.add_row(f"  {name}", thousands(size or 0), note)
    bound = value["lower_bound_bytes"]
    table.add_row(
        "live bytes, this order", thousands(bound), f"lower bound; the arena is {gap(value['arena_bytes'], bound)}"
    )
    space, placement = value.get("space_bound_bytes"), value.get("placement_bound_bytes")
    if placement is not None and (space is None or value["arena_bytes"] > space):
        what = _distance(value["arena_bytes"], placement)
        table.add_row("these buffers", thousands(placement), f"lower bound, wherever they are placed; it is {what}")
    if space is not None:
        what = _distance(value["arena_bytes"], space)
        table.add_row("all orders searched", thousands(space), f"lower bound of their arenas; this one is {what}")
    table.add_row("flash, weights", thousands(value["flash_bytes"]["weights"]), "the build adds the code")
    out.print(table)
    if "clip" in value:
        _print_time(out, value)
    if (estimate := value["instructions_estimated"]) is not None:
        each = f", {estimate / value['macs']:.2f} per MAC" if value["macs"] else ""
        out.print(f"instructions, target {value['target']}: about {thousands(estimate)}{each}, estimated from counts")
    extra = value["macs"] - value["macs_layerwise"]
    out.print(f"MACs {thousands(value['macs'])}, {thousands(extra)} of them recomputed; {_stages(value)}")
    _print_left_out(out, value)
    _print_phased(out, value)
    if value["peak"]:
        out.print(f"fullest at {short(value['peak']['label'])}: {_buffers(value['peak'])}", markup=False)


def _distance(arena_bytes: int, bound: int) -> str:
    return "optimal" if arena_bytes <= bound else gap(arena_bytes, bound)


def print_front(out: Console, values: Sequence[dict[str, Any]], layerwise_bytes: int) -> None:
    """Plans of one model, each with less SRAM and more multiply-accumulates than the one before."""
    first = values[0]
    out.print(Text(f"{first['model']}: {len(values)} plans, input {first['input']}", style="bold"))
    table = Table(box=None, pad_edge=False)
    sizes = ("SRAM", "x layers", "arena", "live bytes", "gap")
    for column in ("plan", *sizes, "MACs", "x MACs", "instr. (est.)"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("proof", no_wrap=True)
    for number, value in enumerate(values, 1):
        total, verdict = value["sram_bytes"]["total"], value["proof"]
        arena, bound = value["arena_bytes"], value["lower_bound_bytes"]
        sizes, above = (thousands(arena), thousands(bound)), gap(arena, bound)
        estimate = value["instructions_estimated"]
        macs = thousands(value["macs"]), f"{value['macs_ratio']:.3f}", "-" if estimate is None else thousands(estimate)
        share = f"{total / layerwise_bytes:.2f}"
        proof = Text(verdict, style=_STYLE[verdict])
        table.add_row(str(number), thousands(total), share, *sizes, above, *macs, proof)
    out.print(table)
    _print_left_out(out, first)
    out.print("live bytes: lower bound for each plan's own order; the gap is the arena's above it")


def _print_left_out(out: Console, value: dict[str, Any]) -> None:
    """What a network is left without, if anything."""
    if gone := value.get("left_out"):
        macs = f"{thousands(gone['macs'])} MACs ({gone['macs_share']:.1%})"
        out.print(
            f"left out: {thousands(gone['channels'])} channels, constant or not read, and with them {macs}; "
            f"the whole model layer by layer: {thousands(value['macs_layerwise'] + gone['macs'])}"
        )


def _print_phased(out: Console, value: dict[str, Any]) -> None:
    """Operators whose operands' rows are computed in bursts, if there are any."""
    if operators := value.get("phased"):
        names = ", ".join(map(str, operators))
        out.print(f"in bursts: the rows that op {names} read{'s' * (len(operators) == 1)}, when the window moves on")


def _print_time(out: Console, value: dict[str, Any]) -> None:
    """What the program of one frame saves against computing the clip anew each time."""
    time, clip = value["time"], value["clip"]
    share = value["macs"] / clip["macs"]
    out.print(
        f"per frame of clips of {time['clip_frames']}: {thousands(value['sram_bytes']['history'])} bytes of the arena "
        f"are kept for later frames; the whole clip each time takes {thousands(clip['sram_bytes'])} bytes and "
        f"{thousands(clip['macs'])} MACs, {1 / share:.1f} x as many; results after {time['warm_up_frames']} frames"
        + (f", then at every {time['step']}." if time["step"] > 1 else "")
    )
    for text in value["answers"]:
        out.print(f"  {text}", highlight=False)


def print_accounting(out: Console, value: dict[str, Any]) -> None:
    """A plan's memory in a paper's convention (verify.report.accounting), and what that leaves out."""
    left_out = ", ".join(f"{what} {thousands(size)}" for what, size in value["left_out"].items())
    out.print(Text(CONVENTIONS[value["convention"]], style="bold"))
    table = _plain_table("", "bytes", "")
    note = f"{value['total'] / 1024:.1f} KiB, of them in use at once {thousands(value['in_use'])}"
    table.add_row("arena", thousands(value["total"]), note)
    table.add_row("left out", thousands(sum(value["left_out"].values())), left_out)
    out.print(table)


def print_report(out: Console, value: dict[str, Any], claims: Mapping[str, tuple[str, str]] = CLAIMS) -> None:
    """The verdict of each claim, and the counterexample of each refuted one; `claims` has their names and sentences."""
    table = _plain_table("claim", "verdict", "")
    for claim, detail in value["details"].items():
        name, sentence = claims[claim]
        verdict = detail["verdict"]
        table.add_row(f"{claim} {name}", Text(verdict, style=_STYLE[verdict]), sentence)
        if verdict != "proved":
            reason = detail.get("counterexample") or detail.get("reason")
            table.add_row("", "", Text(f"{detail['subject']}: {reason}", style=_STYLE[verdict]))
    out.print(table)
    solvers = " and ".join(value["solvers"])
    count = f"{value['obligations']} obligations ({value['questions']} different)"
    out.print(f"{value['proof']}: {count} in {value['proof_seconds']:.2f} s ({solvers})")
    if value["confirmed"]:
        out.print(f"confirmed by a run of identities: {', '.join(value['confirmed'])}")


def _plain_table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, show_header=any(columns[:1]))
    for column in columns:
        table.add_column(
            column, justify="right" if column == "bytes" else "left", no_wrap=column in ("bytes", "verdict")
        )
    return table


def _stages(value: dict[str, Any]) -> str:
    fused = [stage for stage in value["stages"] if stage["ticks"] > 1]
    ops = sum(len(stage["ops"]) for stage in fused)
    return f"{value['operators']} operators in {len(value['stages'])} stages, {ops} of them streamed in {len(fused)}"


def _buffers(peak: dict[str, Any]) -> str:
    shown = [f"tensor {b['tensor']} {thousands(b['bytes'])} ({b['policy']})" for b in peak["buffers"][:4]]
    more = len(peak["buffers"]) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
