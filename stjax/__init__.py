"""stjax: spatial-temporal networks in JAX that run on whole clips and frame by frame, and fit microcontrollers.

stjax.nn        layers
stjax.models    networks
stjax.cost      MACs, parameters, activation bytes, from the trace
stjax.data      video data sets          (imported on first use: they need tensorflow-datasets)
stjax.train     training                 (imported on first use: it needs optax and orbax)
stjax.quant     quantization-aware training                                (imported on first use)
stjax.learn     heads that learn on the microcontroller, in integers       (imported on first use)
"""

import importlib
from types import ModuleType
from typing import TYPE_CHECKING

from stjax import cost, models, nn

if TYPE_CHECKING:
    from stjax import data, learn, quant, train

__all__ = ["cost", "data", "learn", "models", "nn", "quant", "train"]


def __getattr__(name: str) -> ModuleType:
    if name in ("data", "learn", "quant", "train"):
        return importlib.import_module(f"stjax.{name}")
    raise AttributeError(f"module 'stjax' has no attribute '{name}'")
