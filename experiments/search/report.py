"""What a search found: the front and what came of the chosen network, as table, JSON values, plot, page and module."""
# pyright: reportMissingImports=false

import html
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scipy.stats import spearmanr

from experiments.search.budget import Budget
from experiments.search.space import Candidate
from experiments.search.study import Outcome, front
from stjax.assess.percent import percent
from stjax.assess.run import Assessment
from verify.report.svg import subplots, svg

HEADER = ("network", "validation", "SRAM", "instructions", "weights", "MACs", "parameters", "T", "frame", "peak at")
FINAL_HEADER = (*("network", "seeds", "float", "int8", "SRAM", "flash", "instructions", "on the board", "wrong bytes"),)
CORRELATED = 5
"""Fewer finished networks than this say nothing about what predicts their accuracy."""


@dataclass(frozen=True)
class Final:
    """A network trained fully, once for each seed. `by_hand`: the preset, to compare with."""

    candidate: Candidate
    by_hand: bool
    assessments: list[Assessment]


@dataclass(frozen=True)
class Found:
    """All that a search ends with.

    Args:
      task: what was learned.
      fold: whose people were tested.
      budget: what networks may cost.
      rungs: epochs after which they were judged.
      outcomes: all that were tried.
      finals: those that were trained fully.
      command, seconds: what made it, and processor time of this run.
    """

    task: str
    fold: int
    budget: Budget
    rungs: tuple[int, ...]
    outcomes: list[Outcome]
    finals: list[Final]
    command: str
    seconds: float

    @property
    def front(self) -> list[Outcome]:
        return front(self.outcomes)


def markdown(found: Found) -> str:
    fitting = [o for o in found.outcomes if o.accuracies]
    finished = [o for o in fitting if o.finished]
    limits = ", ".join(f"{name} {limit:,}" for name, limit in asdict(found.budget).items() if limit is not None)
    lines = [
        f"## {found.task}, fold {found.fold}: at most {limits}",
        "",
        f"{len(found.outcomes)} architectures tried: {len(found.outcomes) - len(fitting)} do not fit and were not "
        f"trained, {len(fitting) - len(finished)} were stopped early, {len(finished)} were trained for all "
        f"{found.rungs[-1]} epochs (judged after {', '.join(map(str, found.rungs))}).",
        "",
        f"| {' | '.join(HEADER)} |",
        f"|---|{'---:|' * (len(HEADER) - 2)}---|",
        *(f"| {' | '.join(cells(outcome))} |" for outcome in found.front),
        "",
        "The front: of the finished ones those that no other beats in accuracy on validation clips (%), SRAM (bytes, "
        "proved, everything counted), instructions of a frame (by the target's cost model, an estimate) and flash "
        "(bytes of weights; code comes to them). Accuracy is of float weights and one seed.",
        "",
        *predictors(finished, found.rungs),
    ]
    if found.finals:
        lines += [
            f"| {' | '.join(FINAL_HEADER)} |",
            f"|---|{'---:|' * (len(FINAL_HEADER) - 1)}",
            *(f"| {' | '.join(final_cells(final))} |" for final in found.finals),
            "",
            "Trained fully, on validation people as well, and read once on test clips: accuracy in percent, mean ± "
            "sample standard deviation over seeds; SRAM proved; instructions executed for a frame with an answer on "
            "the emulated board; flash: constants and code.",
            "",
        ]
    lines.append(f"Made by `{found.command}` ({found.seconds:,.0f} s of processor time in this run).")
    return "\n".join(lines) + "\n"


def cells(outcome: Outcome) -> list[str]:
    costs, config = outcome.costs, outcome.candidate.config
    return [
        outcome.candidate.name,
        f"{100 * outcome.accuracy:.2f}",
        *(f"{number:,.0f}" for number in (costs.sram, costs.instructions, costs.flash, costs.macs, costs.parameters)),
        str(config.frames) + (f" x {outcome.candidate.stride}" if outcome.candidate.stride > 1 else ""),
        f"{config.height} x {config.width}",
        costs.peak,
    ]


def final_cells(final: Final) -> list[str]:
    first = final.assessments[0]
    return [
        final.candidate.name + (" (by hand)" if final.by_hand else ""),
        str(len(final.assessments)),
        percent(a.float_accuracy for a in final.assessments),
        percent(a.int8_accuracy for a in final.assessments),
        f"{first.sram:,}",
        f"{first.weights_flash + (first.code_flash or 0):,}",
        f"{statistics.mean(a.instructions for a in final.assessments):,.0f}",
        f"{sum(a.device_clips for a in final.assessments):,}",
        f"{sum(a.device_different for a in final.assessments):,}",
    ]


def predictors(finished: Sequence[Outcome], rungs: tuple[int, ...]) -> list[str]:
    """What tells a network's accuracy before it is trained fully: rank correlations over the finished ones."""
    if len(finished) < CORRELATED or len(rungs) < 2:
        return []
    last = [o.accuracy for o in finished]
    known: dict[str, list[float]] = {
        f"accuracy after {rungs[0]} epochs": [o.accuracies[0] for o in finished],
        "parameters": [float(o.costs.parameters) for o in finished],
        "MACs": [float(o.costs.macs) for o in finished],
        "SRAM": [float(o.costs.sram) for o in finished],
    }
    text = ", ".join(
        f"{name} {rank:+.2f}" for name, values in known.items() if (rank := _rank(values, last)) is not None
    )
    return [f"Rank correlation with the accuracy after {rungs[-1]} epochs, {len(finished)} networks: {text}.", ""]


def _rank(values: Sequence[float], others: Sequence[float]) -> float | None:
    if len(set(values)) < 2 or len(set(others)) < 2:
        return None
    rank: Any = spearmanr(values, others)
    return float(rank.statistic)


def values(found: Found) -> dict[str, Any]:
    """Everything, as JSON values; a config is its fields, and the Python text that makes it."""
    names = {o.candidate.name for o in found.front}
    return {
        "task": found.task,
        "fold": found.fold,
        "budget": asdict(found.budget),
        "rungs": list(found.rungs),
        "outcomes": [
            {
                "name": o.candidate.name,
                "trial": o.number,
                "front": o.candidate.name in names,
                "accuracies": list(o.accuracies),
                "finished": o.finished,
                "costs": asdict(o.costs),
                **_config(o.candidate),
            }
            for o in found.outcomes
        ],
        "finals": [
            {
                "name": f.candidate.name,
                "by_hand": f.by_hand,
                **_config(f.candidate),
                "assessments": [asdict(a) for a in f.assessments],
            }
            for f in found.finals
        ],
        "command": found.command,
        "seconds": round(found.seconds, 1),
    }


def _config(candidate: Candidate) -> dict[str, Any]:
    config = candidate.config
    return {"family": candidate.family, "stride": candidate.stride, "config": asdict(config), "python": repr(config)}


def module(found: Found) -> str:
    """A Python module with the front's networks, for `python -m stjax.assess networks:NAME` and for training."""
    chosen = {o.candidate.name: o.candidate for o in found.front} | {
        f.candidate.name: f.candidate for f in found.finals
    }
    kinds = sorted({type(candidate.network.model).__name__ for candidate in chosen.values()})
    lines = [
        f'"""Networks that a search found for {found.task}; made by `{found.command}`."""',
        "",
        f"from stjax.models import {', '.join(sorted(['Block', 'VideoConfig', *kinds]))}",
        "",
    ]
    for name, candidate in chosen.items():
        model = type(candidate.network.model).__name__
        lines.append(f"{name.replace('-', '_')} = {model}({candidate.config!r})")
    return "\n".join(lines) + "\n"


def plot(found: Found) -> str:
    """Validation accuracy against SRAM and against instructions, as SVG text."""
    figure, axes = subplots(1, 2, figsize=(9.2, 3.6), sharey=True)
    views: tuple[tuple[str, Callable[[Outcome], float], float | None], ...] = (
        ("SRAM (KiB)", lambda o: o.costs.sram / 1024, found.budget.sram / 1024),
        ("instructions per frame (M)", lambda o: o.costs.instructions / 1e6, found.budget.instructions),
    )
    groups = (
        ("stopped early", [o for o in found.outcomes if o.accuracies and not o.finished], "x", "0.6"),
        ("finished", [o for o in found.outcomes if o.finished], "o", "tab:blue"),
        ("front", found.front, "*", "tab:red"),
    )
    for axis, (label, of, limit) in zip(axes, views, strict=True):
        for name, group, marker, color in groups:
            axis.plot([of(o) for o in group], [100 * o.accuracy for o in group], marker, color=color, label=name)
        if limit is not None:
            axis.axvline(limit if label.startswith("SRAM") else limit / 1e6, color="0.3", linestyle=":", label="budget")
        axis.set(xlabel=label)
    axes[0].set(ylabel="validation accuracy (%)", title=found.task)
    axes[0].legend(fontsize=7)
    return svg(figure)


def page(found: Found) -> str:
    """The same on one page that needs no network; each row unfolds to the config that `stjax` trains."""
    rows = "".join(
        f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in cells(o))}</tr>"
        f'<tr><td colspan="{len(HEADER)}"><details><summary>config</summary>'
        f"<code>{html.escape(repr(o.candidate.config))}</code></details></td></tr>"
        for o in found.front
    )
    finals = "".join(
        f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in final_cells(f))}</tr>" for f in found.finals
    )
    drawing = plot(found)
    return PAGE.format(
        title=html.escape(f"{found.task}: networks within {found.budget.sram:,} bytes"),
        plot=drawing[drawing.index("<svg") :],
        head="".join(f"<th>{name}</th>" for name in HEADER),
        rows=rows,
        final_head="".join(f"<th>{name}</th>" for name in FINAL_HEADER),
        finals=finals,
        command=html.escape(found.command),
    )


PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 70em; padding: 0 1em; }}
table {{ border-collapse: collapse; }}
td, th {{ padding: 0.15em 0.7em; text-align: right; border-bottom: 1px solid #ddd; }}
td:first-child, th:first-child, td[colspan] {{ text-align: left; }}
svg {{ max-width: 100%; height: auto; }}
</style>
</head>
<body>
<h1>{title}</h1>
{plot}
<h2>Front</h2>
<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>
<h2>Trained fully, on test clips</h2>
<table><thead><tr>{final_head}</tr></thead><tbody>{finals}</tbody></table>
<p>Made by <code>{command}</code>.</p>
</body>
</html>
"""
