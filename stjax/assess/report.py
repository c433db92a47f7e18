"""Assessments as table, Markdown, JSON values and plot; networks side by side, seeds of one together."""
# pyright: reportMissingImports=false

import dataclasses
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from rich import box
from rich.table import Table

from stjax.assess.parts import PARTS
from stjax.assess.percent import percent
from stjax.assess.run import Assessment
from stjax.assess.smaller import Options
from verify.report.svg import subplots, svg

Group = list[Assessment]


@dataclass(frozen=True)
class Clock:
    """What turns instructions into frames per second: nothing here has measured time.

    Args:
      hertz: clock of the processor.
      fewest, most: cycles per instruction that are thinkable; a processor that starts two instructions at once has 0.5.
    """

    hertz: float = 480e6
    fewest: float = 0.5
    most: float = 2.0

    def frames_per_second(self, instructions: float) -> tuple[float, float]:
        """Lower and upper bound."""
        return self.hertz / (instructions * self.most), self.hertz / (instructions * self.fewest)


def groups(found: Sequence[Assessment]) -> list[Group]:
    """Seeds of one network together, in the order in which networks came."""
    order = {network: k for k, network in enumerate(dict.fromkeys(a.network for a in found))}
    ordered = sorted(found, key=lambda a: (order[a.network], a.seed))
    return [list(group) for _, group in groupby(ordered, lambda a: a.network)]


COLUMNS: dict[str, Callable[[Group, Clock], str]] = {
    "network": lambda g, clock: g[0].network,
    "T": lambda g, clock: str(g[0].frames),
    "seeds": lambda g, clock: str(len(g)),
    "float": lambda g, clock: percent(a.float_accuracy for a in g),
    "int8": lambda g, clock: percent(a.int8_accuracy for a in g),
    "int8, ordered": lambda g, clock: percent(a.int8_ordered for a in g),
    "device": lambda g, clock: percent(a.device_accuracy for a in g),
    "wrong bytes": lambda g, clock: number(sum(a.device_different for a in g)),
    "parameters": lambda g, clock: number(g[0].parameters),
    "MACs/frame": lambda g, clock: number(g[0].macs),
    "FLOPs/frame": lambda g, clock: "-" if g[0].flops is None else number(g[0].flops),
    "SRAM": lambda g, clock: number(max(a.sram for a in g)),
    "flash": lambda g, clock: number(max(a.weights_flash + (a.code_flash or 0) for a in g)),
    "instructions/frame": lambda g, clock: ("" if g[0].measured else "~") + number(mean_instructions(g)),
    "frames/s": lambda g, clock: "{:,.0f} to {:,.0f}".format(*clock.frames_per_second(mean_instructions(g))),
}
"""Title -> cell."""


def number(value: float) -> str:
    return f"{value:,.0f}"


def mean_instructions(group: Group) -> float:
    return statistics.mean(a.instructions for a in group)


def part_names(found: Sequence[Assessment]) -> list[str]:
    """Parts of SRAM that any network has."""
    return [name for name in PARTS if any(a.parts[name] or a.parts_alone[name] for a in found)]


def part_cells(group: Group, names: Sequence[str]) -> list[str]:
    """Bytes at the fullest moment and, where that is another figure, the most of the part alone."""
    largest = max(group, key=lambda a: a.sram)

    def cell(name: str) -> str:
        here, most = largest.parts[name], largest.parts_alone[name]
        return number(here) if here == most else f"{number(here)} ({number(most)})"

    return [largest.network, number(largest.sram), *(cell(name) for name in names), largest.peak]


STEP_COLUMNS = ("layer", "a step smaller", "SRAM", "saved", "MACs/frame")


def step_title(options: Options) -> str:
    return f"{options.network}: {options.sram:,} bytes, fullest at {options.peak}; with one size a step smaller, proved"


def step_cells(options: Options) -> list[list[str]]:
    return [
        [
            s.layer + " (at the peak)" * s.at_peak,
            s.text,
            *(("-", "-") if s.sram is None else (number(s.sram), number(options.sram - s.sram))),
            "-" if s.macs is None else number(s.macs),
        ]
        for s in options.smaller
    ]


def tables(found: Sequence[Assessment], clock: Clock, steps: Sequence[Options] = ()) -> list[Table]:
    """For a terminal."""
    made = []
    names = part_names(found)
    first = ("assessment", list(COLUMNS), [[cell(g, clock) for cell in COLUMNS.values()] for g in groups(found)])
    second = (
        "SRAM at the fullest moment, bytes (the most of a part alone)",
        ["network", "SRAM", *names, "fullest at"],
        [part_cells(g, names) for g in groups(found)],
    )
    more = [(step_title(options), list(STEP_COLUMNS), step_cells(options)) for options in steps]
    for title, columns, rows in (first, second, *more):
        table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
        for place, column in enumerate(columns):
            text = place == 0 or column in ("fullest at", "a step smaller")
            table.add_column(column, justify="left" if text else "right", no_wrap=text)
        for row in rows:
            table.add_row(*row)
        made.append(table)
    return made


def markdown(found: Sequence[Assessment], clock: Clock, made_by: str, steps: Sequence[Options] = ()) -> str:
    """All tables, and what their columns mean."""
    names = part_names(found)
    lines = _table(list(COLUMNS), [[cell(g, clock) for cell in COLUMNS.values()] for g in groups(found)])
    lines += ["", *_table(["network", "SRAM", *names, "fullest at"], [part_cells(g, names) for g in groups(found)])]
    for options in steps:
        lines += ["", f"{step_title(options)}:", "", *_table(STEP_COLUMNS, step_cells(options))]
    lines += ["", *notes(found, clock), "", f"Made by `{made_by}`."]
    return "\n".join(lines) + "\n"


def notes(found: Sequence[Assessment], clock: Clock) -> list[str]:
    """What the columns mean, and what is out of the ordinary."""
    oracles = ", ".join(sorted({a.oracle for a in found}))
    clips = ", ".join(sorted({number(a.clips) for a in found if a.clips}))
    lines = [
        *(
            [f"Accuracy in percent on {clips} test clips; `ordered` is over classes that only order tells apart. "]
            * bool(clips)
        ),
        f"int8: the clip model in {oracles}. device: the program of one frame, frame by frame, on clips at equal "
        "distances; wrong bytes: of its answers that are not the clip model's.",
        "MACs of the exported program, FLOPs of the float network's trace, both of one streamed frame. SRAM is proved, "
        "everything counted (--scheme auto may find less). flash: constants and code. Instructions are executed ones "
        f"(~: estimated). Frames per second at {clock.hertz / 1e6:,.0f} MHz if an instruction takes {clock.most:g} to "
        f"{clock.fewest:g} cycles: no time was measured.",
        *(f"{name}: {PARTS[name]}." for name in part_names(found)),
    ]
    whole = {a.network: a.whole_clip for a in found if a.whole_clip}
    lines += [f"{name} runs as a whole clip: {reason}" for name, reason in whole.items()]
    return lines + [f"PROBLEM, {a.network}, seed {a.seed}: {text}" for a in found for text in a.problems]


def value(found: Sequence[Assessment], clock: Clock, steps: Sequence[Options] = ()) -> dict[str, Any]:
    """For `--json`."""
    rows = [dataclasses.asdict(a) | {"frames_per_second": list(clock.frames_per_second(a.instructions))} for a in found]
    more = {"smaller": [dataclasses.asdict(options) for options in steps]} if steps else {}
    return {"clock": dataclasses.asdict(clock), "assessments": rows} | more


def plot(found: Sequence[Assessment]) -> str:
    """SRAM by part for each network, and accuracy against SRAM where there is any, as SVG text."""
    rows = groups(found)
    accurate = [g for g in rows if g[0].int8_accuracy is not None]
    figure, axes = subplots(
        1,
        2 if accurate else 1,
        figsize=(10 if accurate else 6, 1.2 + 0.4 * len(rows)),
        squeeze=False,
    )
    left = axes[0][0]
    begin = [0.0] * len(rows)
    for name in part_names(found):
        sizes = [max(g, key=lambda a: a.sram).parts[name] / 1024 for g in rows]
        left.barh([g[0].network for g in rows], sizes, left=begin, label=name)
        begin = [b + s for b, s in zip(begin, sizes, strict=True)]
    left.invert_yaxis()
    left.set(xlabel="SRAM (KiB)")
    left.legend(fontsize=7)
    for group in accurate:
        values = [100 * (a.int8_accuracy or 0) for a in group]
        deviation = statistics.stdev(values) if len(values) > 1 else 0.0
        size = max(a.sram for a in group) / 1024
        axes[0][1].errorbar(
            [size], [statistics.mean(values)], [deviation], marker="o", capsize=3, label=group[0].network
        )
    if accurate:
        axes[0][1].set(xlabel="SRAM (KiB)", ylabel="int8 test accuracy (%)")
        axes[0][1].legend(fontsize=7)
    return svg(figure)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(columns)} |",
        f"|---|{'---:|' * (len(columns) - 1)}",
        *(f"| {' | '.join(r)} |" for r in rows),
    ]
