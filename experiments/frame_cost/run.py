"""One row: an untrained, seeded StreamTinyNet of T frames, exported, planned per frame and as a whole clip, and run."""
# pyright: reportMissingImports=false

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np

from embedded.tools.board import load_board
from export.tflite import to_tflite
from stjax.assess.device import clip_answers, frame_program, macs, prove, run_clips
from stjax.cost import Cost, clip_cost, step_cost
from stjax.data import to_int8, to_real
from stjax.models import preset
from verify.graph.plan import InputMode
from verify.tflite import read_model

SPATIAL = ("stem", "block")
"""How the names of the layers begin that see one frame at a time."""


@dataclass(frozen=True)
class CostConfig:
    """All that decides a row but T.

    Args:
      network: a preset of `stjax.models`.
      clips: random clips that run on the board, one after the other.
      calibration_clips: random clips that fix the scales.
      board: the emulated microcontroller; the kernels are those of its own target.
      seed: of weights and clips.
    """

    network: str = "streamtinynet-shapes"
    clips: int = 2
    calibration_clips: int = 8
    board: str = "mps2-an500"
    seed: int = 0


@dataclass(frozen=True)
class Row:
    """One line of the tables.

    Args:
      network, board: as in CostConfig.
      frames: T.
      spatial_macs, clip_spatial_macs: of the layers that see one frame at a time: for a streamed frame, for the clip.
      macs, clip_macs: of all layers, in the exported programs.
      traced_macs, traced_clip_macs: the same counted by `stjax.cost` from the trace.
      sram_bytes: proved for the program of one frame.
      clip_sram_bytes: proved for the clip model run whole, its input in SRAM: the next clip shares frames with it.
      instructions: executed for a frame with an answer, the mean over the clips.
      clip_instructions: executed by the clip program, the mean over the clips.
      different: output bytes in which the frame's program differs from the clip model, and
      clip_different: those in which the clip program does.
      problems: where a firmware breaks what its plan proved.
    """

    network: str
    board: str
    frames: int
    spatial_macs: int
    clip_spatial_macs: int
    macs: int
    clip_macs: int
    traced_macs: int
    traced_clip_macs: int
    sram_bytes: int
    clip_sram_bytes: int
    instructions: float
    clip_instructions: float
    different: int
    clip_different: int
    problems: tuple[str, ...]


def row(cost: CostConfig, frames: int) -> Row:
    """Makes, proves and runs the network of T = `frames`."""
    model = preset(cost.network, frames)
    shape = (frames, *model.config.frame_shape)
    step, clip = step_cost(model, shape[1:]), clip_cost(model, shape)
    contents = untrained(cost, frames)
    clips = to_int8(_pixels(cost.seed + 1, cost.clips, shape))
    _, expected = clip_answers(contents, clips)
    whole = read_model(contents, "clip")
    target = load_board(cost.board).target
    streamed = prove(frame_program(contents), target=target)
    naive = prove(whole, mode=InputMode.WHOLE, target=target)
    with tempfile.TemporaryDirectory(prefix="stjax-frame-cost-") as folder:
        device = run_clips(streamed, clips, cost.board, Path(folder) / "frame")
        again = run_clips(naive, clips, cost.board, Path(folder) / "clip")
    return Row(
        network=cost.network,
        board=cost.board,
        frames=frames,
        spatial_macs=_spatial(step),
        clip_spatial_macs=_spatial(clip),
        macs=macs(streamed.graph),
        clip_macs=macs(whole),
        traced_macs=step.macs,
        traced_clip_macs=clip.macs,
        sram_bytes=device.sram_bytes,
        clip_sram_bytes=again.sram_bytes,
        instructions=_mean(device.instructions),
        clip_instructions=_mean(again.instructions),
        different=int((device.logits != expected).sum()),
        clip_different=int((again.logits != expected).sum()),
        problems=device.problems + again.problems,
    )


def untrained(cost: CostConfig, frames: int) -> bytes:
    """The int8 clip model with random weights: cost depends on shapes alone."""
    model = preset(cost.network, frames)
    shape = (frames, *model.config.frame_shape)
    variables = _random(model.init(jax.random.key(cost.seed), np.zeros(shape, np.float32)), cost.seed)
    calibration = [to_real(clip) for clip in _pixels(cost.seed, cost.calibration_clips, shape)]
    return to_tflite(model.apply, variables, calibration[0], calibration, input_range=(0, 1))


def _random(variables: Any, seed: int) -> Any:
    """Random numbers for the zeros that biases start from: converters drop zeros, and trained networks have none.

    Running variances stay positive.
    """
    rng = np.random.default_rng(seed)

    def value(path: tuple[Any, ...], x: Any) -> Any:
        if x.ndim > 1:
            return x
        drawn = rng.normal(0, 0.1, x.shape).astype(np.float32)
        return np.exp(drawn) if str(getattr(path[-1], "key", "")) in ("var", "scale") else drawn

    return jax.tree_util.tree_map_with_path(value, variables)


def _pixels(seed: int, count: int, shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, *shape), np.uint8)


def _spatial(cost: Cost) -> int:
    return sum(layer.macs for layer in cost.layers if layer.name.startswith(SPATIAL))


def _mean(instructions: np.ndarray | None) -> float:
    return float("nan") if instructions is None else float(instructions.mean())
