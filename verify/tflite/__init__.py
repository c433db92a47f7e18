"""From the bytes of a .tflite file to a Graph: `read_model`, which raises `ModelError` and nothing else."""

from verify.tflite.errors import ModelError
from verify.tflite.read import read_model

__all__ = ["ModelError", "read_model"]
