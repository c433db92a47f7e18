"""int8 models in TensorFlow Lite's reference kernels, with all that they leave in tensors."""
# pyright: reportMissingImports=false, reportMissingModuleSource=false
# The type checker runs without the training packages.

import warnings
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from export.tflite.model import read_model


def reference_kernels(contents: bytes) -> Callable[[np.ndarray], dict[str, np.ndarray]]:
    """A .tflite file as a function: input -> contents of each tensor that an operator computes, by name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it recommends another package's interpreter
        interpreter = tf.lite.Interpreter(
            model_content=contents,
            experimental_preserve_all_tensors=True,
            experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_REF,
        )
    interpreter.allocate_tensors()
    model = read_model(contents)
    computed = {key for operator in model.operators for key in operator.outputs}

    def run(values: np.ndarray) -> dict[str, np.ndarray]:
        interpreter.set_tensor(model.inputs[0], values)
        interpreter.invoke()
        return {model.tensors[key].name: interpreter.get_tensor(key) for key in computed}

    return run
