"""From the bytes of a .tflite file to a Graph: `read_model`, which raises `ModelError` and nothing else."""

from verify.tflite.errors import ModelError
from verify.tflite.read import read_model
from verify.tflite.survey import Survey, survey

__all__ = ["ModelError", "Survey", "read_model", "survey"]
