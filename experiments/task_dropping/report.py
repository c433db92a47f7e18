"""Outcomes as table and plot."""
# pyright: reportMissingImports=false

from experiments.task_dropping.run import FRAMES, ROWS, DroppingConfig, Outcome
from verify.report.svg import subplots, svg

HEADER = (
    "threshold",
    "same class, validation",
    "accuracy",
    "same class",
    "same bits",
    "frames skipped",
    "rows changed",
    "MACs/frame",
    "MACs left out",
    "instructions/frame",
    "left out",
    "wrong bytes",
)
TITLES = {
    ROWS: "Rows: what did not change by more than the threshold anywhere in a row is not computed again",
    FRAMES: "Frames: a frame that is closer than the threshold on average to the last one computed is not computed",
}


def line(outcome: Outcome) -> str:
    """One outcome, for a log."""
    return f"{outcome.gate} {outcome.threshold:g}: accuracy {outcome.accuracy:.4f}, MACs {outcome.macs:,.0f} per frame"


def markdown(found: list[Outcome], config: DroppingConfig) -> str:
    """One table per gate, threshold 0, which is exact, apart from the approximate ones."""
    parts = []
    for gate, title in TITLES.items():
        ours = [outcome for outcome in found if outcome.gate == gate]
        exact = [outcome for outcome in ours if outcome.threshold == 0]
        parts += [f"**{title}**\n", "Exact (threshold 0):\n", _table(exact), "Approximate:\n"]
        parts.append(_table([outcome for outcome in ours if outcome.threshold > 0]))
    parts.append(
        f"{config.network}, T = {config.frames}, {config.epochs} epochs, seed {config.seed}, int8; "
        f"{found[0].clips:,} test clips of {config.dataset.name} by people unseen in training. Thresholds are in "
        "steps of the int8 input (1/255 of the full scale). Same class and same bits: share of clips whose answer is "
        f'what it is without a gate; "same class, validation" is over {found[0].validation_clips:,} clips of other '
        "people unseen in training, which choose the threshold: the largest up to which all of them keep their class. "
        "Shares and MACs: means over the frames of each clip but its first; a whole frame "
        f"has {found[0].macs_whole:,} MACs. Instructions: executed on {config.board} (QEMU) over "
        f"{config.device_clips} clips, finding the changed rows included, and what that leaves out of the same "
        "firmware's frame without reuse; wrong bytes are outputs there that differ from the clip model's in TFLM.\n"
    )
    parts.append("Made by `python -m experiments.task_dropping -o experiments/task_dropping`.")
    return "\n".join(parts) + "\n"


def _table(found: list[Outcome]) -> str:
    lines = [f"| {' | '.join(HEADER)} |", "|" + "---:|" * len(HEADER)]
    lines += [f"| {' | '.join(_cells(outcome))} |" for outcome in found]
    return "\n".join(lines) + "\n"


def _cells(outcome: Outcome) -> list[str]:
    shares = (outcome.validation_agreement, outcome.accuracy, outcome.agreement, outcome.same_bits)
    cells = [
        f"{outcome.threshold:g}" + " (chosen)" * outcome.chosen,
        *(_percent(share) for share in (*shares, outcome.frames_skipped, outcome.rows_changed)),
        f"{outcome.macs:,.0f}",
        _percent(1 - outcome.macs / outcome.macs_whole),
    ]
    if outcome.instructions is None or outcome.instructions_whole is None:
        return [*cells, "-", "-", "-"]
    left_out = _percent(1 - outcome.instructions / outcome.instructions_whole)
    return [*cells, f"{outcome.instructions:,.0f}", left_out, str(outcome.wrong_bytes)]


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def plot(found: list[Outcome]) -> str:
    """Accuracy against the MACs that are left out, as SVG text."""
    figure, (left, right) = subplots(1, 2, figsize=(9, 3.4))
    for gate, marker in ((ROWS, "o"), (FRAMES, "s")):
        ours = [outcome for outcome in found if outcome.gate == gate]
        saved = [100 * (1 - outcome.macs / outcome.macs_whole) for outcome in ours]
        left.plot(saved, [100 * outcome.accuracy for outcome in ours], marker=marker, label=gate)
        right.plot([outcome.threshold for outcome in ours], saved, marker=marker, label=gate)
    left.set(xlabel="MACs left out (%)", ylabel="test accuracy (%)")
    right.set(xlabel="threshold (steps of the int8 input)", ylabel="MACs left out (%)", ylim=(0, 100))
    for axes in (left, right):
        axes.legend(fontsize=8)
    return svg(figure)
