"""Profiles: instructions per operator and function, as text and as a flame graph.

A flame graph is read from below: the model, its operators, and the functions that their kernels executed; the width of
a box is its share of the instructions. It is one SVG file without scripts: what does not fit a box stands in its
title, which browsers show where the pointer is.
"""

import colorsys
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from benchmarks.kernels.measure import GENERATED, Measured

WIDTH, ROW, MARGIN, CHARACTER = 1200, 18, 8, 6.2
"""Of the picture, in pixels: its width, the height of a box, the space around, the width of a character."""


@dataclass(frozen=True)
class Box:
    """One box: the level from below, where it begins and how wide it is, in instructions, and its name."""

    level: int
    start: int
    count: int
    name: str


def profile_text(measured: Measured) -> str:
    """Per operator and function, a line each: "instructions share op function", the busiest operators first."""
    total = measured.instructions
    head = f"{measured.model}, {measured.setting}, {measured.scheme}: {total:,} instructions"
    lines = [head, "", *_lines("by function", measured.functions.items(), total)]
    for layer in sorted(measured.layers, key=lambda layer: -layer.instructions):
        name = f"op {layer.index} {layer.kind} {layer.shape}: {layer.instructions:,}, {layer.instructions / total:.1%}"
        lines += ["", *_lines(name, layer.functions.items(), total)]
    return "\n".join([*lines, ""])


def _lines(title: str, counts: object, total: int) -> Iterator[str]:
    yield title
    for name, count in counts:  # type: ignore[attr-defined]
        yield f"{count:>14,} {count / total:>6.1%}  {name}"


def boxes(measured: Measured) -> Iterator[Box]:
    """All boxes; the generated code around the kernels is the last of the operators."""
    yield Box(0, 0, measured.instructions, f"{measured.model}, {measured.setting}")
    start = 0
    for layer in measured.layers:
        name = f"op {layer.index} {layer.kind} {layer.shape}"
        yield Box(1, start, layer.instructions, name)
        place = start
        for function, count in layer.functions.items():
            yield Box(2, place, count, function)
            place += count
        start += layer.instructions
    yield Box(1, start, measured.other_instructions, f"generated code ({GENERATED})")


def flame_svg(measured: Measured) -> str:
    """The picture."""
    height = 3 * ROW + 2 * MARGIN
    scale = (WIDTH - 2 * MARGIN) / max(1, measured.instructions)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'font-family="monospace" font-size="10">'
    ]
    for box in boxes(measured):
        x, width = MARGIN + box.start * scale, box.count * scale
        y = height - MARGIN - (box.level + 1) * ROW
        title = escape(f"{box.name}: {box.count:,} instructions, {box.count / max(1, measured.instructions):.2%}")
        parts.append(f"<g><title>{title}</title>")
        size = f'width="{width:.2f}" height="{ROW - 1}"'
        parts.append(f'<rect x="{x:.2f}" y="{y}" {size} fill="{_colour(box)}" stroke="#fff" stroke-width="0.3"/>')
        room = int((width - 4) / CHARACTER)
        if room >= 4:
            text = box.name if len(box.name) <= room else box.name[: room - 1] + "…"
            parts.append(f'<text x="{x + 2:.2f}" y="{y + 12}">{escape(text)}</text>')
        parts.append("</g>")
    return "\n".join([*parts, "</svg>", ""])


def _colour(box: Box) -> str:
    """The same for the same function or kind of operator, wherever it stands."""
    key = box.name if box.level == 2 else box.name.split(" ")[2] if box.name.startswith("op ") else box.name
    hue = int.from_bytes(hashlib.sha256(key.encode()).digest()[:2], "big") / 65536
    red, green, blue = colorsys.hls_to_rgb(hue, 0.8, 0.6)
    return f"#{int(255 * red):02x}{int(255 * green):02x}{int(255 * blue):02x}"
