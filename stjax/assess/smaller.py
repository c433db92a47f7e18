"""What a network would take with one of its sizes a step smaller: exported, planned and proved again, not guessed.

Sizes are found where they stand: in fields of layers, in the config that a network is built from, in tuples of both. So
it works for networks of one's own, too.
"""
# pyright: reportMissingImports=false

import dataclasses
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import flax.linen as linen

from stjax.assess.device import macs, program_or_clip, prove
from stjax.assess.int8 import untrained
from stjax.models import Named
from stjax.nn import Layer
from verify.report.summary import plan_value

Say = Callable[[str], None]
CALIBRATION = 2
"""Clips of noise that fix the scales: a plan depends on shapes only."""


def narrower(width: int) -> int | None:
    """Channels come in fours; few of them one by one."""
    return (width - 1) // 4 * 4 if width > 8 else width - 1 if width > 1 else None


def coarser(stride: int) -> int | None:
    return 2 if stride == 1 else None


def shorter(frames: int) -> int | None:
    return frames - 1 if frames > 1 else None


STEPS: dict[str, Callable[[int], int | None]] = {
    **dict.fromkeys(("features", "expansion", "stem", "multiplier", "units", "hidden"), narrower),
    **dict.fromkeys(("stride", "stem_stride"), coarser),
    "frames": shorter,
}
"""Fields that are sizes, in layers and configs, and the next smaller value; None where there is none."""

LAYERS = {
    "stem": "stem",
    "stem_stride": "stem",
    "multiplier": "temporal",
    "frames": "temporal",
    "units": "features",
    "blocks": "block",
    "hidden": "dense",
}
"""Field of a `VideoConfig` -> name of the layers that it describes; tuples describe one layer each, numbered."""


@dataclass(frozen=True)
class Change:
    """A network with one size a step smaller.

    Args:
      layer: of the size, "" where it has no name.
      text: field, and its value before and after.
      model: the changed network.
    """

    layer: str
    text: str
    model: linen.Module


@dataclass(frozen=True)
class Smaller:
    """What a change would give.

    Args:
      layer, text: see `Change`.
      at_peak: whether the layer is the one at which most bytes are in use.
      sram: proved, everything counted; None: no such network can be made.
      macs: of a frame.
    """

    layer: str
    text: str
    at_peak: bool
    sram: int | None
    macs: int | None


@dataclass(frozen=True)
class Options:
    """One network and its changes.

    Args:
      network: its name.
      sram: as it is, proved.
      peak: the operator at which most bytes are in use.
      smaller: least SRAM first.
    """

    network: str
    sram: int
    peak: str
    smaller: tuple[Smaller, ...]


def options(
    network: Named, target: str, scheme: str, everywhere: bool = False, say: Say = lambda text: None
) -> Options:
    """The SRAM of a network and of its neighbours, proved.

    Args:
      network: what `stjax.models.named` gives.
      target, scheme: of plans.
      everywhere: of all layers; else of T and of the layer at the peak (of all if that cannot be told by its name).
      say: is told what is being done.
    """
    sram, of_macs, peak = _planned(network, target, scheme)
    all_changes = list(changes(network.model))
    here = [c for c in all_changes if stands_at(c.layer, peak)]
    chosen = [c for c in all_changes if everywhere or not here or c in here or c.text.startswith("frames ")]
    found = []
    for change in chosen:
        say(f"{network.name}: {change.layer} {change.text}")
        try:
            changed_sram, changed_macs, _ = _planned(_named(network, change.model), target, scheme)
        except ValueError:
            changed_sram = changed_macs = None
        if (changed_sram, changed_macs) != (sram, of_macs):  # else a field that this network does not read
            found.append(Smaller(change.layer, change.text, change in here, changed_sram, changed_macs))
    found.sort(key=lambda smaller: (smaller.sram is None, smaller.sram))
    return Options(network.name, sram, peak, tuple(found))


def changes(model: linen.Module) -> Iterator[Change]:
    """The model with each of its sizes a step smaller, one at a time."""
    for layer, text, changed in _changed(model, ""):
        yield Change(layer, text, changed)


def stands_at(layer: str, peak: str) -> bool:
    """Whether an operator's label (`op 3 "block1.expand" (CONV_2D)`) is of a layer or of one inside it."""
    match = re.search(r'"([^"]*)"', peak)
    return bool(layer and match) and (match[1] if match else "").split(".")[0] == layer


def _changed(value: Any, layer: str) -> Iterator[tuple[str, str, Any]]:
    """(layer, text, value with one size changed) for all sizes in a layer or config."""
    if isinstance(value, linen.Module):
        layer = value.name or layer
    for field in dataclasses.fields(value):
        held = getattr(value, field.name, None)
        if field.name in ("parent", "name") or held is None:
            continue
        within = layer if isinstance(value, linen.Module) else LAYERS.get(field.name, layer)
        for name, text, changed in _of_field(field.name, held, within):
            made = value.clone(**{field.name: changed}) if isinstance(value, linen.Module) else None
            yield name, text, made or dataclasses.replace(value, **{field.name: changed})


def _of_field(name: str, held: Any, layer: str) -> Iterator[tuple[str, str, Any]]:
    if isinstance(held, bool):
        return
    if isinstance(held, int):
        step = STEPS.get(name, lambda value: None)(held)
        if step is not None:
            yield layer, f"{name} {held} -> {step}", step
    elif isinstance(held, tuple):
        for k, element in enumerate(held):
            inside = f"{layer}{k}" if name in LAYERS else layer
            for of, text, changed in _of_field(name, element, inside):
                yield of, text, (*held[:k], changed, *held[k + 1 :])
    elif dataclasses.is_dataclass(held) and not isinstance(held, type):
        yield from _changed(held, layer)


def _named(network: Named, model: linen.Module) -> Named:
    frames = model.warmup_frames + 1 if isinstance(model, Layer) else network.frames
    return Named(network.name, model, frames, network.frame_shape)


def _planned(network: Named, target: str, scheme: str) -> tuple[int, int, str]:
    """SRAM, MACs and peak of the program of one frame, with random weights; of the clip where there is none."""
    program, _ = program_or_clip(untrained(network, CALIBRATION)[0])
    proved = prove(program, target=target, scheme=scheme)
    peak = plan_value(proved.graph, proved.plan)["peak"].get("label", "")
    return proved.plan.sram_bytes, macs(proved.graph), peak
