"""The rows as tables, and what would contradict the claim."""

from collections.abc import Sequence

from experiments.frame_cost.run import Row

CLOCK_MHZ = 480
"""Of an STM32H7, the fastest Cortex-M7 that is common."""

CYCLES = (1.0, 1.5)
"""Per instruction, of the bounds of frames per second."""

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
        "on an emulated board, counted by the emulator; they are no time. ratio: the frame's over the clip's. "
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


def presets(rows: Sequence[Row]) -> str:
    """What a frame of each network takes, and the frames per second that this bounds."""
    header = ("network", "board", "T", "MACs/frame", "SRAM/frame", "clip SRAM", "instructions/frame", "per MAC")
    header += tuple(f"frames/s at {CLOCK_MHZ} MHz, {cycles:g} cycles each" for cycles in CYCLES) + ("wrong bytes",)
    lines = [f"| {' | '.join(header)} |", f"| --- | --- |{' ---: |' * (len(header) - 2)}"]
    lines += [f"| {' | '.join(_preset_cells(row))} |" for row in rows]
    return "\n".join(lines) + (
        "\n\nAll presets that look at several frames, untrained, by the kernels of the board's own target. Frames per "
        "second: bounds that follow from the count alone, for a core that takes so many cycles per instruction; not "
        "measured, and without memory that waits.\n"
    )


def _preset_cells(row: Row) -> list[str]:
    rates = [CLOCK_MHZ * 1e6 / (cycles * row.instructions) for cycles in CYCLES]
    return [
        row.network,
        row.board,
        str(row.frames),
        *(f"{count:,}" for count in (row.macs, row.sram_bytes, row.clip_sram_bytes)),
        f"{row.instructions:,.0f}",
        f"{row.instructions / row.macs:.2f}",
        *(f"{rate:,.0f}" for rate in rates),
        str(row.different + row.clip_different),
    ]


def problems(rows: Sequence[Row]) -> list[str]:
    """What is not as claimed of a StreamTinyNet, one sentence each; none is expected."""
    shares = [
        f"{row.network}, T = {row.frames}: the clip's spatial MACs are not {row.frames} times the frame's"
        for row in rows
        if row.clip_spatial_macs != row.frames * row.spatial_macs
    ]
    return shares + broken(rows)


def broken(rows: Sequence[Row]) -> list[str]:
    """What is wrong of any network: its plan's promises on the device, MACs, bits."""
    found: list[str] = []
    for row in rows:
        where = f"{row.network}, T = {row.frames}: "
        found += [where + problem for problem in row.problems]
        if (row.macs, row.clip_macs) != (row.traced_macs, row.traced_clip_macs):
            found.append(f"{where}the exported programs' MACs are not those of the trace")
        if row.different or row.clip_different:
            found.append(f"{where}{row.different} and {row.clip_different} output bytes differ from the clip model's")
    return found
