"""What goes from training to the exporter: parameters, grids, names."""

import numpy as np
import pytest

pytest.importorskip("flax")
import jax

from stjax import nn
from stjax.quant import QuantConfig, fake_quantized, learned, observe, with_results

pytestmark = pytest.mark.train

SHAPE = (3, 6, 4, 2)
CLIPS = [np.random.default_rng(seed).uniform(0, 1, SHAPE).astype(np.float32) for seed in range(3)]


def block(**options) -> nn.Sequential:
    conv = nn.Conv(2, 3, activation="relu", name="conv", **options)
    return nn.Sequential((nn.Residual(nn.Sequential((conv,)), name="block"), nn.GlobalPool(name="pool")))


def observed(network, config: QuantConfig = QuantConfig()) -> dict:  # noqa: B008
    with fake_quantized(config):
        variables = network.init(jax.random.key(0), CLIPS[0])
    return observe(network, variables, CLIPS, config)


def test_grids_have_the_places_of_layers_and_the_input():
    network = block()
    found = learned(observed(network), QuantConfig())
    assert set(found.grids) == {"input", "block", "block.body.conv"}
    assert found.grids["input"] == (pytest.approx(1 / 255), -128)
    assert found.grids["block.body.conv"][1] == -128
    assert set(with_results(network)(found.variables, CLIPS[0])[1]) == {"block", "block.body.conv", "pool"}


def test_observed_range_spans_all_clips():
    network, weights_only = block(), QuantConfig(activation_bits=None)
    found = learned(observed(network), QuantConfig())
    with fake_quantized(weights_only):
        results = np.stack([with_results(network)(found.variables, clip)[1]["block"] for clip in CLIPS])
    scale, _ = found.grids["block"]
    assert scale * 255 == pytest.approx(results.max() - min(0, results.min()), rel=2e-3)


def test_variables_have_no_ranges_and_normalization_is_folded():
    network = block(batch_norm=True)
    for ranges in ("moving", "learned"):
        config = QuantConfig(ranges=ranges)
        found = learned(observed(network, config), config)
        paths = jax.tree_util.tree_leaves_with_path(found.variables)
        assert {path[-1].key for path, _ in paths} == {"kernel", "bias"}
        assert set(found.variables) == {"params"}


def test_moving_and_learned_ranges_give_the_same_grids_when_observed():
    network = block()
    moving, trained = (learned(observed(network, c), c) for c in (QuantConfig(), QuantConfig(ranges="learned")))
    assert moving.grids == trained.grids


def test_weight_bits_are_handed_on():
    assert learned(observed(block()), QuantConfig(weight_bits=4)).weight_bits == 4


def test_fewer_bits_of_results_cannot_be_exported():
    with pytest.raises(ValueError, match=r"activation_bits \(=4\) cannot be exported"):
        learned(observed(block()), QuantConfig(activation_bits=4))


def test_layer_without_a_range_is_named():
    network = block()
    with fake_quantized(QuantConfig()):
        variables = network.init(jax.random.key(0), CLIPS[0])
    with pytest.raises(ValueError, match=r'layer "block.body.conv" has no range yet: train, or `observe` some clips'):
        learned(variables, QuantConfig())


def test_observing_nothing_is_refused():
    with pytest.raises(ValueError, match="no clips to observe ranges on"):
        observe(block(), {"params": {}}, [], QuantConfig())


def test_layer_called_input_is_refused():
    network = nn.Sequential((nn.Conv(2, 1, name="input"),))
    with pytest.raises(ValueError, match='several layers have the place "input"; give them names'):
        learned(observed(network), QuantConfig())
