"""What a run says while it runs: progress on the terminal, TensorBoard events and a history file in its folder."""
# pyright: reportMissingImports=false, reportMissingModuleSource=false

import json
import os
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from tensorboardX import SummaryWriter


class Journal:
    """Of all processes only the one with `active` writes.

    Args:
      folder: TensorBoard events go to folder/logs, the history to folder/history.json.
      start: the step from which on this run continues; later events of an interrupted run are declared void.
      total: steps of the whole run.
      show: whether to draw on the terminal.
      active: see above.
    """

    def __init__(self, folder: Path, start: int, total: int, show: bool = True, active: bool = True):
        self._folder, self._active = folder, active
        self._writer = SummaryWriter(str(folder / "logs"), purge_step=start + 1) if active else None
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("loss {task.fields[loss]:.4f}  accuracy {task.fields[accuracy]:.4f}"),
            TimeElapsedColumn(),
            TextColumn("ETA"),
            TimeRemainingColumn(),
            console=Console(stderr=True, quiet=not (show and active)),
            disable=not (show and active),
        )
        nothing = float("nan")
        self._task = self._progress.add_task("training", total=total, completed=start, loss=nothing, accuracy=nothing)

    def __enter__(self) -> "Journal":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
        if self._writer is not None:
            self._writer.close()

    def advance(self) -> None:
        """One step is done."""
        self._progress.advance(self._task)

    def show(self, loss: float, accuracy: float) -> None:
        """Means over the epoch so far, for the progress bar."""
        self._progress.update(self._task, loss=loss, accuracy=accuracy)

    def step(self, step: int, loss: float) -> None:
        """The loss of one batch."""
        if self._writer is not None:
            self._writer.add_scalar("train/batch_loss", loss, step)

    def epoch(self, history: list[dict[str, Any]]) -> None:
        """An epoch is done; it is the last entry of the history."""
        last = history[-1]
        validation = last["validation"]
        self._progress.console.print(
            f"epoch {last['epoch']}: train loss {last['train_loss']:.4f} accuracy {last['train_accuracy']:.4f}, "
            f"validation loss {validation['loss']:.4f} accuracy {validation['accuracy']:.4f}, {last['seconds']:.1f} s",
            soft_wrap=True,
        )
        if self._writer is None:
            return
        scalars = {"train/loss": last["train_loss"], "train/accuracy": last["train_accuracy"]}
        for name in ("loss", "accuracy", "ordered_accuracy"):
            if validation[name] is not None:
                scalars[f"validation/{name}"] = validation[name]
        scalars |= {f"validation/{name}": value for name, value in validation["more"].items()}
        for name, value in scalars.items():
            self._writer.add_scalar(name, value, last["step"])
        self._writer.flush()
        write_atomically(self._folder / "history.json", json.dumps(history, indent=1) + "\n")


def write_atomically(path: Path, content: str | bytes) -> None:
    """The file has the old content or the new one, even if the process is killed while it writes."""
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_bytes(content.encode() if isinstance(content, str) else content)
    os.replace(temporary, path)
