"""The demonstration model: the committed file, and making it again."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from verify.tflite.schema import parse

DATA = Path(__file__).parent.parent / "data"
MODEL = DATA / "demo_model.tflite"
BLOCK = ["CONV_2D", "DEPTHWISE_CONV_2D", "CONV_2D"]


def operators(model: bytes) -> list[str]:
    return [operator.kind for operator in parse(model).operators]


def test_operators_are_those_of_a_mobilenet_and_no_others():
    body = [*BLOCK, "ADD", *BLOCK, *BLOCK, "ADD", *BLOCK, *BLOCK, "ADD"]
    assert operators(MODEL.read_bytes()) == ["CONV_2D", *body, "SUM", "FULLY_CONNECTED"]


def test_every_tensor_is_integer_and_the_interface_int8():
    model = parse(MODEL.read_bytes())
    assert {tensor.dtype for tensor in model.tensors} == {"INT8", "INT32"}
    assert [model.tensors[index].dtype for index in (*model.inputs, *model.outputs)] == ["INT8", "INT8"]


def test_committed_outputs_are_those_of_tflite_micro():
    if importlib.util.find_spec("tflite_micro") is None:
        pytest.skip("tflite_micro is not installed (it exists as nightly builds only)")
    from tflite_micro.python.tflite_micro import runtime

    expected = np.load(DATA / "demo_model.npz")
    interpreter = runtime.Interpreter.from_bytes(MODEL.read_bytes())
    for image, output in zip(expected["inputs"], expected["outputs"], strict=True):
        interpreter.set_input(image, 0)
        interpreter.invoke()
        np.testing.assert_array_equal(interpreter.get_output(0), output)


def test_committed_outputs_tell_the_images_apart():
    """An output that saturates or ignores its input would make every comparison with it worthless."""
    outputs = np.load(DATA / "demo_model.npz")["outputs"].reshape(4, -1).astype(int)
    assert len(np.unique(outputs, axis=0)) == 4
    assert np.ptp(outputs, axis=0).min() >= 10
    assert (np.abs(outputs) < 127).mean() > 0.9


@pytest.mark.train
def test_making_it_again_gives_the_committed_model_up_to_scales():
    from experiments.demo_model import model

    old, new = parse(MODEL.read_bytes()), parse(model.make(seed=0))
    assert [operator.kind for operator in new.operators] == [operator.kind for operator in old.operators]
    for before, after in zip(old.tensors, new.tensors, strict=True):
        assert (before.name, before.shape) == (after.name, after.shape)
        if before.quantization and after.quantization:
            # Another processor may add in another order: the last digits of a calibrated range are its own.
            np.testing.assert_allclose(before.quantization.scale, after.quantization.scale, rtol=1e-4)


@pytest.mark.train
def test_another_seed_gives_another_model():
    from experiments.demo_model import model

    assert model.make(seed=1) != MODEL.read_bytes()
