"""Deployments as table and plot."""
# pyright: reportMissingImports=false

from collections.abc import Sequence

from experiments.memory_breakdown.run import Deployment
from stjax.assess.parts import PARTS
from verify.report.svg import subplots, svg

COLUMNS = ("T", "frame", "multiplier", "SRAM")
BESIDE = ("arena over bound", "flash", "MACs/frame", "T camera frames", "clip at once")


def shown(found: Sequence[Deployment]) -> list[str]:
    """Parts that any of them has."""
    return [name for name in PARTS if any(d.parts[name] or d.alone[name] for d in found)]


def markdown(found: Sequence[Deployment], made_by: str) -> str:
    names = shown(found)
    lines = [
        f"| {' | '.join((*COLUMNS, *names, *BESIDE))} |",
        f"|{'---:|' * (len(COLUMNS) + len(names) + len(BESIDE))}",
    ]
    lines += [f"| {' | '.join(_cells(d, names))} |" for d in found]
    lines += [
        "",
        "Bytes, at the fullest moment, where they add up to the proved SRAM of the program of one frame; in "
        "parentheses the most that a part has at any moment, where that is another figure. " + " ".join(_words(names)),
        "`arena over bound`: by how much the arena exceeds the bytes that live at once in the plan's own order. "
        "`flash`: constants. `T camera frames`: what buffering the frames themselves would take, without any network. "
        "`clip at once`: the least SRAM found for the clip model run whole, its clip in SRAM; not proved here.",
        "",
        f"Made by `{made_by}`. Random weights: plans depend on shapes only.",
    ]
    return "\n".join(lines) + "\n"


def _words(names: Sequence[str]) -> list[str]:
    return [f"`{name}`: {PARTS[name]}." for name in names]


def _cells(found: Deployment, names: Sequence[str]) -> list[str]:
    arena = found.sram - found.parts["state"] - found.parts["stack"]
    return [
        *(str(found.frames), f"{found.side} x {found.side} x 3", str(found.multiplier), f"{found.sram:,}"),
        *(_part(found, name) for name in names),
        *(f"{100 * (arena / found.bound - 1):.1f} %", f"{found.flash:,}", f"{found.macs:,}"),
        *(f"{found.frames_kept:,}", f"{found.whole_clip:,}"),
    ]


def _part(found: Deployment, name: str) -> str:
    here, most = found.parts[name], found.alone[name]
    return f"{here:,}" if here == most else f"{here:,} ({most:,})"


def plot(found: Sequence[Deployment]) -> str:
    """SRAM by part as stacked bars, one for each deployment, as SVG text."""
    figure, axis = subplots(figsize=(8, 1.2 + 0.3 * len(found)))
    labels = [f"T = {d.frames}, {d.side} x {d.side}, multiplier {d.multiplier}" for d in found]
    begin = [0.0] * len(found)
    for name in shown(found):
        sizes = [d.parts[name] / 1024 for d in found]
        axis.barh(labels, sizes, left=begin, label=name)
        begin = [b + s for b, s in zip(begin, sizes, strict=True)]
    axis.invert_yaxis()
    axis.set(xlabel="SRAM (KiB)")
    axis.legend(fontsize=7)
    return svg(figure)
