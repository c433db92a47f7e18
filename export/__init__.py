"""Export: Flax models to int8 TFLite, proved plans to C.

Loading this package loads neither jax nor tensorflow; `to_tflite` does, when it is first asked for.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from export.tflite import ConversionError, StepError, StepModel, to_step, to_tflite

__all__ = ["ConversionError", "StepError", "StepModel", "to_step", "to_tflite"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(importlib.import_module("export.tflite"), name)
    raise AttributeError(f"module 'export' has no attribute '{name}'")
