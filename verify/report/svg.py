"""Figures as SVG text that is the same for the same numbers: no date, no random names, text as text."""
# pyright: reportMissingImports=false

import io
from typing import Any


def subplots(*shape: int, **options: Any) -> tuple[Any, Any]:
    """A figure and its axes, as `matplotlib.pyplot.subplots` makes them, without a display."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams.update({"svg.hashsalt": "stjax", "svg.fonttype": "none"})
    from matplotlib import pyplot

    return pyplot.subplots(*shape, **({"layout": "constrained"} | options))


def svg(figure: Any) -> str:
    """The figure as text; it is closed."""
    from matplotlib import pyplot

    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    pyplot.close(figure)
    return text.getvalue()
