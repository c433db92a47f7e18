"""Fake quantization of networks from outside: which results are quantized, on which grids, and how ranges move."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("flax")
import jax
import jax.numpy as jnp
import optax

from stjax import nn
from stjax.quant import (
    QuantConfig,
    fake_quantize,
    fake_quantize_weights,
    fake_quantized,
    observe,
    quantization_aware,
    with_results,
)
from stjax.quant.fake import Range
from stjax.train.network import from_module

pytestmark = pytest.mark.train

CONFIG = QuantConfig(input_range=(-1.0, 1.0))
SHAPE = (3, 6, 4, 2)
CLIP = jnp.asarray(np.random.default_rng(0).uniform(-1, 1, SHAPE), jnp.float32)
CONV = nn.Sequential((nn.Conv(3, 3, name="conv"),))


def init(network, config: QuantConfig = CONFIG, clip: jax.Array = CLIP) -> dict:
    with fake_quantized(config):
        return network.init(jax.random.key(1), clip)


def train_step(network, variables: dict, clip: jax.Array, config: QuantConfig = CONFIG) -> tuple[jax.Array, dict]:
    with fake_quantized(config):
        output, new = network.apply(variables, clip, mutable=["ranges"])
    return output, {**variables, **new}


def evaluate(network, variables: dict, clip: jax.Array = CLIP, config: QuantConfig = CONFIG) -> jax.Array:
    with fake_quantized(config):
        return network.apply(variables, clip)


def test_input_weights_and_result_are_quantized():
    variables = init(CONV)
    ranges = {"range_low": jnp.float32(-2.0), "range_high": jnp.float32(3.0), "range_steps": jnp.int32(1)}
    found = evaluate(CONV, {**variables, "ranges": {"conv": ranges}})
    kernel = fake_quantize_weights(variables["params"]["conv"]["kernel"], 8)
    params = {"conv": {"kernel": kernel, "bias": variables["params"]["conv"]["bias"]}}
    clip = fake_quantize(CLIP, Range(jnp.float32(-1), jnp.float32(1)), 8)
    expected = CONV.apply({"params": params}, clip)
    np.testing.assert_allclose(found, fake_quantize(expected, Range(jnp.float32(-2), jnp.float32(3)), 8), atol=1e-6)


def test_outside_the_context_nothing_changes():
    variables = init(CONV)
    plain = CONV.init(jax.random.key(1), CLIP)
    np.testing.assert_array_equal(CONV.apply(variables, CLIP), CONV.apply(plain, CLIP))
    assert set(plain) == {"params"}


def test_bits_of_none_leave_floats():
    free = QuantConfig(weight_bits=None, activation_bits=None)
    variables = init(CONV, free)
    np.testing.assert_array_equal(evaluate(CONV, variables, config=free), CONV.apply(variables, CLIP))


def test_ranges_start_with_the_first_batch_and_move_by_the_momentum():
    config = replace(CONFIG, momentum=0.75)
    variables = init(CONV, config)
    first, variables = train_step(CONV, variables, CLIP, config)
    ranges = variables["ranges"]["conv"]
    highest = float(ranges["range_high"])
    assert highest == pytest.approx(float(first.max()), abs=0.02)
    _, variables = train_step(CONV, variables, jnp.zeros(SHAPE), config)
    ranges = variables["ranges"]["conv"]
    assert float(ranges["range_high"]) == pytest.approx(0.75 * highest)
    assert int(ranges["range_steps"]) == 2


def test_evaluation_does_not_move_ranges():
    variables = init(CONV)
    _, variables = train_step(CONV, variables, CLIP)
    small = evaluate(CONV, variables, CLIP)
    np.testing.assert_array_equal(evaluate(CONV, variables, CLIP), small)
    with fake_quantized(CONFIG):
        assert not isinstance(CONV.apply(variables, CLIP), tuple)


def test_results_are_quantized_after_the_delay():
    config = replace(CONFIG, delay_steps=2, weight_bits=None)
    network = nn.Sequential((nn.Conv(6, 3, name="conv"),))
    variables = init(network, config)
    distinct = []
    for _ in range(4):
        output, variables = train_step(network, variables, CLIP, config)
        distinct.append(len(np.unique(output)))
    assert distinct[0] == distinct[1] > 256
    assert distinct[2] == distinct[3] <= 256


def test_range_is_that_of_the_whole_batch():
    wrapped = quantization_aware(CONFIG)(from_module(nn.Sequential((nn.Conv(3, 3, name="conv"), nn.GlobalPool()))))
    clips = jnp.stack([CLIP, 0.1 * CLIP, -CLIP])
    variables = wrapped.init(jax.random.key(0), CLIP)
    _, new = jax.jit(lambda v: wrapped.apply(v, clips, True, jax.random.key(0)))(variables)
    ends = [float(new["ranges"]["conv"][end]) for end in ("range_low", "range_high")]
    single = [train_step(CONV, variables, clip)[1]["ranges"]["conv"] for clip in clips]
    assert ends[0] == pytest.approx(min(float(found["range_low"]) for found in single), rel=1e-5)
    assert ends[1] == pytest.approx(max(float(found["range_high"]) for found in single), rel=1e-5)


MOVING = {
    "largest": lambda: nn.Pool(2, name="after"),
    "mean": lambda: nn.Pool(2, "mean", name="after"),
    "global": lambda: nn.GlobalPool(name="after"),
    "shift": lambda: nn.TemporalShift(2, name="after"),
    "largest in time": lambda: nn.TemporalPool(2, "max", name="after"),
}


@pytest.mark.parametrize("kind", MOVING)
def test_layer_that_moves_stored_values_has_its_inputs_grid(kind):
    network = nn.Sequential((nn.Conv(4, 1, name="conv"), MOVING[kind]()))
    variables = observe(network, init(network), [CLIP], CONFIG)
    assert set(variables["ranges"]) == {"conv"}
    with fake_quantized(CONFIG):
        _, results = with_results(network)(variables, CLIP)
    grid = np.unique(results["conv"])
    step = np.diff(grid).min()
    stored = np.unique(results["after"]) / step
    np.testing.assert_allclose(stored, np.rint(stored), atol=1e-3)


def test_grid_is_known_through_reshapes_and_from_the_input():
    network = nn.Sequential((nn.TemporalShift(2, name="shift"), nn.Flatten(), nn.Identity(), nn.Dense(3, name="dense")))
    assert set(init(network)["ranges"]) == {"dense"}


@pytest.mark.parametrize(("name", "low", "high"), [("sigmoid", 0.0, 255 / 256), ("tanh", -1.0, 127 / 128)])
def test_activation_with_a_grid_of_its_own_has_no_range(name, low, high):
    network = nn.Sequential((nn.Conv(4, 1, activation=name, name="conv"),))
    variables = init(network)
    assert "ranges" not in variables
    saturating = jax.tree.map(lambda v: 100 * jnp.ones_like(v), variables)
    assert float(evaluate(network, saturating, jnp.ones(SHAPE)).max()) == pytest.approx(high, abs=1e-6)
    negative = jax.tree.map(jnp.negative, saturating)
    assert float(evaluate(network, negative, jnp.ones(SHAPE)).min()) == pytest.approx(low, abs=1e-6)


def test_learned_ranges_are_parameters_with_gradients():
    config = replace(CONFIG, ranges="learned")
    variables = init(CONV, config)
    assert set(variables) == {"params"}
    variables["params"]["conv"] |= {"range_low": jnp.float32(-0.05), "range_high": jnp.float32(0.05)}

    def loss(params):
        return (evaluate(CONV, {"params": params}, config=config) ** 2).sum()

    gradient = jax.grad(loss)(variables["params"])["conv"]
    assert float(gradient["range_high"]) > 0 > float(gradient["range_low"])


def test_step_face_is_quantized_alike():
    layers = (
        nn.Conv(3, 3, name="conv"),
        nn.TemporalConv(3, time="valid", name="time"),
        nn.Flatten(),
        nn.Dense(2, name="d"),
    )
    network = nn.Sequential(layers)
    variables = observe(network, init(network), [CLIP], CONFIG)

    @jax.jit
    def step(state, frame):
        with fake_quantized(CONFIG):
            return network.apply(variables, state, frame, method="step")

    state = network.init_state(SHAPE[1:])
    for frame in CLIP:
        state, output = step(state, frame)
    np.testing.assert_allclose(output, evaluate(network, variables)[0], atol=1e-5)


@pytest.mark.parametrize("ranges", ["moving", "learned"])
def test_training_with_four_bit_weights_learns(ranges):
    """Which of two frames is brighter; rounding the trained float weights to 2 levels per sign does worse."""
    config = QuantConfig(weight_bits=3, ranges=ranges, momentum=0.9)
    network = nn.Sequential(
        (
            nn.Conv(4, 3, activation="relu", name="conv"),
            nn.TemporalConv(2, time="valid", name="time"),
            nn.Flatten(),
            nn.Dense(2, name="dense"),
        )
    )
    wrapped = quantization_aware(config)(from_module(network))
    rng = np.random.default_rng(0)
    clips = jnp.asarray(rng.uniform(0, 1, (64, 2, 4, 4, 1)), jnp.float32)
    labels = (clips[:, 0].sum((1, 2, 3)) > clips[:, 1].sum((1, 2, 3))).astype(jnp.int32)
    variables = observe(network, wrapped.init(jax.random.key(0), clips[0]), clips[:8], config)
    optimizer = optax.adam(2e-2)

    @jax.jit
    def step(variables, moments):
        def loss_of(params):
            logits, new = wrapped.apply({**variables, "params": params}, clips, True, jax.random.key(0))
            return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean(), new

        (loss, new), gradients = jax.value_and_grad(loss_of, has_aux=True)(variables["params"])
        updates, moments = optimizer.update(gradients, moments)
        return {**variables, **new, "params": optax.apply_updates(variables["params"], updates)}, moments, loss

    moments, losses = optimizer.init(variables["params"]), []
    for _ in range(80):
        variables, moments, loss = step(variables, moments)
        losses.append(float(loss))
    assert losses[-1] < 0.35 * losses[0]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"weight_bits": 1}, r"weight_bits \(=1\) must be from 2 to 8, or None"),
        ({"activation_bits": 17}, r"activation_bits \(=17\) must be from 2 to 16, or None"),
        ({"momentum": 1.0}, r"momentum \(=1.0\) must be at least 0 and less than 1"),
        ({"input_range": (1.0, 1.0)}, r"input_range \(1.0, 1.0\) must be in order"),
    ],
)
def test_config_out_of_range_is_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        QuantConfig(**fields)


def test_both_answers_of_an_early_exit_are_quantized_as_the_one_that_is_given():
    first = nn.Sequential((nn.Conv(3, 3, name="conv"), nn.Flatten()), name="first")
    heads = [nn.Sequential((nn.Dense(4, name=name),), name=name) for name in ("classifier", "rest")]
    both = nn.EarlyExit(first, *heads)
    variables = train_step(both, init(both), CLIP)[1]
    with fake_quantized(CONFIG):
        early, full = both.apply(variables, CLIP, method="both")
    for confidence, answer in ((0.0, early), (1.0, full)):
        given = evaluate(nn.EarlyExit(first, *heads, confidence=confidence), variables)
        np.testing.assert_array_equal(answer, given)
        assert not np.array_equal(answer, nn.EarlyExit(first, *heads, confidence=confidence).apply(variables, CLIP))
