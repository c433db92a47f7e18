"""Whole models, tensor by tensor on the operators' references, against what two runtimes compute. Bit for bit.

The golden files hold outputs of LiteRT's reference kernels, which round once in FULLY_CONNECTED where TFLM, our
default, rounds twice. So the golden outputs are compared with that rounding, and TFLM itself runs here on the same
inputs for the default. No other operator needs to be told apart.
"""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from tests.tflite.corpus import READ, ZOO
from tests.tiny_model import run_tflm
from verify.graph.graph import Graph
from verify.graph.tensor import DType
from verify.proof.evaluate import evaluate, evaluate_calls
from verify.tflite import read_model

NO_GOLDEN = {
    "tflm_mnist_lstm_int8": "LiteRT computes int8 LSTMs by another kernel than TFLM, which differs here",
    "derived/tflm_person_detect_int8_fixed_qdim": "LiteRT rejects the original that it repairs",
    "ops/ops_seanet_transpose_conv0_int16": "its first input is the shape of its result, which LiteRT asks for",
    "tflm_person_detect_int8": "LiteRT rejects a quantized dimension of 3 on vectors; TFLM ignores it",
}

NO_TFLM = {"arm_kws_basic_lstm_s": "its FILL refuses dimensions that other operators compute"}

ROUNDING_MATTERS = {
    "arm_kws_basic_lstm_s",
    "arm_kws_cnn_s_int8",
    "arm_kws_dnn_s_int8",
    "tflm_mobilenet_v2_nchw_pytorch_int8",
}
"""Models on whose golden inputs the default rounding gives another result than LiteRT's."""


def read(models_dir: Path, name: str) -> tuple[Graph, bytes]:
    folder = "mcunet_zoo" if name in ZOO else "corpus"
    data = (models_dir / folder / f"{name}.tflite").read_bytes()
    return read_model(data, name), data


def golden_samples(models_dir: Path, name: str, graph: Graph) -> list[tuple[list[np.ndarray], list[np.ndarray]]]:
    """Inputs and LiteRT's reference outputs, per sample."""
    samples = []
    with np.load(models_dir / "corpus" / "golden" / f"{name}.npz") as stored:
        while f"s{len(samples)}_in0" in stored:
            k = len(samples)
            inputs = [stored[f"s{k}_in{j}"] for j in range(len(graph.inputs))]
            samples.append((inputs, [stored[f"s{k}_ref_out{j}"] for j in range(len(graph.outputs))]))
    assert samples
    return samples


def random_inputs(graph: Graph, seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    arrays = []
    for key, shape in zip(graph.inputs, graph.input_shapes, strict=True):
        if graph.tensors[key].dtype is DType.FLOAT32:
            arrays.append(rng.normal(size=shape).astype(np.float32))
        else:
            limits = np.iinfo(graph.tensors[key].dtype.numpy)
            arrays.append(rng.integers(limits.min, limits.max, shape, graph.tensors[key].dtype.numpy, endpoint=True))
    return arrays


def rounding_once(graph: Graph) -> Graph:
    """The same model with LiteRT's rounding wherever an operator offers it."""
    nodes = [
        dataclasses.replace(node, op=dataclasses.replace(node.op, rounding="single"))
        if hasattr(node.op, "rounding")
        else node
        for node in graph.nodes
    ]
    return dataclasses.replace(graph, nodes=tuple(nodes))


def equal(found: list[np.ndarray], expected: list[np.ndarray]) -> bool:
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected, strict=True):
        assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
    return all(np.array_equal(ours, theirs) for ours, theirs in zip(found, expected, strict=True))


@pytest.mark.parametrize("name", [name for name in READ if name not in NO_GOLDEN])
def test_litert(models_dir: Path, name: str) -> None:
    graph, _ = read(models_dir, name)
    calls, expected = zip(*golden_samples(models_dir, name, graph), strict=True)
    assert all(map(equal, evaluate_calls(rounding_once(graph), calls), expected))
    same_by_default = all(map(equal, evaluate_calls(graph, calls), expected))
    assert same_by_default == (name not in ROUNDING_MATTERS)


@pytest.mark.parametrize("name", [name for name in (*READ, *ZOO) if name not in NO_TFLM])
def test_tflm(models_dir: Path, name: str) -> None:
    pytest.importorskip("tflite_micro", reason="no tflite-micro here: make setup installs it where it can")
    graph, data = read(models_dir, name)
    if name in NO_GOLDEN or name in ZOO:
        samples = [random_inputs(graph, seed) for seed in range(2)]
    else:
        samples = [inputs for inputs, _ in golden_samples(models_dir, name, graph)]
    for inputs in samples:
        assert equal(evaluate(graph, inputs), run_tflm(data, inputs))


def test_inputs_are_checked(models_dir: Path) -> None:
    graph, _ = read(models_dir, "tflm_simple_add")
    a, b = random_inputs(graph, 0)
    with pytest.raises(ValueError, match="1 inputs were given; tflm_simple_add has 2"):
        evaluate(graph, [a])
    with pytest.raises(
        ValueError, match=r"input 1 is int8 \(128, 128\); tflm_simple_add needs int8 \(1, 128, 128, 1\)"
    ):
        evaluate(graph, [a, b.reshape(128, 128)])
    with pytest.raises(ValueError, match="input 0 is int16"):
        evaluate(graph, [a.astype(np.int16), b])
