"""Training of clip models: exact resume, all devices, hooks for quantization-aware training."""

from stjax.train.config import OptimizerConfig, TrainConfig
from stjax.train.loop import Result, TrainError, evaluate, train_and_evaluate
from stjax.train.losses import Loss, cross_entropy
from stjax.train.metrics import Metrics
from stjax.train.network import Network, from_module, with_transform
from stjax.train.warm_start import WarmStart, load_variables, save_variables, warm_start

__all__ = [
    "Loss",
    "Metrics",
    "Network",
    "OptimizerConfig",
    "Result",
    "TrainConfig",
    "TrainError",
    "WarmStart",
    "cross_entropy",
    "evaluate",
    "from_module",
    "load_variables",
    "save_variables",
    "train_and_evaluate",
    "warm_start",
    "with_transform",
]
