"""Figure 7b: multiply-accumulates when some memory is added to the least that StreamNet-1D can do with.

All of it in the paper's count. A curve of ours is given as points (bytes, multiply-accumulates) in the same count: see
`verify.report.accounting.streamnet`, and one multiply-accumulate per element of a sum.
"""
# pyright: reportMissingImports=false

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from verify.plan.published import Network, Scheme, select
from verify.report.svg import subplots, svg

ADDED = (0, 5, 10, 15)
"""Percent."""

CURVES = ("MCUNetV2-auto", "StreamNet-auto", "StreamNet-auto without its filter", "ours")

Points = Sequence[tuple[int, int]]
"""(bytes, multiply-accumulates) of plans."""


@dataclass(frozen=True)
class Budgeted:
    """Fewest multiply-accumulates of each curve within a budget; None where nothing fits or no points were given."""

    model: str
    added: int
    budget_bytes: int
    macs: dict[str, int | None]


def curves(model: str, network: Network, ours: Points = ()) -> list[Budgeted]:
    """The figure's data for one network."""
    least = select(network, Scheme.STREAM_1D)
    assert least is not None
    found = []
    for added in ADDED:
        budget = least.memory_bytes * (100 + added) // 100
        choices = (
            select(network, Scheme.PATCH, budget),
            select(network, Scheme.STREAMNET, budget),
            select(network, Scheme.STREAMNET, budget, pareto_filter=False),
        )
        macs: list[int | None] = [None if choice is None else choice.macs for choice in choices]
        macs.append(min((m for size, m in ours if size <= budget), default=None))
        found.append(Budgeted(model, added, budget, dict(zip(CURVES, macs, strict=True))))
    return found


def speedups(rows: Iterable[Budgeted], added: int, curve: str) -> dict[str, float]:
    """By network, MACs of MCUNetV2-auto over those of another curve, where both have a plan."""
    found = {}
    for row in rows:
        base, other = row.macs[CURVES[0]], row.macs[curve]
        if row.added == added and base is not None and other is not None:
            found[row.model] = base / other
    return found


def geometric_mean(values: Iterable[float]) -> float:
    logs = [math.log(value) for value in values]
    return math.exp(sum(logs) / len(logs)) if logs else math.nan


def plot(rows: Sequence[Budgeted]) -> str:
    """One panel per network, as SVG text. Needs matplotlib (make setup-train)."""
    models = list(dict.fromkeys(row.model for row in rows))
    columns = min(5, len(models))
    lines = -(-len(models) // columns)
    figure, axes = subplots(lines, columns, figsize=(2.6 * columns, 2.6 * lines + 0.5), squeeze=False, sharex=True)
    for panel, model in zip(axes.flat, models, strict=False):
        mine = [row for row in rows if row.model == model]
        for curve, marker in zip(CURVES, "os^D", strict=True):
            points = [(row.added, macs / 1e6) for row in mine if (macs := row.macs[curve]) is not None]
            if points:
                panel.plot(*zip(*points, strict=True), marker=marker, label=curve)
        panel.margins(y=0.1)
        panel.set(title=f"{model}, {mine[0].budget_bytes / 1024:.1f} KiB", ylim=(0, None), xticks=ADDED)
    figure.supxlabel("memory added to StreamNet-1D's least (%)")
    figure.supylabel("million MACs")
    handles = {
        label: line for panel in axes.flat for line, label in zip(*panel.get_legend_handles_labels(), strict=True)
    }
    figure.legend(handles.values(), handles.keys(), loc="outside upper center", ncols=len(handles), fontsize=8)
    return svg(figure)
