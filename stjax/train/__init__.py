"""Training of clip models: exact resume, all devices, hooks for quantization-aware training."""

from stjax.train.config import OptimizerConfig, TrainConfig
from stjax.train.loop import Result, TrainError, evaluate, train_and_evaluate
from stjax.train.metrics import Metrics
from stjax.train.network import Network, from_module, with_transform

__all__ = [
    "Metrics",
    "Network",
    "OptimizerConfig",
    "Result",
    "TrainConfig",
    "TrainError",
    "evaluate",
    "from_module",
    "train_and_evaluate",
    "with_transform",
]
