"""Post-training quantization of JAX functions to int8 .tflite."""

import numpy as np
import pytest

from verify.tflite.schema import parse

pytestmark = pytest.mark.train

SHAPE = (1, 6, 5, 3)


def calibration(count: int = 4) -> list[np.ndarray]:
    generator = np.random.default_rng(0)
    return [generator.uniform(-1, 1, SHAPE).astype(np.float32) for _ in range(count)]


def pointwise(params, x):
    return x @ params


WEIGHTS = np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)


def test_quantized_model_is_close_to_the_function_on_the_calibration_set():
    from tflite_micro.python.tflite_micro import runtime

    from export.quantize import to_int8_tflite

    model = to_int8_tflite(pointwise, WEIGHTS, SHAPE, calibration())
    interpreter = runtime.Interpreter.from_bytes(model)
    source, target = (d["quantization_parameters"] for d in _details(interpreter))
    for x in calibration():
        stored = np.clip(np.rint(x / source["scales"][0]) + source["zero_points"][0], -128, 127)
        interpreter.set_input(stored.astype(np.int8), 0)
        interpreter.invoke()
        got = (interpreter.get_output(0).astype(float) - target["zero_points"][0]) * target["scales"][0]
        # Half a step of the output, and half a step of each of the three inputs and weights of a sum.
        tolerance = 0.5 * target["scales"][0] + 1.5 * (source["scales"][0] + 1 / 127)
        np.testing.assert_allclose(got, pointwise(WEIGHTS, x), atol=tolerance)


def _details(interpreter):
    return interpreter.get_input_details(0), interpreter.get_output_details(0)


def test_parameters_become_constants_of_the_model():
    from export.quantize import to_int8_tflite

    model = parse(to_int8_tflite(pointwise, WEIGHTS, SHAPE, calibration()))
    interface = [model.tensors[index] for index in (*model.inputs, *model.outputs)]
    assert [(tensor.shape, tensor.dtype) for tensor in interface] == [(SHAPE, "INT8"), ((1, 6, 5, 4), "INT8")]


def test_empty_calibration_set_is_refused():
    from export.quantize import to_int8_tflite

    with pytest.raises(ValueError, match="the calibration set is empty"):
        to_int8_tflite(pointwise, WEIGHTS, SHAPE, [])


def test_calibration_input_of_another_shape_is_named():
    from export.quantize import to_int8_tflite

    wrong = [*calibration(1), np.zeros((1, 5, 6, 3), np.float32)]
    with pytest.raises(ValueError, match=r"input 1 has shape \(1, 5, 6, 3\), the model takes \(1, 6, 5, 3\)"):
        to_int8_tflite(pointwise, WEIGHTS, SHAPE, wrong)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_calibration_input_that_is_not_finite_is_named(value):
    from export.quantize import to_int8_tflite

    with pytest.raises(ValueError, match="calibration input 0 holds NaN or infinity"):
        to_int8_tflite(pointwise, WEIGHTS, SHAPE, [np.full(SHAPE, value, np.float32)])


def test_operator_without_int8_kernel_is_refused_by_name():
    import jax.numpy as jnp

    from export.quantize import QuantizationError, to_int8_tflite

    with pytest.raises(QuantizationError, match=r'op \d+ ".+" \(\w+\) works on float32'):
        to_int8_tflite(lambda params, x: jnp.sin(x @ params), WEIGHTS, SHAPE, calibration())
