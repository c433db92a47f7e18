"""The ten networks of the MCUNet zoo against their int8 models: parameters, MACs and outputs."""

import copy
import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("jax")
pytest.importorskip("flax")

import jax
import tflite

from stjax import cost
from stjax.models import mcunet
from stjax.models.tflite_weights import read_operators
from verify.tflite import read_model

pytestmark = pytest.mark.train

NAMES = (
    *("mbv2-w0.35-r144_imagenet", "mcunet-10fps_imagenet", "mcunet-10fps_vww", "mcunet-256kb-1mb_imagenet"),
    *("mcunet-320kb-1mb_imagenet", "mcunet-320kb-1mb_vww", "mcunet-512kb-2mb_imagenet", "mcunet-5fps_imagenet"),
    *("mcunet-5fps_vww", "proxyless-w0.3-r176_imagenet"),
)
# Cosine similarity of float and dequantized int8 logits, on images of coarse patches. One model was quantized with
# ranges that cut off its activations, and differs more.
COSINE = 0.997
CUT_COSINE = 0.97
CUT = "mcunet-320kb-1mb_imagenet"
IMAGES = 3


@pytest.fixture
def zoo(models_dir: Path):
    def load(name: str) -> tuple[dict, bytes]:
        folder = models_dir / "mcunet_zoo"
        return json.loads((folder / f"{name}.json").read_text()), (folder / f"{name}.tflite").read_bytes()

    return load


@pytest.mark.parametrize("name", NAMES)
def test_parameters_and_macs_are_those_of_the_int8_model(zoo, name):
    config, contents = zoo(name)
    net = mcunet.from_config(config)
    found = cost.step_cost(net, net.config.frame_shape)
    graph = read_model(contents, name)
    assert found.macs == sum(node.macs for node in graph.nodes)
    assert found.parameters == stored_parameters(contents)


def stored_parameters(contents: bytes) -> int:
    """Elements of all kernels and biases; convolutions are the operators with three inputs."""
    graph = tflite.Model.GetRootAsModel(contents, 0).Subgraphs(0)
    operators = [graph.Operators(i) for i in range(graph.OperatorsLength())]
    convolutions = [op for op in operators if op.InputsLength() == 3]
    return sum(int(np.prod(graph.Tensors(op.Inputs(i)).ShapeAsNumpy())) for op in convolutions for i in (1, 2))


@pytest.mark.parametrize("name", NAMES)
def test_float_output_agrees_with_the_int8_models(zoo, name):
    config, contents = zoo(name)
    net = mcunet.from_config(config)
    variables = mcunet.load_tflite_weights(net, contents)
    images = patches(net.config.resolution)
    expected, input_scale, input_zero_point = run_int8(contents, images)
    found = np.asarray(jax.jit(net.apply)(variables, (images.astype(np.float32) - input_zero_point) * input_scale))
    cosine = (found * expected).sum(1) / np.linalg.norm(found, axis=1) / np.linalg.norm(expected, axis=1)
    assert cosine.min() > (CUT_COSINE if name == CUT else COSINE)
    assert (found.argmax(1) == expected.argmax(1)).mean() >= 2 / 3


def patches(resolution: int) -> np.ndarray:
    """Images of coarse patches and fine grain; noise alone would average to grey."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(-128, 128, (IMAGES, resolution // 8, resolution // 8, 3)).repeat(8, 1).repeat(8, 2)
    return np.clip(coarse + rng.normal(0, 10, coarse.shape).round(), -128, 127).astype(np.int8)


def run_int8(contents: bytes, images: np.ndarray) -> tuple[np.ndarray, float, int]:
    """Logits of LiteRT's reference kernels as real numbers, and the input's scale and zero point."""
    litert = pytest.importorskip("ai_edge_litert.interpreter")
    interpreter = litert.Interpreter(
        model_content=contents, experimental_op_resolver_type=litert.OpResolverType.BUILTIN_REF
    )
    interpreter.allocate_tensors()
    given, made = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    outputs = []
    for image in images:
        interpreter.set_tensor(given["index"], image[None])
        interpreter.invoke()
        outputs.append(interpreter.get_tensor(made["index"])[0].astype(np.float32))
    scale, zero_point = logits_quantization(contents)
    return (np.stack(outputs) - zero_point) * scale, *given["quantization"]


def logits_quantization(contents: bytes) -> tuple[float, int]:
    """Of the last convolution: the reshape after it changes no value, but in one model its output claims others."""
    graph = tflite.Model.GetRootAsModel(contents, 0).Subgraphs(0)
    classifier = graph.Operators(graph.OperatorsLength() - 2)
    quantization = graph.Tensors(classifier.Outputs(0)).Quantization()
    return float(quantization.ScaleAsNumpy()[0]), int(quantization.ZeroPointAsNumpy()[0])


def test_negative_scales_turn_the_stored_sign_round(zoo):
    """One model of the zoo has them, in kernels and in biases alike."""
    _, contents = zoo(CUT)
    model = tflite.Model.GetRootAsModel(contents, 0)
    graph = model.Subgraphs(0)
    operators = [graph.Operators(i) for i in range(graph.OperatorsLength())]
    weighted = [op for op in operators if op.InputsLength() == 3]
    negative = 0
    for op, found in zip(weighted, read_operators(contents), strict=True):
        scales = graph.Tensors(op.Inputs(1)).Quantization().ScaleAsNumpy()
        stored = model.Buffers(graph.Tensors(op.Inputs(1)).Buffer()).DataAsNumpy().view(np.int8)
        channel = int(scales.argmin())
        if scales[channel] < 0 and found.kind == "conv":
            values = stored.reshape(len(scales), -1)[channel]
            np.testing.assert_allclose(found.kernel[..., channel].ravel(), values * scales[channel], rtol=1e-6)
            assert (np.sign(found.kernel[..., channel].ravel()) == -np.sign(values)).all()
            negative += 1
    assert negative > 0


def test_weights_of_another_architecture_are_refused(zoo):
    config, contents = zoo("mcunet-5fps_vww")
    fewer = copy.deepcopy(config)
    del fewer["blocks"][-1]
    with pytest.raises(ValueError, match="the model has 46 layers with weights, the network 43"):
        mcunet.load_tflite_weights(mcunet.from_config(fewer), contents)
    wider = copy.deepcopy(config)
    wider["classifier"]["out_features"] = 3
    with pytest.raises(ValueError, match=r'layer "classifier" has a kernel of shape \(160, 3\), but that of operator'):
        mcunet.load_tflite_weights(mcunet.from_config(wider), contents)


def test_other_files_are_refused(zoo):
    config, _ = zoo("mcunet-5fps_vww")
    with pytest.raises(ValueError, match=r"not a \.tflite: the file identifier is missing"):
        mcunet.load_tflite_weights(mcunet.from_config(config), b"something else")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c["first_conv"].update(act_func="h_swish"), 'a convolution has act_func "h_swish"; only "relu6"'),
        (lambda c: c["blocks"][3]["mobile_inverted_conv"].update(use_se=True), 'block 3 has use_se "True"'),
        (lambda c: c["blocks"][3]["mobile_inverted_conv"].update(expand_ratio=1), "block 3: .* do not go with"),
        (
            lambda c: c["blocks"][1].update(mobile_inverted_conv=None),
            "block 1 has neither a convolution nor a shortcut",
        ),
        (lambda c: c.pop("resolution"), "the configuration has no resolution"),
    ],
)
def test_unsupported_architectures_are_refused_by_name(change, message):
    config = small_config()
    change(config)
    with pytest.raises(ValueError, match=message):
        mcunet.from_config(config)


def small_config() -> dict:
    conv = {"out_channels": 8, "kernel_size": 3, "stride": 2, "act_func": "relu6", "dilation": 1, "groups": 1}
    inverted = {**conv, "in_channels": 8, "stride": 1, "expand_ratio": 2, "mid_channels": 16, "use_se": False}
    blocks = [{"mobile_inverted_conv": dict(inverted), "shortcut": None} for _ in range(4)]
    return {"first_conv": conv, "blocks": blocks, "classifier": {"out_features": 2}, "resolution": 16}


def test_block_that_only_passes_its_input_on_is_left_out():
    config = small_config()
    config["blocks"][2] = {"mobile_inverted_conv": {"name": "ZeroLayer", "stride": 1}, "shortcut": {"in_channels": [8]}}
    assert len(mcunet.from_config(config).config.blocks) == 3
