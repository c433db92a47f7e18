"""Runs a model in TensorFlow Lite Micro, in a process of its own: outputs and the arena that its interpreter records.

The interpreter prints its arena on the C library's standard error, and a model that it rejects ends the process; a
child process makes both harmless. Run as a program, it is that child.
"""

import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from verify.tflite import read_model

ROOT = Path(__file__).resolve().parent.parent.parent
"""Where `verify` is found by the child, wherever this process runs."""
ARENA = re.compile(r"Arena allocation total (\d+) bytes")


class TflmError(Exception):
    """TFLM is not installed, or does not run this model."""


@dataclass(frozen=True, eq=False)
class TflmRun:
    """`outputs` are [samples, ...] per output; `arena_bytes` is recorded on a 64-bit host (pointers count double)."""

    outputs: list[np.ndarray]
    arena_bytes: int


def run_tflm(model: Path, inputs: list[np.ndarray]) -> TflmRun:
    """Runs every sample of `inputs` ([samples, ...] per network input).

    Raises:
      TflmError: with the end of what the interpreter printed.
    """
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "in.npz", Path(folder) / "out.npz"
        np.savez(given, *inputs)
        command = [sys.executable, "-m", __name__, str(model.resolve()), str(given), str(found)]
        result = subprocess.run(command, capture_output=True, text=True, errors="replace", cwd=ROOT)
        arena = ARENA.search(result.stdout + result.stderr)
        if result.returncode != 0 or arena is None:
            raise TflmError((result.stderr.strip().splitlines() or ["no message"])[-1])
        with np.load(found) as arrays:
            return TflmRun([arrays[name] for name in arrays.files], int(arena[1]))


def main(model: str, given: str, found: str) -> None:
    from tflite_micro.python.tflite_micro import runtime

    # The default arena is guessed from the size of the file, too small for models with few weights.
    interpreter = runtime.Interpreter.from_bytes(Path(model).read_bytes(), arena_size=64 << 20)
    with np.load(given) as arrays:
        inputs = [arrays[name] for name in arrays.files]
    outputs = []
    for sample in zip(*inputs, strict=True):
        for position, array in enumerate(sample):
            interpreter.set_input(array, position)
        interpreter.invoke()
        outputs.append([interpreter.get_output(k).copy() for k in range(_output_count(model))])
    interpreter.print_allocations()
    np.savez(found, *(np.stack(column) for column in zip(*outputs, strict=True)))


def _output_count(model: str) -> int:
    return len(read_model(Path(model).read_bytes(), "model").outputs)


if __name__ == "__main__":
    main(*sys.argv[1:])
