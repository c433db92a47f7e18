"""Cells as tables, one per task, and plots: mean and standard deviation over folds and seeds."""
# pyright: reportMissingImports=false

import statistics
from collections.abc import Callable, Sequence
from itertools import groupby

from experiments.temporal_models.run import Cell
from experiments.temporal_models.tasks import STREAMTINYNET, TASKS
from stjax.assess.percent import percent
from verify.report.svg import subplots, svg

HEADER = (
    *("family", "cells", "float", "int8", "ordered", "backwards", "parameters", "MACs/frame", "SRAM", "flash"),
    *("instructions/frame", "on the board", "wrong bytes"),
)
CLOSE = 0.005
"""Networks within half a point of the best count as equally good."""

Group = list[Cell]


def by_task(found: Sequence[Cell]) -> dict[str, list[Cell]]:
    return {name: [c for c in found if c.task == name] for name in dict.fromkeys(c.task for c in found)}


def by_family(found: Sequence[Cell]) -> list[Group]:
    order = {name: k for k, name in enumerate(dict.fromkeys(c.family for c in found))}
    ordered = sorted(found, key=lambda c: order[c.family])
    return [list(group) for _, group in groupby(ordered, lambda c: c.family)]


def mean(group: Group, value: Callable[[Cell], float | None]) -> float:
    """Over folds and seeds; every fold counts alike."""
    return statistics.mean(v for c in group if (v := value(c)) is not None)


def int8(group: Group) -> float:
    return mean(group, lambda c: c.assessment.int8_accuracy)


def sram(group: Group) -> int:
    return max(c.assessment.sram for c in group)


def markdown(found: Sequence[Cell], made_by: str) -> str:
    lines = []
    for name, cells in by_task(found).items():
        lines += [f"## {name}", "", *_table(cells), "", *_notes(name, cells), ""]
    lines += [
        "Accuracy in percent on people that training did not see, mean ± sample standard deviation over folds and "
        "seeds (one cell each). `ordered`: recall of the classes that only order tells apart, as recorded; "
        "`backwards`: of the same clips played backwards, the share that is called the opposite class. int8: the "
        "clip model in TensorFlow Lite Micro. SRAM: bytes, proved, everything counted, of the program of one frame; "
        "flash: constants and code. Instructions: executed for a frame with an answer on an emulated Cortex-M7, which "
        "are no time. `on the board`: clips that ran there frame by frame, and how many of their answers' bytes "
        "differ from the clip model's.",
        "",
        f"Made by `{made_by}`.",
    ]
    return "\n".join(lines) + "\n"


def _table(cells: Sequence[Cell]) -> list[str]:
    lines = [f"| {' | '.join(HEADER)} |", f"|---|{'---:|' * (len(HEADER) - 1)}"]
    return lines + [f"| {' | '.join(_row(group))} |" for group in by_family(cells)]


def _row(group: Group) -> list[str]:
    first = group[0].assessment
    flash = max(c.assessment.weights_flash + (c.assessment.code_flash or 0) for c in group)
    return [
        group[0].family,
        str(len(group)),
        percent(c.assessment.float_accuracy for c in group),
        percent(c.assessment.int8_accuracy for c in group),
        percent(c.ordered_recall if c.ordered else None for c in group),
        percent(c.backwards_recall if c.ordered else None for c in group),
        f"{first.parameters:,}",
        f"{first.macs:,}",
        f"{sram(group):,}",
        f"{flash:,}",
        f"{mean(group, lambda c: c.assessment.instructions):,.0f}",
        f"{sum(c.assessment.device_clips for c in group):,}",
        f"{sum(c.assessment.device_different for c in group):,}",
    ]


def _notes(name: str, cells: Sequence[Cell]) -> list[str]:
    """Who wins, and per class where StreamTinyNet errs."""
    groups = by_family(cells)
    lines = [verdict(groups)] if len(groups) > 1 else []
    ours = next((g for g in groups if g[0].family == STREAMTINYNET), None)
    if ours is not None:
        recalls = [_recall(ours, label) for label in range(len(ours[0].classes))]
        text = ", ".join(f"{n} {100 * r:.1f}" for n, r in zip(ours[0].classes, recalls, strict=True))
        lines.append(f"Recall of StreamTinyNet by class, int8, all cells together: {text}.")
    for group in groups:
        count = sum(map(gave_up, group))
        if count:
            lines.append(f"{group[0].family}: {count} of {len(group)} trainings ended in one answer to all clips.")
    task = TASKS.get(name)
    return [*lines, *([f"Source: {task.source}."] if task and task.source else [])]


def gave_up(cell: Cell) -> bool:
    """Whether a training ended with the same answer to all test clips."""
    counts = cell.assessment.confusion or []
    return len(cell.classes) > 1 and sum(any(column) for column in zip(*counts, strict=True)) == 1


def _recall(group: Group, label: int) -> float:
    rows = [(c.assessment.confusion or [])[label] for c in group]
    return sum(row[label] for row in rows) / max(1, sum(map(sum, rows)))


def verdict(groups: Sequence[Group]) -> str:
    """Which network has the least SRAM of those that are as good as the best, to half a point."""
    best = max(groups, key=int8)
    close = [g for g in groups if int8(g) >= int8(best) - CLOSE]
    least = min(close, key=sram)
    names = ", ".join(f"{g[0].family} ({100 * int8(g):.2f}, {sram(g):,} bytes)" for g in sorted(close, key=sram))
    return (
        f"Best: {best[0].family}, {100 * int8(best):.2f}. Within half a point of it: {names}. "
        f"The least SRAM of these has {least[0].family}."
    )


def plot(found: Sequence[Cell]) -> str:
    """int8 accuracy against SRAM for every task, as SVG text."""
    tasks = by_task(found)
    figure, axes = subplots(1, len(tasks), figsize=(4.6 * len(tasks), 3.6), squeeze=False)
    for axis, (name, cells) in zip(axes[0], tasks.items(), strict=True):
        for group in by_family(cells):
            values = [100 * (c.assessment.int8_accuracy or 0) for c in group]
            deviation = statistics.stdev(values) if len(values) > 1 else 0.0
            marker = "*" if group[0].family == STREAMTINYNET else "o"
            place = [sram(group) / 1024], [statistics.mean(values)], [deviation]
            axis.errorbar(
                *place, marker=marker, markersize=10 if marker == "*" else 5, capsize=3, label=group[0].family
            )
        axis.set(title=name, xlabel="SRAM (KiB)", ylabel="int8 test accuracy (%)", xscale="log")
    axes[0][0].legend(fontsize=7)
    return svg(figure)
