"""Outcomes as table and plot: one row per network and T, mean and standard deviation over seeds."""
# pyright: reportMissingImports=false

import statistics
from collections.abc import Callable, Iterable
from itertools import groupby

from experiments.temporal_window.config import ORDER_FREE, STREAMTINYNET
from experiments.temporal_window.run import Outcome
from stjax.assess.percent import percent
from verify.report.svg import subplots, svg

HEADER = (
    "network",
    "T",
    "seeds",
    "float",
    "int8",
    "int8, moving",
    "Cortex-M7",
    "clips there",
    "wrong bytes",
    "MACs/frame",
    "SRAM",
    "instructions/frame",
)


def line(outcome: Outcome) -> str:
    """One outcome, for a log."""
    text = f"float {outcome.float_accuracy:.4f}, int8 {outcome.int8_accuracy:.4f}"
    if outcome.shuffled_accuracy is not None:
        text += f", frames shuffled {outcome.shuffled_accuracy:.4f}"
    if outcome.device_clips is not None:
        text += f", device {outcome.device_accuracy:.4f} on {outcome.device_clips} clips, "
        text += f"{outcome.device_different} bytes wrong, {outcome.instructions_per_frame:,.0f} instructions per frame"
    return text


def rows(found: Iterable[Outcome]) -> list[list[Outcome]]:
    """Outcomes by network and T, the networks with order first."""

    def place(outcome: Outcome) -> tuple[bool, int]:
        return outcome.model == ORDER_FREE, outcome.frames

    return [list(group) for _, group in groupby(sorted(found, key=place), place)]


def markdown(found: list[Outcome]) -> str:
    """The table, and what its columns mean."""
    lines = [f"| {' | '.join(HEADER)} |", f"|---|{'---:|' * (len(HEADER) - 1)}"]
    for group in rows(found):
        lines.append(f"| {' | '.join(_cells(group))} |")
        if any(outcome.shuffled_accuracy is not None for outcome in group):
            lines.append(f"| {' | '.join(_shuffled_cells(group))} |")
    clips = sorted({outcome.clips for outcome in found})
    oracles = ", ".join(sorted({outcome.oracle for outcome in found}))
    lines += [
        "",
        f"Accuracy in percent over all five classes, mean ± sample standard deviation over seeds, on {_list(clips)} "
        'clips of participants that training did not see; "moving" is over the four classes that only order tells '
        f"apart. int8: the clip model in {oracles}. Cortex-M7: the program of one frame in QEMU, frame by frame, on "
        "so many of these clips (first seeds only), and how many output bytes differ from the clip model's there. "
        "SRAM: bytes, planned and proved, everything counted. Instructions are executed ones and no time.",
        "",
        f"Made by `python -m experiments.temporal_window -o experiments/temporal_window`, "
        f"{_list(sorted({outcome.epochs for outcome in found}))} epochs per training.",
    ]
    return "\n".join(lines) + "\n"


def _cells(group: list[Outcome]) -> list[str]:
    first = group[0]
    device = [outcome for outcome in group if outcome.device_clips is not None]
    return [
        *(first.model, str(first.frames), str(len(group))),
        percent(outcome.float_accuracy for outcome in group),
        percent(outcome.int8_accuracy for outcome in group),
        percent(outcome.int8_ordered_accuracy for outcome in group),
        percent(outcome.device_accuracy for outcome in device),
        f"{sum(outcome.device_clips or 0 for outcome in device):,}" if device else "-",
        str(sum(outcome.device_different or 0 for outcome in device)) if device else "-",
        f"{first.macs_per_frame:,}",
        f"{max(outcome.sram_bytes for outcome in group):,}",
        f"{statistics.mean(outcome.instructions_per_frame or 0 for outcome in device):,.0f}" if device else "-",
    ]


def _shuffled_cells(group: list[Outcome]) -> list[str]:
    shuffled = percent(outcome.shuffled_accuracy for outcome in group)
    return [
        f"{group[0].model}, frames shuffled at test",
        str(group[0].frames),
        str(len(group)),
        shuffled,
        *["-"] * (len(HEADER) - 4),
    ]


def plot(found: list[Outcome]) -> str:
    """Accuracy, and SRAM and instructions per frame, against T, as SVG text."""
    groups = [group for group in rows(found) if group[0].model == STREAMTINYNET]
    frames = [group[0].frames for group in groups]
    figure, (left, right) = subplots(1, 2, figsize=(9, 3.4))
    left.errorbar(frames, *_series(groups, lambda o: o.float_accuracy), marker="o", capsize=3, label="float")
    left.errorbar(frames, *_series(groups, lambda o: o.int8_accuracy), marker="x", capsize=3, label="int8")
    for group in rows(found):
        if group[0].model == ORDER_FREE:
            left.errorbar([group[0].frames], *_series([group], lambda o: o.int8_accuracy), fmt="s", label=ORDER_FREE)
        elif group[0].shuffled_accuracy is not None:
            values = _series([group], lambda o: o.shuffled_accuracy)
            left.errorbar([group[0].frames], *values, fmt="v", label="frames shuffled")
    left.set(xlabel="T (frames)", ylabel="test accuracy (%)", ylim=(0, 102))
    left.legend(fontsize=8, loc="lower center")
    right.plot(frames, [group[0].sram_bytes / 1024 for group in groups], marker="o", label="SRAM (KiB)")
    timed = [(g[0].frames, g[0].instructions_per_frame) for g in groups if g[0].instructions_per_frame is not None]
    if timed:
        right.plot([t for t, _ in timed], [n / 1e6 for _, n in timed], marker="x", label="instructions (million)")
    right.set(xlabel="T (frames)", ylabel="per frame", ylim=(0, None))
    right.legend(fontsize=8)
    return svg(figure)


def _series(groups: list[list[Outcome]], value: Callable[[Outcome], float | None]) -> tuple[list[float], list[float]]:
    """Means and standard deviations, in percent; no deviation where there is one seed."""
    columns = [[100 * found for outcome in group if (found := value(outcome)) is not None] for group in groups]
    return [statistics.mean(c) for c in columns], [statistics.stdev(c) if len(c) > 1 else 0.0 for c in columns]


def _list(values: Iterable[int]) -> str:
    return ", ".join(f"{value:,}" for value in values) or "no"
