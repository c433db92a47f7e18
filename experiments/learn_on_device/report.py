"""Tables of what was enrolled, and of what it takes on the microcontroller; and the curves."""

from collections.abc import Sequence
from typing import Any

from experiments.learn_on_device.run import CLASS, Cell

CREDIT = (
    'fir16: T. Kawashima et al., "Action recognition from extremely low-resolution thermal image sequence", IEEE AVSS '
    "2017, CC BY-NC-SA 4.0."
)
TITLES = {"means": "class means", "dense": "dense, gradient steps"}


def markdown(cells: Sequence[Cell], command: str) -> str:
    lines = []
    for task in dict.fromkeys(cell.task for cell in cells):
        own = sorted((cell for cell in cells if cell.task == task), key=lambda cell: (cell.kind, cell.seed))
        lines += [f"## {task}", "", *_curves(own), ""]
        if any(cell.device for cell in own):
            lines += [*_device(own), ""]
    if any(cell.task == "fir16" for cell in cells):
        lines += [f"Source: {CREDIT}", ""]
    return "\n".join([*lines, f"Made by `{command}`.", ""])


def _curves(cells: Sequence[Cell]) -> list[str]:
    points = cells[0].checkpoints
    head = (
        "| left out | head | seed | counted | "
        + " | ".join(f"{n} clip{'s' * (n != 1)}" for n in points)
        + " | ceiling |"
    )
    lines = [head, "|---|---|---:|---|" + "---:|" * (len(points) + 1)]
    for cell in cells:
        what = f"class `{cell.name}`" if cell.kind == CLASS else cell.name
        start = f"| {what} | {TITLES[cell.head]} | {cell.seed} |"
        every = zip(cell.everything, cell.low, cell.high, strict=True)
        spread = [f"{_share(m)} ({_share(a)} to {_share(b)})" for m, a, b in every]
        spread[0] = _share(cell.everything[0])
        lines.append(f"{start} all classes | {' | '.join(spread)} | {_share(cell.ceiling)} |")
        if cell.kind == CLASS:
            for name, values in (("trained classes", cell.before), ("the new class", cell.new)):
                lines.append(f"| | | | {name} | {' | '.join(map(_share, values))} | |")
    return lines


def _device(cells: Sequence[Cell]) -> list[str]:
    lines = [
        "| left out | head | seed | SRAM | of it the head | flash: constants | code | frame with an answer | learn "
        "| classify | clips | features, heads, answers that differ |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    for cell in cells:
        board = cell.device
        if board is None:
            continue
        numbers: list[Any] = [board.sram["total"], board.sram["head"], board.flash_weights, board.flash_code]
        numbers += [round(board.frame), round(board.learn), round(board.classify), board.clips]
        different = f"{board.features_different}, {board.heads_different}, {board.answers_different}"
        what = f"class `{cell.name}`" if cell.kind == CLASS else "a person"
        lines.append(f"| {what} | {cell.head} | {cell.seed} | {' | '.join(f'{n:,}' for n in numbers)} | {different} |")
    return lines


def _share(value: float) -> str:
    return f"{100 * value:.1f}"


def plot(cells: Sequence[Cell]) -> str:
    """An SVG: per dataset and what was left out, the share of all clips that is right against clips enrolled."""
    import io

    import matplotlib

    matplotlib.use("agg")
    matplotlib.rcParams["svg.hashsalt"] = "learn_on_device"
    from matplotlib.figure import Figure

    panels = list(dict.fromkeys((cell.task, cell.kind) for cell in cells))
    figure = Figure(figsize=(3.4 * len(panels), 3.0), layout="constrained")
    for number, (task, kind) in enumerate(panels):
        axes = figure.add_subplot(1, len(panels), number + 1)
        for cell in (c for c in cells if (c.task, c.kind) == (task, kind)):
            colour = {"means": "tab:blue", "dense": "tab:orange"}[cell.head]
            label = TITLES[cell.head] if cell.seed == 0 else None
            axes.plot(cell.checkpoints, [100 * x for x in cell.everything], "o-", color=colour, label=label)
            low, high = ([100 * x for x in ends] for ends in (cell.low, cell.high))
            axes.fill_between(cell.checkpoints, low, high, color=colour, alpha=0.15)
            axes.axhline(100 * cell.ceiling, color="grey", linestyle="--")
        axes.set_title(f"{task}: a {kind} that training never saw", fontsize=8)
        axes.set_xlabel("clips enrolled")
        axes.set_ylabel("right, %")
        axes.legend(fontsize=7)
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None})
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
