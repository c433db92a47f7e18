"""Checkpoints through orbax: a folder per step, complete or not there at all."""
# pyright: reportMissingImports=false

from pathlib import Path
from typing import Any

import jax
import orbax.checkpoint as ocp

from stjax.train.steps import TrainState


class Checkpoints:
    """The latest few states of a run, and its history up to each.

    Saving returns when the files are complete: a run that is killed loses what came after its last save, no more. What
    a killed save leaves behind has a temporary name, counts for nothing, and is removed at the next start.
    """

    def __init__(self, folder: Path, keep: int):
        options = ocp.CheckpointManagerOptions(
            max_to_keep=keep, enable_async_checkpointing=False, cleanup_tmp_directories=True
        )
        self._manager = ocp.CheckpointManager(folder.absolute(), options=options)

    def save(self, state: TrainState, history: list[dict[str, Any]]) -> None:
        step = int(state.step)
        if step in self._manager.all_steps():
            return
        items = {"state": ocp.args.StandardSave(state), "history": ocp.args.JsonSave({"epochs": history})}
        self._manager.save(step, args=ocp.args.Composite(**items))

    def restore(self, like: TrainState) -> tuple[TrainState, list[dict[str, Any]]] | None:
        """The latest state and its history, or None if nothing was saved yet.

        Args:
          like: a state of the same structure; its shapes and shardings are those of the result.
        """
        step = self._manager.latest_step()
        if step is None:
            return None
        abstract = jax.tree.map(ocp.utils.to_shape_dtype_struct, like)
        items = {"state": ocp.args.StandardRestore(abstract), "history": ocp.args.JsonRestore()}
        found = self._manager.restore(step, args=ocp.args.Composite(**items))
        return found["state"], found["history"]["epochs"]

    def close(self) -> None:
        self._manager.close()
