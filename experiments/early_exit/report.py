"""Outcomes as table and plot."""
# pyright: reportMissingImports=false

from experiments.early_exit.config import NEVER, ExitConfig
from experiments.early_exit.run import EXIT, GATE, Outcome
from verify.report.svg import subplots, svg

HEADER = (
    "setting",
    "accuracy, validation",
    "accuracy, test",
    "frames that save",
    "MACs/frame",
    "MACs left out",
    "instructions/frame",
    "left out",
    "frames on the board",
    "instructions there",
    "wrong bytes",
    "other than TFLM",
)
TITLES = {
    EXIT: "Early exit: a frame ends with the early answer where one class leads by more than the margin (steps)",
    GATE: "Gate: a frame that is at most so far, on average, from the last one let through is not computed (steps)",
}


def line(outcome: Outcome) -> str:
    """One outcome, for a log."""
    return f"{outcome.way} {outcome.setting:g}: accuracy {outcome.accuracy:.4f}, {_percent(outcome.saved_share)} saved"


def markdown(found: list[Outcome], config: ExitConfig) -> str:
    """One table per way, and what the columns mean."""
    parts = []
    for way, title in TITLES.items():
        ours = [outcome for outcome in found if outcome.way == way]
        if ours:
            parts += [f"**{title}**\n", _table(ours)]
    first = found[0]
    parts.append(
        f"{config.clips.name}: trained {config.epochs} epochs on single actions, seed {config.seed}, T = "
        f"{config.frames}; run over whole recordings of {config.streams.name}, {first.frames:,} test frames. Accuracy: "
        f"over the {first.scored:,} of them whose window has one label. Settings are chosen on the validation "
        f"recordings: the one that saves most and costs at most {100 * config.tolerance:g} points there. Frames that "
        "save: of all frames, labelled or not, those that end early, or are held back. MACs and instructions: means "
        "over all frames, from what a frame of either kind takes; instructions are executed ones on "
        f"{config.board} (QEMU) and no time, finding unchanged frames included. The chosen setting ran there frame by "
        f"frame; wrong bytes: outputs that differ from this computer's, other than TFLM: from TensorFlow Lite Micro's "
        f"on {config.oracle_windows} whole clips.\n"
    )
    parts.append("Made by `python -m experiments.early_exit -o experiments/early_exit`.")
    return "\n".join(parts) + "\n"


def _table(found: list[Outcome]) -> str:
    lines = [f"| {' | '.join(HEADER)} |", "|" + "---:|" * len(HEADER)]
    lines += [f"| {' | '.join(_cells(outcome))} |" for outcome in found]
    return "\n".join(lines) + "\n"


def _cells(outcome: Outcome) -> list[str]:
    setting = "never" if outcome.way == EXIT and outcome.setting == NEVER else f"{outcome.setting:g}"
    whole, count = outcome.instructions_whole, outcome.instructions
    return [
        setting + " (chosen)" * outcome.chosen,
        f"{100 * outcome.validation_accuracy:.1f}",
        f"{100 * outcome.accuracy:.1f}",
        _percent(outcome.saved_share),
        f"{outcome.macs:,.0f}",
        _percent(1 - outcome.macs / outcome.macs_whole),
        "-" if count is None else f"{count:,.0f}",
        "-" if count is None or whole is None else _percent(1 - count / whole),
        *(
            "-" if value is None else f"{value:,.0f}"
            for value in (
                *(outcome.device_frames, outcome.device_instructions),
                *(outcome.wrong_bytes, outcome.oracle_different),
            )
        ),
    ]


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def plot(found: list[Outcome]) -> str:
    """Accuracy against what is left out, as SVG text."""
    figure, axes = subplots(figsize=(6, 3.6))
    for way, marker in ((EXIT, "o"), (GATE, "s")):
        ours = [outcome for outcome in found if outcome.way == way]
        if not ours:
            continue
        saved = [100 * _left_out(outcome) for outcome in ours]
        axes.plot(saved, [100 * outcome.accuracy for outcome in ours], marker=marker, label=way)
        for outcome, place in zip(ours, saved, strict=True):
            if outcome.chosen:
                axes.plot([place], [100 * outcome.accuracy], "o", ms=11, mfc="none", color="black")
    axes.set(xlabel="instructions left out (%); MACs where none were counted", ylabel="test accuracy (%)")
    axes.legend(fontsize=8)
    return svg(figure)


def _left_out(outcome: Outcome) -> float:
    if outcome.instructions is None or outcome.instructions_whole is None:
        return 1 - outcome.macs / outcome.macs_whole
    return 1 - outcome.instructions / outcome.instructions_whole
