"""A trained network without its last layer: its plan with a head that learns, and the features of clips, in int8."""
# pyright: reportMissingImports=false

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from embedded.tools.board import load_board
from embedded.tools.firmware import Firmware, build
from experiments.temporal_models.tasks import STREAMTINYNET, Task
from export.__main__ import write_folder
from export.c.emit import emit
from stjax.assess.device import Clips, run_firmware
from stjax.assess.int8 import quantized, test_clips
from stjax.assess.run import Settings, train_config
from stjax.data import ClipSource, DatasetConfig, Splits
from stjax.models import Named, config, presets
from stjax.train import TrainConfig, train_and_evaluate
from verify.clip import per_frame
from verify.graph.graph import Graph
from verify.graph.learning import Learning
from verify.graph.plan import InputMode
from verify.learning.make import learning_for
from verify.ops.readout import without_readout
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import ProvedPlan, check
from verify.tflite import read_model


@dataclass(frozen=True, eq=False)
class Trained:
    """A network of a task, trained.

    Args:
      training: how.
      contents: its int8 clip model.
      graph: the program of one frame without the last layer.
      float_accuracy: on the clips that it was tested on.
    """

    training: TrainConfig
    contents: bytes
    graph: Graph
    float_accuracy: float

    def clips(self, source: ClipSource) -> tuple[Clips, np.ndarray]:
        """The clips as the int8 model takes them, and their labels."""
        return test_clips(self.training, source)


def trained(
    task: Task, dataset: DatasetConfig, splits: Splits, epochs: int, hidden: tuple[int, ...], seed: int, folder: Path
) -> Trained:
    """StreamTinyNet's preset of the task for the classes of these splits; what is finished in `folder` is taken."""
    sizes = replace(config(f"{STREAMTINYNET}-{task.size}"), classes=len(splits.train.classes), hidden=hidden)
    model = presets.FAMILIES[STREAMTINYNET](sizes)
    network = Named(STREAMTINYNET, model, model.warmup_frames + 1, sizes.frame_shape)
    settings = Settings(dataset, epochs=epochs, learning_rate=task.learning_rate, augment=task.augment)
    training = train_config(network, settings, seed)
    result = train_and_evaluate(training, folder, data=splits, show=False)
    contents = quantized(training, result.variables, splits.train, 256)
    graph = per_frame(without_readout(read_model(contents, "clip")))
    return Trained(training, contents, graph, result.test.accuracy)


def prove(graph: Graph, learning: Learning, target: str, sram: int | None = None) -> ProvedPlan:
    """A plan with that head, proved.

    Raises:
      RuntimeError: the checker did not prove what the planner made.
    """
    plan = make_plan(graph, Request("stream", InputMode.ROWS, target=target))
    report, proved = check(graph, replace(plan, learning=learning, sram_budget=sram))
    if proved is None:
        raise RuntimeError(f"the plan is not proved: {report.verdicts}")
    return proved


def firmware_of(proved: ProvedPlan, board: str, folder: Path, learned: bytes | None = None) -> Firmware:
    """Its firmware, with a head that begins as `learned`."""
    write_folder(folder / "gen", emit(proved, learned=learned))
    return build(folder / "gen", board, folder / board)


class Features:
    """The features of clips, as generated C computes them on this computer."""

    def __init__(self, graph: Graph):
        self._folder = tempfile.TemporaryDirectory(prefix="stjax-features-")
        learning = learning_for(graph, "means", len(graph.readout.weights) if graph.readout else 1)
        self.proved = prove(graph, learning, load_board("host").target)
        self._firmware = firmware_of(self.proved, "host", Path(self._folder.name))

    def of(self, clips: Clips) -> np.ndarray:
        """int8 [clips, features]."""
        found = run_firmware(self._firmware, self.proved, clips)
        assert not found.problems, found.problems
        return found.logits
