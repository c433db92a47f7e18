"""What a page shows of a plan beside its memory, as plain values for a program: operators, work between rows, boards.

Keys of `--json`, of the same functions as the page; instructions are estimates wherever they stand.
"""

import math
from typing import Any

from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.proof.layout import Layout
from verify.report.costs import Costs, costs_of
from verify.report.fits import CODE_BYTES, CYCLES, fits_of, unit
from verify.report.row_work import room_of
from verify.targets.choice import kernels_of
from verify.targets.line_feed import line_feed, row_instructions


def figures_value(graph: Graph, plan: Plan) -> dict[str, Any]:
    """`costs`, `row_work` and `boards`; nothing of a plan that does not name its model's operators."""
    if Layout(graph, plan).faults:
        return {}
    costs = costs_of(graph, plan)
    return {"costs": _costs(costs), "row_work": _row_work(graph, plan), "boards": _boards(graph, plan, costs)}


def _costs(costs: Costs) -> dict[str, Any]:
    """Of each operator in the order of the plan, and what is none's; None where a kernel's price is not known."""
    return {
        "instructions": costs.instructions,
        "instructions_around": costs.around,
        "flash_bytes": costs.flash_bytes,
        "flash_bytes_shared": costs.shared_bytes,
        "operators": [
            {
                "op": cost.index,
                "kind": cost.kind,
                "name": cost.full_name,
                "kernel": cost.kernel,
                "macs": cost.macs,
                "instructions": cost.instructions,
                "share": round(cost.share, 6),
                "flash_bytes": cost.flash_bytes,
            }
            for cost in costs.operators
        ],
    }


def _row_work(graph: Graph, plan: Plan) -> dict[str, Any] | None:
    """Instructions behind each row of the input, and with a camera those that there is time for from row to row.

    None where no input arrives by rows, or what the kernels take has not been measured.
    """
    counts = row_instructions(graph, plan, kernels_of(graph, plan))
    if counts is None or len(counts) < 2:
        return None
    value: dict[str, Any] = {
        "instructions": counts,
        "instructions_between_rows_most": max(counts[:-1]),
        "instructions_after_last_row": counts[-1],
    }
    if plan.camera is not None:
        room, feed = room_of(plan.camera), line_feed(plan.camera, counts)
        late = [row for row, count in enumerate(counts[:-1]) if count > room]
        value |= {"instructions_from_row_to_row": room, "rows_that_wait": late, "held": feed.held}
        value |= {"frames_per_second_held": math.floor(feed.most_hertz * 100) / 100}
    return value


def _boards(graph: Graph, plan: Plan, costs: Costs) -> dict[str, Any]:
    """Which of the known boards the plan fits, and how often it may run there in a second, slower first."""
    return {
        "code_bytes_assumed": CODE_BYTES,
        "cycles_per_instruction": sorted(CYCLES, reverse=True),
        "unit": unit(graph),
        "boards": [
            {
                "name": fit.board.name,
                "chip": fit.board.chip,
                "core": fit.board.core,
                "state": fit.state,
                "sram_bytes": fit.board.sram_bytes,
                "sram_share": round(fit.sram_share, 6),
                "flash_bytes": fit.board.flash_bytes,
                "flash_share": round(fit.flash_share, 6),
                "clock_hertz": fit.board.clock_hertz,
                "runs_per_second": None if fit.runs_per_second is None else [round(r, 3) for r in fit.runs_per_second],
            }
            for fit in fits_of(plan, costs.flash_bytes, costs.instructions)
        ],
    }
