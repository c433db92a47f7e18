"""The memory map as a picture file: SVG of our own, PNG through matplotlib where that is installed."""

import io
from typing import Any

from verify.report.drawing import KINDS
from verify.report.memory_map import Block, MemoryMap
from verify.report.names import short, thousands
from verify.report.page import map_svg

SUFFIXES = (".svg", ".png")
_COLOURS = {"whole": "#b7d3ee", "ring": "#f9cf9f", "tick": "#f4e7a8", "history": "#dcc5e8", "scratch": "#d5d5d5"}
_EDGES = {"whole": "#2f6797", "ring": "#b5651d", "tick": "#98810f", "history": "#7d3c98", "scratch": "#666666"}


class PlotError(Exception):
    """A picture that cannot be made here; the message says what is missing."""


def plot(memory: MemoryMap, suffix: str) -> bytes:
    """The map as the contents of a file whose name ends in `suffix`, one of SUFFIXES.

    Raises:
      PlotError: another suffix, or PNG without matplotlib.
    """
    if suffix == ".svg":
        return map_svg(memory).encode()
    if suffix == ".png":
        return _png(memory)
    raise PlotError(f"{suffix or 'no suffix'!r} is not a kind of picture that --plot makes; use .svg or .png")


def _png(memory: MemoryMap) -> bytes:
    try:
        from matplotlib.figure import Figure
        from matplotlib.patches import Patch
    except ImportError:
        raise PlotError(
            "PNG needs matplotlib, which is not installed (pip install matplotlib); .svg needs nothing"
        ) from None
    figure = Figure(figsize=(max(10.0, (memory.t1 - memory.t0) * 0.08), 5.5), dpi=130, layout="constrained")
    axes = figure.add_subplot()
    for stage in memory.stages:
        axes.axvline(stage.t0, color="#8a94a0", linewidth=0.8 if stage.ticks > 1 else 0.3)
        if stage.ticks > 1:
            axes.axvspan(stage.t0, stage.t1, color="#eef2f7", zorder=0)
    for block in memory.blocks:
        _add_block(axes, memory, block)
    lines = [("arena", memory.arena_bytes, "#444444", "-"), ("SRAM, all parts", memory.total_bytes, "#444444", ":")]
    if memory.bound_bytes is not None:
        lines.append(("live bytes, lower bound", memory.bound_bytes, "#1a7f37", "--"))
    if memory.budget_bytes is not None and memory.budget_bytes <= 2 * memory.total_bytes:
        lines.append(("budget", memory.budget_bytes, "#c0212e", "-"))
    drawn = [
        axes.axhline(byte, color=colour, linestyle=style, linewidth=1.2, label=f"{name}, {thousands(byte)} B")
        for name, byte, colour, style in lines
    ]
    kinds = {block.kind for block in memory.blocks}
    keys = [Patch(facecolor=_COLOURS[k], edgecolor=_EDGES[k], label=text) for k, text in KINDS.items() if k in kinds]
    if memory.peak is not None:
        axes.axvspan(memory.peak.number, memory.peak.number + 1, color="#c0212e", alpha=0.15, linewidth=0, zorder=3)
        keys.append(Patch(color="#c0212e", alpha=0.15, label=f"peak, {thousands(memory.peak.used_bytes)} B"))
    axes.legend(handles=[*drawn, *keys], fontsize=7, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    axes.set(xlim=(memory.t0, memory.t1), ylim=(0, max(line[1] for line in lines) * 1.05))
    axes.set(xlabel="step", ylabel="bytes of SRAM", title=memory.model)
    axes.yaxis.set_major_formatter(lambda value, _: thousands(int(value)))
    stream = io.BytesIO()
    figure.savefig(stream, format="png")
    return stream.getvalue()


def _add_block(axes: Any, memory: MemoryMap, block: Block) -> None:
    from matplotlib.patches import Rectangle

    steps = memory.t1 - memory.t0
    for rect in block.rects:
        width, height = rect.t1 - rect.t0, rect.hi_byte - rect.lo_byte
        face, edge = _COLOURS[block.kind], _EDGES[block.kind]
        axes.add_patch(
            Rectangle((rect.t0, rect.lo_byte), width, height, facecolor=face, edgecolor=edge, linewidth=0.6, zorder=2)
        )
        if height > memory.total_bytes / 28 and width / steps > 0.025:
            text = short(block.name)[:24] if width / steps > 0.17 else str(block.tensor) * (block.tensor >= 0)
            axes.text(rect.t0 + 0.1, rect.lo_byte + height / 2, text, fontsize=6, va="center", clip_on=True)
