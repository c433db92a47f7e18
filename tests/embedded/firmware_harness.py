"""Builds and runs the stand-ins for generated models, which are small hand-written models in models/."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from embedded.tools import firmware
from embedded.tools.board import board_names, load_board
from embedded.tools.firmware import Firmware

ROOT = Path(__file__).resolve().parents[2]
MODELS = Path(__file__).parent / "models"
CORTEX_M7 = "mps2-an500"

MISSING = [tool for tool in ("arm-none-eabi-gcc", "qemu-system-arm") if shutil.which(tool) is None]
needs_device = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)} (make system)")
DEVICES = [pytest.param(name, marks=needs_device) for name in board_names() if load_board(name).is_device]
BOARDS = ["host", *DEVICES]
HOST_AND_M7 = ["host", pytest.param(CORTEX_M7, marks=needs_device)]

Variant = Callable[..., Path]


def build(gen: Path, board: str, folder: Path, sanitize: bool = False) -> Firmware:
    return firmware.build(gen, board, folder / board, sanitize)


def frames(samples: int, seed: int = 0) -> np.ndarray:
    """Inputs for models/rows."""
    return np.random.default_rng(seed).integers(-128, 128, (samples, 1, 6, 5, 3), np.int8)


def loops(*times: int) -> list[np.ndarray]:
    """Inputs for models/loop."""
    return [np.array(times, np.int32)[:, None]]


def rows_model(samples: np.ndarray) -> list[np.ndarray]:
    """What models/rows computes."""
    numbers = re.findall(r"-?\d+(?=,)", (MODELS / "rows/stj_model_weights.c").read_text())
    weights = np.array(numbers, np.int32).reshape(4, 15)
    sums = samples.reshape(-1, 6, 15).astype(np.int32) @ weights.T
    steps = np.sign(sums) * (np.abs(sums) // 64)  # C divides towards zero
    out = np.zeros_like(steps)
    for y in range(6):
        out[:, y] = np.clip(steps[:, y] + (out[:, y - 1] if y else 0), -128, 127)
    totals = samples.reshape(len(samples), -1).astype(np.int32).sum(axis=1, keepdims=True, dtype=np.int32)
    return [out.astype(np.int8)[:, None], totals]


def make_run(
    *variables: str, target: str = "run", root: Path = ROOT, place: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """`make run` or another target of the checkout at `root`, as if called from `place`."""
    command = ["make", "-s", "-C", "embedded", target, f"PYTHON={sys.executable}", *variables]
    environment = {**os.environ, "PWD": str(place)}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
