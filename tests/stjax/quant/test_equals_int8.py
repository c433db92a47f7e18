"""How closely the fake-quantized forward pass equals the exported int8 model, layer by layer.

Differences are in steps of the result's grid, against TensorFlow Lite's reference kernels on every tensor. They come
from the kernels' rounding twice (an element in a thousand, by one step) and, where a layer becomes several int8
operators, from results in between that training does not round.
"""

import numpy as np
import pytest

pytest.importorskip("jax")
pytest.importorskip("tensorflow")
import jax

from experiments.quantization.closeness import Difference, closeness
from export.tflite import to_tflite
from stjax import models, nn
from stjax.nn.layer import Layer
from stjax.quant import QuantConfig, fake_quantized, learned, observe, with_results
from tests.export.clip_models import clips_like

pytestmark = pytest.mark.train

SHAPE = (5, 10, 8, 8)


def differences(network: Layer, shape: tuple[int, ...], config: QuantConfig = QuantConfig()) -> dict[str, Difference]:  # noqa: B008
    """By layer, on one random clip."""
    clips = clips_like(shape, 4)
    variables = observe(network, shaken(network, shape, config), clips, config)
    found = learned(variables, config)
    contents = to_tflite(
        with_results(network), found.variables, clips[0], clips, grids=found.grids, weight_bits=found.weight_bits
    )
    pixels = np.random.default_rng(7).integers(0, 256, shape, np.uint8)
    return {layer.layer: layer.whole for layer in closeness(network, variables, config, contents, [pixels])}


def shaken(network: Layer, shape: tuple[int, ...], config: QuantConfig) -> dict:
    """Initial variables with biases and statistics that are not zero and one."""
    with fake_quantized(config):
        variables = network.init(jax.random.key(0), np.zeros(shape, np.float32))
    rng = np.random.default_rng(0)
    shake = {
        "params": lambda v: v + rng.normal(0, 0.05, v.shape),
        "batch_stats": lambda v: v + rng.uniform(0, 1, v.shape),
    }
    return {
        name: jax.tree.map(lambda v, f=shake[name]: f(v).astype(np.float32), part) if name in shake else part
        for name, part in variables.items()
    }


def named(*layers: Layer) -> nn.Sequential:
    return nn.Sequential(layers)


# One int8 operator each: one step at most, for one element in 200 at most.
SINGLE = {
    "conv": lambda: named(nn.Conv(12, 3, stride=2, activation="relu6", name="l")),
    "linear conv": lambda: named(nn.Conv(12, 3, name="l")),
    "normalized conv": lambda: named(nn.Conv(12, 3, batch_norm=True, activation="relu", name="l")),
    "depthwise": lambda: named(nn.DepthwiseConv(3, activation="relu6", name="l")),
    "temporal conv": lambda: named(nn.TemporalConv(4, 2, activation="relu", name="l")),
    "temporal mix": lambda: named(nn.TemporalMix(12, 3, name="l")),
    "3-D conv": lambda: named(nn.Conv3D(12, 3, name="l")),
    "dense": lambda: named(nn.Flatten(), nn.Dense(40, name="l")),
    "mean over time": lambda: named(nn.TemporalPool(3, name="l")),
    "residual": lambda: named(nn.Residual(nn.Conv(8, 3, name="c"), name="l")),
    "activation": lambda: named(nn.Conv(8, 3, name="c"), nn.Activation("relu", name="l")),
}
# Only move or compare stored values.
EXACT = {
    "max pool": lambda: named(nn.Pool(2, name="l")),
    "largest over time": lambda: named(nn.TemporalPool(3, "max", name="l")),
    "shift": lambda: named(nn.TemporalShift(4, name="l")),
}
# Several int8 operators, or ties: steps at most, share of exact values at least.
COARSE = {
    "mean pool": (lambda: named(nn.Pool(2, "mean", name="l")), 1, 0.8),
    "global pool": (lambda: named(nn.GlobalPool(name="l")), 1, 0.9),
    "depthwise 3-D": (lambda: named(nn.DepthwiseConv3D(3, name="l")), 8, 0.5),
    "concatenation": (
        lambda: named(nn.Parallel((nn.Conv(8, 3, name="a"), nn.Conv(4, 1, name="b")), "concat", name="l")),
        1,
        0.6,
    ),
    "squeeze-excite": (lambda: named(nn.SqueezeExcite(name="l")), 3, 0.7),
    "sigmoid": (lambda: named(nn.Conv(8, 3, activation="sigmoid", name="l")), 2, 0.5),
    "hard swish": (lambda: named(nn.Conv(8, 3, activation="hard_swish", name="l")), 3, 0.5),
}


@pytest.mark.parametrize("kind", SINGLE)
def test_single_operator_differs_by_one_step_in_few_places(kind):
    found = differences(SINGLE[kind](), SHAPE)["l"]
    assert found.most <= 1
    assert found.exact >= 0.995


@pytest.mark.parametrize("kind", EXACT)
def test_layer_that_moves_values_is_exact(kind):
    found = differences(EXACT[kind](), SHAPE)["l"]
    assert (found.most, found.exact) == (0, 1.0)


@pytest.mark.parametrize("kind", COARSE)
def test_layer_of_several_operators_is_close(kind):
    build, most, exact = COARSE[kind]
    found = differences(build(), SHAPE)["l"]
    assert found.most <= most
    assert found.exact >= exact


@pytest.mark.parametrize("bits", [4, 6])
def test_coarser_weights_are_exported_as_they_were_trained(bits):
    found = differences(SINGLE["normalized conv"](), SHAPE, QuantConfig(weight_bits=bits))["l"]
    assert found.most <= 1
    assert found.exact >= 0.995


def test_differences_grow_slowly_with_depth():
    """A step too many in one layer shifts sums in the next; in whole networks it stays at a few steps."""
    network = models.preset("streamtinynet-touch", 4)
    found = differences(network, (4, 27, 15, 1))
    assert found["stem"].exact >= 0.995
    assert found["block0.project"].exact >= 0.9
    assert max(layer.most for layer in found.values()) <= 6
