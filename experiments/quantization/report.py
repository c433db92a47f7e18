"""The comparison as tables."""

from collections.abc import Sequence

from experiments.quantization.closeness import Difference
from experiments.quantization.run import Comparison

HEADER = ("layer", "values", "LSB", "alone: most", "mean", "exact", "whole: most", "mean", "exact")


def markdown(found: Sequence[Comparison]) -> str:
    """A table for each network; differences in steps (LSB) of each layer's own grid."""
    parts = [_table(comparison) for comparison in found]
    parts.append(
        "LSB: the scale of the layer's result. most, mean: largest and mean magnitude of the difference between the "
        "fake-quantized forward pass and the int8 model in TensorFlow Lite's reference kernels, in LSB; exact: share "
        "of values without one, in percent. alone: each layer is given what the int8 model's layers before it gave; "
        "whole: both networks run from the input on, so a step in one layer moves results of those after it."
    )
    return "\n\n".join(parts) + "\n"


def _table(comparison: Comparison) -> str:
    lines = [
        f"Weights of {comparison.weight_bits} bits, {comparison.ranges} ranges, {comparison.clips} test clips:",
        "",
        f"| {' | '.join(HEADER)} |",
        f"|---|{'---:|' * (len(HEADER) - 1)}",
    ]
    lines += [
        f"| {layer.layer} | {layer.values:,} | {layer.scale:.6f} | {_cells(layer.alone)} | {_cells(layer.whole)} |"
        for layer in comparison.layers
    ]
    return "\n".join(lines)


def _cells(found: Difference) -> str:
    return f"{found.most} | {found.mean:.5f} | {100 * found.exact:.3f}"
