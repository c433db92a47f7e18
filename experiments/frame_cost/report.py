"""The rows as a table, and what would contradict the claim."""

from collections.abc import Sequence

from experiments.frame_cost.run import Row

HEADER = (
    "T",
    "spatial MACs/frame",
    "of the clip's",
    "MACs/frame",
    "clip MACs",
    "SRAM/frame",
    "clip SRAM",
    "instructions/frame",
    "clip instructions",
    "ratio",
    "wrong bytes",
)


def markdown(rows: Sequence[Row], network: str) -> str:
    """Memory in bytes."""
    lines = [f"| {' | '.join(HEADER)} |", f"|{'---:|' * len(HEADER)}"]
    lines += [f"| {' | '.join(_cells(row))} |" for row in rows]
    lines += [
        "",
        f'{network}, untrained. "frame" is one more frame of a stream, "clip" the same clip model run whole. of the '
        "clip's: spatial MACs of a frame over those of the clip. SRAM: planned and proved, everything counted; the "
        "clip's holds all its frames, because the next clip needs all but one of them again. Instructions are executed "
        "on an emulated Cortex-M7, counted by the emulator; they are no time. ratio: the frame's over the clip's. "
        "wrong bytes: outputs of the frame's and of the clip's program that differ from the .tflite in TensorFlow "
        "Lite Micro (where it is installed; else from our references).",
    ]
    return "\n".join(lines) + "\n"


def _cells(row: Row) -> list[str]:
    return [
        str(row.frames),
        f"{row.spatial_macs:,}",
        f"1/{row.clip_spatial_macs / row.spatial_macs:g}",
        *(f"{count:,}" for count in (row.macs, row.clip_macs, row.sram_bytes, row.clip_sram_bytes)),
        f"{row.instructions:,.0f}",
        f"{row.clip_instructions:,.0f}",
        f"{row.instructions / row.clip_instructions:.3f}",
        str(row.different + row.clip_different),
    ]


def problems(rows: Sequence[Row]) -> list[str]:
    """What is not as claimed, one sentence each; none is expected."""
    found: list[str] = []
    for row in rows:
        where = f"T = {row.frames}: "
        found += [where + problem for problem in row.problems]
        if row.clip_spatial_macs != row.frames * row.spatial_macs:
            found.append(f"{where}the clip's spatial MACs are not {row.frames} times the frame's")
        if (row.macs, row.clip_macs) != (row.traced_macs, row.traced_clip_macs):
            found.append(f"{where}the exported programs' MACs are not those of the trace")
        if row.different or row.clip_different:
            found.append(f"{where}{row.different} and {row.clip_different} output bytes differ from the clip model's")
    return found
