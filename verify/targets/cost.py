"""Executed instructions of a plan, estimated: what its calls have to do, times what kernels take for each such thing.

The prices are measured (`prices.py` beside the kernels, written by `python -m benchmarks.kernels.fit`); an estimate
built from them is for choosing between plans and for expectations, and no part of any claim.
"""

import importlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from verify.graph.graph import Graph, Node
from verify.graph.plan import Plan, Stage
from verify.graph.tensor import Axis
from verify.ops.regions import stage_regions
from verify.targets.choice import Kernels
from verify.targets.kernel import Kernel, Work
from verify.targets.measured import package_of
from verify.targets.prices import PRICES
from verify.targets.stack import by_regions

AROUND = "generated code"
"""Under which `verify.targets.prices` has what the generated functions themselves take."""


@dataclass(frozen=True)
class Calls:
    """Equal calls of one operator's kernel: `times` of them, each of so many rows and columns (None: whole rows)."""

    op: int
    rows: int
    columns: int | None
    times: int


def calls_of(graph: Graph, plan: Plan) -> Iterator[Calls]:
    """All calls of one run of a plan (of a clip: of a frame with a result)."""
    tiled = frozenset(buffer.tensor for buffer in plan.buffers if buffer.tiled)
    for stage in plan.stages:
        yield from stage_calls(graph, stage, tiled)


def stage_calls(graph: Graph, stage: Stage, tiled: frozenset[int]) -> Iterator[Calls]:
    """The calls of one stage; `tiled` has the tensors that are kept by pixels."""
    rows, columns = (stage_regions(graph, stage, axis) for axis in (Axis.HEIGHT, Axis.WIDTH))
    for firing in stage.firings:
        split = by_regions(graph, stage, firing, tiled)
        wide = _sizes(columns[firing.op]) if split else {None: stage.columns}
        for count, often in _sizes(rows[firing.op]).items():
            for width, times in wide.items():
                yield Calls(firing.op, count, width, often * times)


def _sizes(region: np.ndarray) -> Mapping[int, int]:
    """How often an interval of each size comes, empty ones left out."""
    return Counter(size for size in (region[:, 1] - region[:, 0]).tolist() if size > 0)


def work_of(kernel: Kernel[Any], node: Node, calls: Calls) -> Work:
    """What equal calls have to do, together."""
    done = kernel.work(node, calls.rows, calls.columns)
    return {kind: calls.times * amount for kind, amount in done.items()}


def prices_of(kernel: Kernel[Any], tile: bool) -> Mapping[str, float] | None:
    """Instructions per unit of each kind of work of a kernel's function; None where they have not been measured.

    A function for regions that was never counted is taken to cost what the one for rows does.
    """
    try:
        table: Mapping[str, Mapping[str, float]] = importlib.import_module(f"{package_of(kernel)}.prices").PRICES
    except ModuleNotFoundError:
        return None
    return (table.get(kernel.tile_name) if tile else None) or table.get(kernel.name)


def around_of(graph: Graph, plan: Plan) -> Work:
    """What the generated functions have to do."""
    calls = list(calls_of(graph, plan))
    rows = sum(graph.tensors[tensor].rows for tensor in graph.inputs)
    around = _around(
        sum(stage.steps for stage in plan.stages),
        sum(stage.steps * len(stage.firings) for stage in plan.stages),
        *(sum(c.times for c in calls if (c.columns is None) == whole) for whole in (True, False)),
    )
    return {"run": 1, "row": rows, **around}


def _around(steps: int, firings: int, by_rows: int, by_regions: int) -> Work:
    return {"step": steps, "firing": firings, "call by rows": by_rows, "call by regions": by_regions}


def step_price(steps: int, operators: int, calls: int, by_regions: bool) -> float:
    """Instructions of the generated function of a stage of so many steps and operators, which makes so many calls."""
    each = (0, calls) if by_regions else (calls, 0)
    return priced(_around(steps, steps * operators, *each), PRICES[AROUND])


def call_price(kernel: Kernel[Any], node: Node, calls: Calls) -> float | None:
    """Instructions of equal calls of a kernel; None where its prices, or that of something to do, were not measured."""
    prices, work = prices_of(kernel, calls.columns is not None), work_of(kernel, node, calls)
    if prices is None or any(amount and kind not in prices for kind, amount in work.items()):
        return None
    return priced(work, prices)


def priced(work: Work, prices: Mapping[str, float]) -> float:
    """Of work of no other kinds than have a price."""
    return sum(amount * prices[kind] for kind, amount in work.items() if amount)


def instructions_of(graph: Graph, plan: Plan, kernels: Kernels) -> int | None:
    """The estimate for one inference (of a clip: for one frame with a result).

    None where a kernel's prices have not been measured.
    """
    found = [call_price(kernels[c.op], graph.by_index[c.op], c) for c in calls_of(graph, plan)]
    if None in found:
        return None
    return round(priced(around_of(graph, plan), PRICES[AROUND]) + sum(price or 0.0 for price in found))
