"""Theorems for all sizes in words and as plain values: one sentence per stage, and the SRAM as a formula."""

from typing import Any

from rich.console import Console

from verify.graph.plan import Buffer, Policy, Stage
from verify.graph.tensor import Axis
from verify.proof.for_all import StageTheorem, Theorems
from verify.proof.memory import Formula
from verify.proof.ranges import stage_tensors
from verify.proof.verdict import Proved
from verify.report.summary import verdict_value


def for_all_value(theorems: Theorems) -> dict[str, Any]:
    """Everything that `verify.check --for-all` found. Bytes; seconds."""
    fullest = max(theorems.formulas, key=lambda formula: formula.own, default=None)
    return {
        "proved": sum(isinstance(theorem.verdict, Proved) for theorem in theorems.stages),
        "stages": [
            verdict_value(theorem.verdict)
            | {
                "stage": theorem.stage,
                "theorem": sentence(theorems, theorem),
                "obligations": len(theorem.decisions),
                "seconds": round(theorem.seconds, 3),
                "bytes": formula.text(),
                "bytes_here": formula.own,
            }
            for theorem, formula in zip(theorems.stages, theorems.formulas, strict=True)
        ],
        "same_padding": theorems.same_padding(),
        "sram": _sram(theorems, fullest) if fullest else {},
        "seconds": round(sum(theorem.seconds for theorem in theorems.stages), 3),
    }


def _sram(theorems: Theorems, fullest: Formula) -> dict[str, Any]:
    return {
        "stage": fullest.stage,
        "bytes": fullest.text(),
        "bytes_here": fullest.own,
        "arena_bytes": theorems.layout.plan.arena_bytes,
    }


def print_for_all(out: Console, value: dict[str, Any]) -> None:
    """The theorems, a sentence each, what is not proved with its reason, and the formula."""
    for stage in value["stages"]:
        mark = "proved" if stage["verdict"] == "proved" else "NOT PROVED"
        out.print(f"{mark}: {stage['theorem']}", markup=False, soft_wrap=True)
        if stage["verdict"] != "proved":
            reason = stage.get("counterexample") or stage.get("reason")
            out.print(f"  {stage['subject']}: {reason}", markup=False, soft_wrap=True)
    took = f"{value['proved']} of {len(value['stages'])} stages in {value['seconds']:.2f} s"
    out.print(f"for all sizes: {took}. {value['same_padding']}", markup=False, soft_wrap=True)
    if value["sram"]:
        out.print(_formula(value["sram"]), markup=False, soft_wrap=True)


def _formula(sram: dict[str, Any]) -> str:
    here = f"each buffer rounded up to 8; here {sram['bytes_here']:,}"
    text = f"fullest in stage {sram['stage']}: {sram['bytes']} bytes, {here}"
    gap = sram["arena_bytes"] - sram["bytes_here"]
    if gap == 0:
        return f"{text}, which is the arena"
    if gap > 0:
        return f"{text}; the arena has {gap:,} bytes more, because buffers do not pack without gaps at this size"
    return f"{text}; the arena has {-gap:,} bytes less: results are written over operands (C4, at this size only)"


def sentence(theorems: Theorems, theorem: StageTheorem) -> str:
    """What is claimed of one stage, proved or not."""
    stage = theorems.layout.plan.stages[theorem.stage]
    ops = [str(firing.op) for firing in stage.firings]
    what = f"op {ops[0]}" if len(ops) == 1 else f"ops {', '.join(ops)}"
    ranges = [found.text() for found in theorem.ranges if found.matters]
    sizes = f"for every {' and every '.join(ranges)}" if ranges else "whatever the size of what it reads"
    ticks = "" if stage.steps == 1 else " and any number of ticks that is enough"
    kept = _rings(theorems, theorem.stage, stage)
    held = f", with {kept}" if kept else ""
    clip = "; for every clip length T, the T slots hold the last T frames in order" if theorem.every_clip else ""
    return (
        f"stage {theorem.stage} ({what}; {kind(stage)}): {sizes}{ticks}, every row{_columns(stage)} of its results is "
        f"computed exactly once, read after it is written and before it is overwritten{held}; skipped padding adds "
        f"nothing{clip}"
    )


def kind(stage: Stage) -> str:
    """How a stage runs, in words."""
    if stage.steps == 1 and len(stage.firings) == 1:
        return "at once"
    by = "by rows and columns" if any(f.columns for f in stage.firings) or stage.columns > 1 else "by rows"
    return f"{by}, some on demand" if any(firing.demand for firing in stage.firings) else by


def _columns(stage: Stage) -> str:
    return " and column" if "columns" in kind(stage) else ""


def _rings(theorems: Theorems, number: int, stage: Stage) -> str:
    buffers = theorems.layout.buffers
    held = [buffers[tensor] for tensor in stage_tensors(theorems.sizes, number)]
    rings = [_ring(theorems, buffer) for buffer in held if buffer.policy is Policy.RING]
    return f"rings of {', '.join(rings)}" if rings else ""


def _ring(theorems: Theorems, buffer: Buffer) -> str:
    if buffer.pixels:
        rows, columns = theorems.sizes.pixels(buffer)
        width = theorems.sizes.family.forms[Axis.WIDTH][buffer.tensor].text("W")
        return f"{rows}*{width} + {columns} pixels" if isinstance(columns, int) else f"{rows + 1}*{width} pixels"
    rows = f"{buffer.rows} row{'s' * (buffer.rows != 1)}"
    return f"{rows} of {buffer.columns} columns" if buffer.columns else rows
