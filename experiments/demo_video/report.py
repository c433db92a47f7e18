"""The demonstration's rows as a table, and what would make it fail."""

from collections.abc import Sequence

from experiments.demo_video.run import Row

HEADER = ("T", "float", "int8", "pairs", "Cortex-M7", "clip model", "wrong bytes", "SRAM", "clip SRAM", "MACs/frame")
HEADER += ("clip MACs", "instructions/frame")
LEAST_ACCURACY = 0.95
CHANCE_MARGIN = 0.06
"""How far from one half the pairs of single frames may be: three standard deviations of 600 fair coins."""


def markdown(rows: Sequence[Row]) -> str:
    """Accuracies in percent, memory in bytes."""
    lines = [f"| {' | '.join(HEADER)} |", f"|{'---:|' * len(HEADER)}"]
    lines += [f"| {' | '.join(_cells(row))} |" for row in rows]
    lines += [
        "",
        "float, int8: over all test clips and six classes. pairs: the int8 model choosing only between a motion and "
        f"its opposite. Cortex-M7: frame by frame in QEMU on {rows[0].device_clips} of the clips; clip model: the "
        f".tflite on the same clips, run by {rows[0].oracle}; wrong bytes: where the two differ. SRAM: planned "
        "and proved for one frame, everything counted; clip SRAM: planned for the clip model run whole. "
        "Instructions are no time.",
    ]
    return "\n".join(lines) + "\n"


def _cells(row: Row) -> list[str]:
    shares = (row.float_accuracy, row.int8_accuracy, row.pair_accuracy, row.device_accuracy, row.clip_accuracy)
    counts = (row.different, row.sram_bytes, row.clip_sram_bytes, row.macs_per_frame, row.clip_macs)
    return [
        str(row.frames),
        *(f"{100 * share:.1f}" for share in shares),
        *(f"{count:,}" for count in counts),
        f"{row.instructions_per_frame:,.0f}",
    ]


def problems(rows: Sequence[Row], sram: int) -> list[str]:
    """What is not as it should be, one sentence each; none is expected."""
    found: list[str] = []
    for row in rows:
        where = f"T = {row.frames}: "
        found += [where + problem for problem in row.problems]
        if row.different:
            found.append(f"{where}{row.different} output bytes differ from the clip model's")
        if row.sram_bytes > sram:
            found.append(f"{where}{row.sram_bytes} bytes of SRAM exceed the budget of {sram}")
        if row.frames == 1 and abs(row.pair_accuracy - 0.5) > CHANCE_MARGIN:
            found.append(f"{where}single frames tell motions from their opposites: {100 * row.pair_accuracy:.1f} %")
        if row.frames >= 4 and row.device_accuracy < LEAST_ACCURACY:
            found.append(f"{where}{100 * row.device_accuracy:.1f} % on the device, below {100 * LEAST_ACCURACY:.0f} %")
    return found
