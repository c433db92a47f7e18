"""A process of its own that trains the small model: python -m tests.stjax.train.run_small WORKDIR [KILL_AT_READ]

Writes WORKDIR/result.npz at the end, unless it kills itself (SIGKILL) when a clip is read for the given time.
"""

import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import numpy as np

from stjax.data.clips import ClipSet
from stjax.train import train_and_evaluate
from tests.stjax.train.small_model import config, flat, splits


class Deadly:
    """Clips that kill the process after so many reads."""

    def __init__(self, clips: ClipSet, reads: int):
        self._clips, self._left = clips, reads

    def __getattr__(self, name: str) -> Any:
        return getattr(self._clips, name)

    def __len__(self) -> int:
        return len(self._clips)

    def read(self, clip: int, frame_numbers: np.ndarray) -> np.ndarray:
        self._left -= 1
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return self._clips.read(clip, frame_numbers)


def main() -> None:
    workdir, data = Path(sys.argv[1]), splits()
    if len(sys.argv) > 2:
        data = replace(data, train=Deadly(data.train, int(sys.argv[2])))  # pyright: ignore[reportArgumentType]
    result = train_and_evaluate(config(), workdir, data=data, show=False)
    if jax.process_index() == 0:
        summary = {"devices": jax.device_count(), "hosts": jax.process_count(), "history": result.history}
        (workdir / "summary.json").write_text(json.dumps(summary))
        np.savez(workdir / "result.npz", allow_pickle=False, **flat(result.variables))


if __name__ == "__main__":
    main()
