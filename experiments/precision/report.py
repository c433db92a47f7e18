"""The rows as a table and a plot."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from experiments.precision.device import DeviceRow
from experiments.precision.run import FLOAT, PACKED_BITS, PTQ, QAT, WIDE, Row
from stjax.assess.percent import percent
from verify.report.svg import subplots, svg

HEADER = ("weights", "method", "seeds", "int8 .tflite", "simulated int8", f"simulated int{WIDE}")
HEADER += ("weight bytes", "file", "file, packed int4")


def groups(rows: Iterable[Row]) -> list[list[Row]]:
    """Seeds of the same network together, from float to few bits."""
    found: dict[tuple[str, int | None], list[Row]] = {}
    for row in rows:
        found.setdefault((row.method, row.weight_bits), []).append(row)
    return sorted(found.values(), key=lambda group: (-(group[0].weight_bits or 99), group[0].method))


def markdown(rows: Sequence[Row]) -> str:
    """Accuracies in percent, sizes in bytes."""
    lines = [f"| {' | '.join(HEADER)} |", f"|---:|---|{'---:|' * (len(HEADER) - 2)}"]
    lines += [f"| {' | '.join(_cells(group))} |" for group in groups(rows)]
    packed = [row for row in rows if row.packed_bytes is not None]
    oracles = " and ".join(sorted({row.oracle for row in rows if row.oracle is not None}))
    lines += [
        "",
        f"Accuracy on {rows[0].clips} test clips, in percent: mean over seeds ± sample standard deviation. "
        f"int8 .tflite: the exported model in {oracles}. Simulated: the fake-quantized forward pass in float, with "
        f"activations of 8 and of {WIDE} bits; the latter simulated here, exported in the table below. In the row of "
        "float nothing is rounded. PTQ: rounded after training; QAT: tuned with rounding, for as many epochs as the "
        "float network was tuned without. Weight bytes: kernels, as many bits each as they have. File: the .tflite "
        f"with each weight in a byte, and with two in a byte, which it can hold at {PACKED_BITS} bits or fewer. On "
        f"{sum(row.packed_different or 0 for row in packed)} of {sum(row.clips for row in packed):,} clips the packed "
        "file's outputs differ from the other's (LiteRT).",
    ]
    return "\n".join(lines) + "\n"


DEVICE_HEADER = ("weights", "activations", "method", "calibration clips", "accuracy", "SRAM", "flash")
DEVICE_HEADER += ("instructions/frame", "wrong bytes")


def device_markdown(rows: Sequence[DeviceRow]) -> str:
    """What each setting costs on the device."""
    lines = [f"| {' | '.join(DEVICE_HEADER)} |", f"|---:|---:|---|{'---:|' * (len(DEVICE_HEADER) - 3)}"]
    for row in rows:
        setting = row.setting
        executed = "-" if row.instructions is None else f"{row.instructions:,.0f}"
        cells = (f"{setting.weight_bits} bits", f"int{setting.activation_bits}", setting.method, setting.calibration)
        figures = f"{100 * row.accuracy:.2f}", f"{row.sram:,}", f"{row.flash:,}", executed, row.different
        lines.append(f"| {' | '.join(map(str, (*cells, *figures)))} |")
    first = rows[0]
    lines += [
        "",
        f"One seed. Accuracy of the exported clip model on {first.clips} test clips in TFLM, in percent. SRAM: proved "
        f"for the program of one frame. Flash: its constants; weights of {PACKED_BITS} bits or fewer lie two in a "
        "byte, those of 2 bits, too. Instructions: of a frame with an answer on an emulated Cortex-M7, in plain "
        f"C, over {first.device_clips} clips; wrong bytes: of the answers there that are not the clip model's.",
    ]
    return "\n".join(lines) + "\n"


def _cells(group: list[Row]) -> list[str]:
    first = group[0]
    sizes = (first.weight_bytes, first.file_bytes, first.packed_bytes)
    return [
        "float" if first.weight_bits is None else f"{first.weight_bits} bits",
        "-" if first.method == FLOAT else first.method,
        str(len(group)),
        percent(row.int8_accuracy for row in group),
        percent(row.simulated_accuracy for row in group),
        percent(row.wide_accuracy for row in group),
        *("-" if size is None else f"{size:,}" for size in sizes),
    ]


def plot(rows: Sequence[Row]) -> str:
    """Accuracy against bits of weights, as SVG text."""
    figure, axes = subplots(figsize=(6, 3.6))
    for method, style in ((PTQ, "o-"), (QAT, "s-")):
        _line(axes, rows, method, lambda row: row.int8_accuracy, style, f"{method}, int8 .tflite")
        _line(axes, rows, method, lambda row: row.wide_accuracy, style[0] + ":", f"{method}, int{WIDE} simulated")
    plain = [100 * row.wide_accuracy for row in rows if row.method == FLOAT]
    axes.axhline(statistics.mean(plain), color="grey", linewidth=0.8, label="float")
    bits = sorted({row.weight_bits for row in rows if row.weight_bits is not None})
    axes.set(xlabel="bits of weights", ylabel="test accuracy (%)", ylim=(0, 102), xticks=bits)
    axes.legend(fontsize=8, loc="lower right")
    return svg(figure)


def _line(
    axes: Any, rows: Sequence[Row], method: str, value: Callable[[Row], float | None], style: str, label: str
) -> None:
    points: dict[int, list[float]] = {}
    for row in rows:
        found = value(row)
        if row.method == method and row.weight_bits is not None and found is not None:
            points.setdefault(row.weight_bits, []).append(100 * found)
    means = [statistics.mean(values) for values in points.values()]
    spreads = [statistics.stdev(values) if len(values) > 1 else 0.0 for values in points.values()]
    axes.errorbar(list(points), means, spreads, fmt=style, capsize=3, label=label)
