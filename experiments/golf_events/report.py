"""Results as tables and a plot."""
# pyright: reportMissingImports=false

from typing import Any

from experiments.golf_events.model import EventConfig
from experiments.golf_events.run import SPREAD, TOLERANCES, Device, Onsets, Swings
from experiments.golf_events.sources import ONSETS
from verify.report.svg import subplots, svg

COMMAND = "python -m experiments.golf_events"


def of_swings(found: Swings, events: EventConfig, names: tuple[str, ...]) -> str:
    """PCE on clips that have each event once."""
    tolerances = ", ".join(f"{allowed}: {count}" for allowed, count in found.tolerances.items())
    lines = [
        f"**Events of {found.clips} test clips of {events.dataset.name}**\n",
        "| PCE, float | PCE, int8 | by chance | " + " | ".join(names) + " |",
        "|" + "---:|" * (3 + len(names)),
        f"| {_percent(found.float_pce)} | {_percent(found.int8_pce)} | {_percent(found.by_chance)} | "
        + " | ".join(map(_percent, found.by_event))
        + " |",
        "",
        "An event is correct if the frame of the whole clip at which its class is most probable is at most the clip's "
        f"tolerance off (tolerance: clips; {tolerances}). By event: int8. By chance: a frame drawn evenly.",
        _settings(events),
        _device(found.device, events),
    ]
    return "\n".join(lines) + "\n"


def of_onsets(found: Onsets, events: EventConfig) -> str:
    """PCE between neighbours, and the detector at every threshold."""
    counts = ", ".join(f"{count} {name}" for name, count in zip(ONSETS, found.events, strict=True))
    off = " | ".join(f"{allowed} frames off" for allowed in TOLERANCES)
    lines = [
        f"**Onsets on {found.recordings} whole test recordings of {events.dataset.name}, {found.hours:.2f} hours: "
        f"{counts}**\n",
        f"| PCE at most | {off} |",
        "|---|" + "---:|" * len(TOLERANCES),
        f"| float | {' | '.join(map(_percent, found.float_pce))} |",
        f"| int8 | {' | '.join(map(_percent, found.int8_pce))} |",
        "",
        f"| threshold | F1, validation | {' | '.join(f'recall, {name}' for name in ONSETS)} | recall | precision | "
        "false alarms per hour |",
        "|" + "---:|" * (5 + len(ONSETS)),
    ]
    for at in found.thresholds:
        lines.append(
            f"| {at.threshold:g}{' (chosen)' * at.chosen} | {_percent(at.validation_f1)} | "
            f"{' | '.join(map(_percent, at.recalls))} | {_percent(at.recall)} | {_percent(at.precision)} | "
            f"{at.false_per_hour:.1f} |"
        )
    lines += [
        "",
        "PCE: each onset is looked for between the middles to its class's onsets before and after it. Detector: "
        f"reports in int8 of probability at least the threshold, the largest within a second, right if at most "
        f"{TOLERANCES[1]} frames off. The threshold is the one with the best F1 on the validation recordings. Two "
        "thirds of the frames have no label; a report there is a false alarm, whatever happens there.",
        _settings(events) + f" Training takes {SPREAD} frames on either side of an onset for the onset, too.",
        _device(found.device, events),
    ]
    return "\n".join(lines) + "\n"


def _settings(events: EventConfig) -> str:
    return (
        f"{events.network}, T = {events.frames}, answers {events.late} frames late; {events.epochs} epochs, seed "
        f"{events.seed}."
    )


def _device(device: Device, events: EventConfig) -> str:
    executed = "" if device.instructions is None else f", {device.instructions:,.0f} instructions each"
    return (
        f"On {events.board} (QEMU), frame by frame: {device.frames:,} frames, {device.sram_bytes:,} bytes of SRAM "
        f"proved{executed}; {device.wrong_bytes} bytes differ from those of the same program on this computer, which "
        f"answered all frames. Of these answers {device.oracle_windows} were compared with TensorFlow Lite Micro's to "
        f"the clip model: {device.oracle_different} bytes differ."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def plot(found: Onsets) -> str:
    """Recall against false alarms per hour, as SVG text."""
    figure, axes = subplots(figsize=(6, 3.6))
    alarms = [at.false_per_hour for at in found.thresholds]
    for k, name in enumerate(ONSETS):
        axes.plot(alarms, [100 * at.recalls[k] for at in found.thresholds], marker="o", ms=3, label=name)
    axes.plot(alarms, [100 * at.recall for at in found.thresholds], marker="s", color="black", label="all")
    chosen: Any = next(at for at in found.thresholds if at.chosen)
    axes.axvline(chosen.false_per_hour, color="grey", lw=0.8, ls=":")
    axes.set(xlabel="false alarms per hour, of all three together", ylabel="onsets found (%)", ylim=(0, 102))
    axes.legend(fontsize=8)
    return svg(figure)
