"""One deployment: a StreamTinyNet of random weights, exported, planned and proved frame by frame; its SRAM by part.

Plans depend on shapes and not on weights, so nothing is trained.
"""
# pyright: reportMissingImports=false

from dataclasses import dataclass, replace

import jax
import numpy as np

from stjax.assess.device import frame_program, macs, prove
from stjax.assess.int8 import int8_model
from stjax.assess.parts import sram_parts
from stjax.models import VideoConfig, config, presets
from verify.graph.plan import InputMode
from verify.plan.bound import live_bytes_bound
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.plan.uses import Uses
from verify.report.summary import plan_value
from verify.tflite import read_model

FAMILY, SIZE = "streamtinynet", "96"
CALIBRATION = 2
"""Clips of noise that fix scales; their values do not matter here."""


@dataclass(frozen=True)
class Deployment:
    """Bytes, but for the first four.

    Args:
      frames: T.
      side: frames are side x side x 3.
      multiplier: outputs of the temporal filter per channel.
      macs: of one frame.
      sram: proved, everything counted, of the program of one frame, input by rows.
      parts, alone: of it (`stjax.assess.parts`).
      bound: least arena of the plan's order, by bytes that live at once.
      flash: constants.
      whole_clip: least SRAM found for the clip model run at once, the clip in SRAM.
      frames_kept: what T frames of the camera alone take, which systems that buffer frames need.
    """

    frames: int
    side: int
    multiplier: int
    macs: int
    sram: int
    parts: dict[str, int]
    alone: dict[str, int]
    bound: int
    flash: int
    whole_clip: int
    frames_kept: int


def network_of(frames: int, side: int, multiplier: int, small: bool = False) -> VideoConfig:
    """The preset, for other frames; `small` leaves it two blocks, for tests."""
    found = replace(config(f"{FAMILY}-{SIZE}"), frames=frames, height=side, width=side, multiplier=multiplier)
    return replace(found, blocks=found.blocks[:2], hidden=()) if small else found


def deployment(frames: int, side: int, multiplier: int, small: bool = False) -> Deployment:
    """Plans and proves one.

    Raises:
      RuntimeError: the checker did not prove what the planner made.
    """
    network = network_of(frames, side, multiplier, small)
    model = presets.FAMILIES[FAMILY](network)
    noise = np.random.default_rng(0).random((CALIBRATION, *network.clip_shape), np.float32)
    contents = int8_model(model, model.init(jax.random.key(0), noise[0]), noise[0], noise)
    proved = prove(frame_program(contents))
    parts = sram_parts(proved.graph, proved.plan)
    return Deployment(
        frames=frames,
        side=side,
        multiplier=multiplier,
        macs=macs(proved.graph),
        sram=proved.plan.sram_bytes,
        parts=parts.together,
        alone=parts.alone,
        bound=live_bytes_bound(Uses(proved.graph), proved.plan),
        flash=plan_value(proved.graph, proved.plan)["flash_bytes"]["weights"],
        whole_clip=make_plan(read_model(contents, "clip"), Request("auto", InputMode.WHOLE)).sram_bytes,
        frames_kept=frames * side * side * 3,
    )
