"""The front between the fast and the small plan of each network: estimated instructions over SRAM."""
# pyright: reportMissingImports=false

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.streamnet_speed.report import streamnet_bytes
from verify.report.svg import subplots, svg


@dataclass(frozen=True)
class Front:
    """Plans of one network for one target: (bytes, estimated instructions), from many bytes to few."""

    model: str
    target: str
    points: tuple[tuple[int, int], ...]


def plot(fronts: Sequence[Front]) -> str:
    """One panel per target, one curve per network, as SVG text. Needs matplotlib (make setup-train)."""
    targets = list(dict.fromkeys(front.target for front in fronts))
    models = list(dict.fromkeys(front.model for front in fronts))
    figure, axes = subplots(1, len(targets), figsize=(4.6 * len(targets), 4.4), squeeze=False, sharey=True)
    for panel, target in zip(axes.flat, targets, strict=True):
        for front in (front for front in fronts if front.target == target):
            fewest, size = min(n for _, n in front.points), streamnet_bytes(front.model)
            x, y = zip(*((bytes_ / size, n / fewest) for bytes_, n in front.points), strict=True)
            panel.plot(x, y, marker=".", color=f"C{models.index(front.model)}", label=front.model)
        panel.axvline(1.0, color="0.6", linewidth=0.8)
        panel.set(title=target, xscale="log")
    figure.supxlabel("SRAM, all of it, over StreamNet-2D's printed memory")
    figure.supylabel("estimated instructions, over the fewest")
    handles, labels = axes.flat[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right center", fontsize=8)
    return svg(figure)
