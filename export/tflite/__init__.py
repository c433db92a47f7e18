"""Int8 .tflite models: from JAX functions, and from clip models to models of one frame with explicit state.

to_tflite    function, parameters, calibration data -> clip model     (loads jax and tensorflow)
to_step      clip model -> step model                                 (loads neither)
"""

from typing import TYPE_CHECKING, Any

from export.tflite.errors import ConversionError, StepError

if TYPE_CHECKING:
    from export.tflite.convert import to_tflite

__all__ = ["ConversionError", "StepError", "to_tflite"]


def __getattr__(name: str) -> Any:
    """Loads jax and tensorflow only where they are needed."""
    if name == "to_tflite":
        from export.tflite.convert import to_tflite

        return to_tflite
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
