"""In place of a training, which other tests do: the network as it begins. What experiments do with one is the same."""
# pyright: reportMissingImports=false

from pathlib import Path
from typing import Any

import jax
import numpy as np

from stjax.data import Batches, Splits
from stjax.train import Metrics, Result, TrainConfig
from stjax.train.loop import network_of


def untrained(config: TrainConfig, workdir: str | Path, *, data: Splits, **_: Any) -> Result:
    """As `train_and_evaluate`."""
    Path(workdir).mkdir(parents=True, exist_ok=True)
    clip, _ = Batches(data.train, config.pipeline, config.seed).example(0)
    variables = network_of(config, None, None).init(jax.random.key(config.seed), np.asarray(clip, np.float32))
    nothing = Metrics(np.zeros((len(data.train.classes),) * 2, np.int64), 0.0, data.train.classes, ())
    return Result(variables, [], nothing)
