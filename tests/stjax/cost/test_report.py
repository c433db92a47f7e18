"""Costs of functions and models, against figures worked out by hand and against the planner's."""

from pathlib import Path

import pytest

pytest.importorskip("jax")
pytest.importorskip("flax")

import flax.linen as linen
import jax
import jax.numpy as jnp

from stjax import cost, nn
from verify.tflite import read_model

pytestmark = pytest.mark.train

DATA = Path(__file__).parents[2] / "data"


def shaped(*shape: int) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(shape, jnp.float32)


def rows(found: cost.Cost) -> dict[str, tuple[int, int]]:
    return {layer.name: (layer.macs, layer.parameters) for layer in found.layers}


NET = nn.Sequential(
    [
        nn.Conv(4, 3, stride=2, activation="relu", name="stem"),
        nn.InvertedResidual(4, expansion=2, name="block"),
        nn.TemporalConv(3, 2, time="valid", name="temporal"),
        nn.Flatten(),
        nn.Dense(5, name="logits"),
    ]
)


def test_clip_by_layer():
    """Frames of 6 x 8 x 2 become 3 x 4 after the stem; T = 3."""
    found = cost.clip_cost(NET, (3, 6, 8, 2))
    places = 3 * 12  # frames times positions
    assert rows(found) == {
        "stem": (places * 4 * 18, 18 * 4 + 4),
        "block.expand": (places * 8 * 4, 4 * 8 + 8),
        "block.depthwise": (places * 8 * 9, 9 * 8 + 8),
        "block.project": (places * 4 * 8, 8 * 4 + 4),
        "block": (0, 0),
        "temporal": (12 * 8 * 3, 3 * 8 + 8),
        "logits": (96 * 5, 96 * 5 + 5),
    }
    assert found.macs == sum(layer.macs for layer in found.layers)
    assert found.parameters == sum(layer.parameters for layer in found.layers)


def test_streamed_frame_by_layer():
    found = cost.step_cost(NET, (6, 8, 2))
    of_clip = rows(cost.clip_cost(NET, (3, 6, 8, 2)))
    for name, (macs, parameters) in rows(found).items():
        once = name in ("temporal", "logits")
        assert (macs * (1 if once else 3), parameters) == of_clip[name]
    assert found.state_bytes == 2 * 12 * 4


def test_flops_are_two_per_mac_and_one_for_each_other_result():
    found = cost.clip_cost(nn.Conv(4, 1, activation="relu6"), (1, 2, 3, 5))
    outputs = 2 * 3 * 4
    assert found.flops == 2 * outputs * 5 + outputs + 2 * outputs  # products, biases, minimum and maximum


def test_weight_bytes_are_int8_kernels_and_int32_biases():
    assert cost.clip_cost(nn.Conv(4, 3), (1, 5, 5, 2)).weight_bytes == 9 * 2 * 4 + 4 * 4


def test_batch_normalization_is_folded_and_costs_nothing():
    plain, normalized = (cost.clip_cost(nn.Conv(4, batch_norm=flag), (2, 5, 5, 2)) for flag in (False, True))
    assert plain == normalized


def test_scan_costs_its_rounds():
    def stream(parameters, clip):
        return nn.run_stream(NET, parameters, clip)

    variables = jax.eval_shape(NET.init, jax.random.key(0), shaped(3, 6, 8, 2))
    found = cost.measure(stream, variables, shaped(7, 6, 8, 2))
    assert found.macs == 7 * cost.step_cost(NET, (6, 8, 2)).macs


def test_condition_costs_its_dearest_branch():
    def function(parameters, x):
        return jax.lax.cond(x.sum() > 0, lambda: x @ parameters, lambda: x)

    assert cost.measure(function, shaped(4, 4), shaped(3, 4)).macs == 3 * 4 * 4


def test_loop_of_unknown_length_is_refused():
    def function(parameters, x):
        return jax.lax.while_loop(lambda x: x.sum() < 9, lambda x: x * 2, x)

    with pytest.raises(cost.CostError, match="not known while tracing; use `scan`"):
        cost.measure(function, (), shaped(3))


def test_what_is_made_of_parameters_alone_is_free():
    def function(parameters, x):
        return x + (parameters @ parameters).sum()

    found = cost.measure(function, shaped(8, 8), shaped(3))
    assert (found.macs, found.flops) == (0, 3)


def test_batched_and_jitted_functions_are_looked_into():
    function = jax.jit(jax.vmap(lambda parameters, x: parameters @ x, (None, 0)))
    assert cost.measure(function, shaped(4, 5), shaped(7, 5)).macs == 7 * 4 * 5


def test_layers_of_other_flax_modules_have_their_names():
    class Net(linen.Module):
        @linen.compact
        def __call__(self, x):
            return linen.Dense(3, name="last")(linen.relu(linen.Conv(4, (3, 3))(x)).mean((1, 2)))

    net, images = Net(), shaped(1, 5, 5, 2)
    found = cost.measure(net.apply, jax.eval_shape(net.init, jax.random.key(0), images), images)
    named = {name: row for name, row in rows(found).items() if name}
    assert named == {"Conv_0": (25 * 4 * 18, 76), "last": (12, 15)}


def test_macs_are_those_the_planner_counts_on_the_exported_model():
    demo = pytest.importorskip("experiments.demo_model.model")
    net, images = demo.DemoNet(), shaped(1, 64, 64, 3)
    found = cost.measure(net.apply, jax.eval_shape(net.init, jax.random.key(0), images), images)
    graph = read_model((DATA / "demo_model.tflite").read_bytes(), "demo")
    assert found.macs == sum(node.macs for node in graph.nodes)


def test_layer_without_parameters_of_its_own_is_listed_if_it_does_something():
    assert [layer.name for layer in cost.clip_cost(nn.TemporalShift(), (2, 3, 3, 8)).layers] == [""]
    assert cost.clip_cost(nn.Flatten(), (2, 3, 3, 8)).layers == ()
