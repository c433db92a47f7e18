"""Quantization-aware training from stjax.train to the exported model: how closely the two agree, layer by layer."""

import pytest

pytest.importorskip("flax")
pytest.importorskip("tensorflow")

from experiments.precision.run import exported
from experiments.precision.train import quantization_tuned, trained
from experiments.quantization import report, run
from experiments.quantization.closeness import closeness
from stjax.quant import QuantConfig, learned
from tests.experiments.small_precision import CONFIG, SPLITS

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return tmp_path_factory.mktemp("work")


# Coarser weights have larger multipliers, and kernels that round twice miss more often with those.
@pytest.mark.parametrize(
    ("quant", "exact"),
    [(QuantConfig(8), 0.99), (QuantConfig(4, ranges="learned"), 0.85)],
    ids=["int8", "int4-learned"],
)
def test_trained_network_equals_its_int8_model_to_a_step_in_each_layer(work, quant, exact):
    found = run.compare(CONFIG, quant, 8, work, lambda text: None, SPLITS)
    layers = {layer.layer: layer for layer in found.layers}
    assert found.layers[0].layer == "stem" and len(layers) >= 6
    for layer in found.layers:
        assert layer.alone.most <= 1, layer
        assert layer.alone.exact >= exact, layer
        # One step of a layer's input can be several of its result, so this is coarse: a sixteenth of the grid.
        assert layer.whole.most <= 16, layer
    text = report.markdown([found])
    assert f"Weights of {quant.weight_bits} bits, {quant.ranges} ranges, 8 test clips:" in text
    assert f"| stem | {layers['stem'].values:,} |" in text


def test_exported_model_has_the_grids_that_training_found_and_no_others_agree(work):
    quant, seed = QuantConfig(8), CONFIG.seeds[0]
    start = trained(CONFIG, seed, SPLITS, work)
    variables = quantization_tuned(CONFIG, quant, seed, start, SPLITS, work)
    contents = exported(CONFIG, quant, seed, variables, SPLITS.train)
    clips = [SPLITS.test.clip(0)[:3]]
    right = closeness(CONFIG.module, variables, quant, contents, clips)
    for layer in right:
        if layer.layer in (grids := learned(variables, quant).grids):
            assert layer.scale == pytest.approx(grids[layer.layer][0], rel=1e-6)
    wrong = closeness(CONFIG.module, variables, QuantConfig(3), contents, clips)
    assert max(layer.alone.mean for layer in wrong) > 10 * max(layer.alone.mean for layer in right)


def test_comparing_nothing_is_refused(work):
    quant, seed = QuantConfig(8), CONFIG.seeds[0]
    variables = quantization_tuned(CONFIG, quant, seed, trained(CONFIG, seed, SPLITS, work), SPLITS, work)
    contents = exported(CONFIG, quant, seed, variables, SPLITS.train)
    with pytest.raises(ValueError, match="no clips to compare on"):
        closeness(CONFIG.module, variables, quant, contents, [])
