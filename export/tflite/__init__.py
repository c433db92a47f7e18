"""Int8 .tflite models: from JAX functions, and from clip models to models of one frame with explicit state.

to_tflite    function, parameters, calibration data -> clip model     (loads jax and tensorflow)
to_step      clip model -> step model                                 (loads neither)
"""

import importlib
from typing import TYPE_CHECKING, Any

from export.tflite.errors import ConversionError, StepError
from export.tflite.step import StepModel, to_step

if TYPE_CHECKING:
    from export.tflite.convert import to_tflite

__all__ = ["ConversionError", "StepError", "StepModel", "to_step", "to_tflite"]


def __getattr__(name: str) -> Any:
    """Loads jax and tensorflow only where they are needed."""
    if name == "to_tflite":
        return importlib.import_module("export.tflite.convert").to_tflite
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
