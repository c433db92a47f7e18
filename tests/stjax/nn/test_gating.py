"""Task dropping changes nothing where it promises so, and leaves out exactly the work that it reports."""

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

pytest.importorskip("jax")
pytest.importorskip("flax")

import jax
import jax.numpy as jnp

from stjax import nn
from stjax.cost import clip_cost, step_cost
from stjax.nn import EarlyExit, Gated, RowGate
from stjax.nn.layer import Layer
from tests.stjax.nn.stacks import random_clip, random_variables

pytestmark = pytest.mark.train

SHAPE = (5, 4, 2)
# As in test_streaming.py: the same sums, perhaps in another order.
CLOSE = {"rtol": 2e-5, "atol": 2e-4}


def spatial() -> Layer:
    return nn.Sequential([nn.Conv(4, 3, stride=2, activation="relu6", name="a"), nn.InvertedResidual(4, name="b")])


def head() -> list[Layer]:
    return [nn.TemporalConv(3, time="valid", name="temporal"), nn.Flatten(), nn.Dense(3, name="logits")]


def with_repeats(count: int, repeats: list[int], seed: int = 0) -> np.ndarray:
    clip = random_clip(count, SHAPE, seed)
    for t in repeats:
        clip[t] = clip[t - 1]
    return clip


def streamed(layer: Layer, variables: dict, clip: np.ndarray) -> tuple[list, np.ndarray]:
    """States and outputs after each frame."""
    step = jax.jit(lambda state, frame: layer.apply(variables, state, frame, method="step"))
    state, states, outputs = layer.init_state(clip.shape[1:]), [], []
    for frame in clip:
        state, output = step(state, frame)
        states.append(state)
        outputs.append(output)
    return states, np.stack(outputs)


def computed_in(states: list) -> list[bool]:
    return np.diff([0, *(int(state.computed) for state in states)]).astype(bool).tolist()


def test_threshold_zero_gives_the_ungated_bits_and_skips_exactly_the_repeated_frames():
    inner, clip = spatial(), with_repeats(9, [2, 3, 7])
    variables = random_variables(inner, clip)
    states, outputs = streamed(Gated(inner), {"params": {"inner": variables["params"]}}, clip)
    assert computed_in(states) == [t not in (2, 3, 7) for t in range(9)]
    assert (int(states[-1].computed), int(states[-1].skipped)) == (6, 3)
    np.testing.assert_array_equal(outputs, streamed(inner, variables, clip)[1])
    np.testing.assert_allclose(outputs, inner.apply(variables, clip), **CLOSE)


def test_a_gate_before_layers_in_time_changes_no_bit_at_threshold_zero():
    clip = with_repeats(8, [1, 4, 5])
    plain, gated = (nn.Sequential([part, *head()]) for part in (spatial(), Gated(spatial(), name="layers_0")))
    params = random_variables(plain, clip)["params"]
    wrapped = {**params, "layers_0": {"inner": params["layers_0"]}}
    np.testing.assert_array_equal(
        nn.run_stream(gated, {"params": wrapped}, clip), nn.run_stream(plain, {"params": params}, clip)
    )


def test_the_first_frame_is_computed_even_if_it_is_zero():
    gate, clip = Gated(spatial(), 0.5), np.zeros((3, *SHAPE), np.float32)
    states, outputs = streamed(gate, random_variables(gate, clip), clip)
    assert computed_in(states) == [True, False, False]
    assert np.abs(outputs).max() > 0


@hypothesis.settings(max_examples=20)
@hypothesis.given(
    frames=st.lists(st.sampled_from([0.0, 0.5, 0.75, 1.5, 3.0]), min_size=1, max_size=10),
    threshold=st.sampled_from([0.0, 0.25, 0.5, 1.0, 2.5]),
)
def test_what_is_skipped_is_near_the_last_computed_frame_and_no_other_is(frames, threshold):
    """Against plain Python. The values are exact in binary, and so are their differences and means."""
    clip = np.broadcast_to(np.array(frames, np.float32)[:, None, None, None], (len(frames), 2, 2, 1))
    expected, last = [], None
    for frame in frames:
        expected.append(last is None or abs(frame - last) > threshold)
        last = frame if expected[-1] else last
    found = Gated(nn.Identity(), threshold).computed(clip)
    assert found.tolist() == expected
    assert not (found & ~Gated(nn.Identity()).computed(clip)).any()


def test_a_positive_threshold_skips_more_and_both_faces_agree_on_it():
    clip = random_clip(1, SHAPE).repeat(10, 0)
    clip += np.linspace(0, 1, 10, dtype=np.float32)[:, None, None, None]  # a slow drift
    variables = random_variables(Gated(spatial()), clip)
    counts = []
    for threshold in (0.0, 0.15, 0.3, 2.0):
        gate = Gated(spatial(), threshold)
        states, outputs = streamed(gate, variables, clip)
        assert computed_in(states) == gate.computed(clip).tolist()
        np.testing.assert_allclose(outputs, gate.apply(variables, clip), **CLOSE)
        counts.append(int(states[-1].computed))
    assert counts == [10, 5, 4, 1]  # the drift is 1/9 per frame


def test_a_frame_that_is_no_number_is_computed_and_forgotten():
    clip = random_clip(1, SHAPE).repeat(4, 0)
    clip[1] = np.nan
    assert Gated(nn.Identity(), 1.0).computed(clip).tolist() == [True, True, True, False]


def test_a_difference_too_small_for_a_mean_still_counts_at_threshold_zero():
    clip = np.zeros((2, *SHAPE), np.float32)
    clip[1, 0, 0, 0] = 1e-37  # over 40 values the mean is below the smallest normal number
    assert Gated(nn.Identity()).computed(clip).tolist() == [True, True]


def test_a_skipped_frame_does_not_run_the_network():
    ran = []

    class Recorder(nn.Identity):
        def _frames(self, frames: jax.Array) -> jax.Array:
            jax.debug.callback(lambda: ran.append(1))
            return frames

    clip = with_repeats(6, [1, 2, 5])
    states, _ = streamed(Gated(Recorder()), {}, clip)
    jax.effects_barrier()
    assert len(ran) == int(states[-1].computed) == 3


EXIT_CLIP = random_clip(8, SHAPE, 3)


def exits(confidence: float) -> EarlyExit:
    classifier = nn.Sequential([nn.GlobalPool(), nn.Dense(3, name="guess")])
    rest = nn.Sequential([nn.Conv(6, 3, activation="relu", name="more"), nn.Flatten(), nn.Dense(3, name="logits")])
    first = nn.Sequential([nn.Conv(4, 3, name="conv"), nn.TemporalConv(2, time="valid", name="temporal")])
    return EarlyExit(first, classifier, rest, confidence)


EXIT_VARIABLES = random_variables(exits(0.5), EXIT_CLIP)


def parts(layer: EarlyExit, last: str) -> np.ndarray:
    """The plain network of `first` and one of the two ends, streamed."""
    both = nn.Sequential([layer.first, getattr(layer, last)])
    params = EXIT_VARIABLES["params"]
    return streamed(both, {"params": {"layers_0": params["first"], "layers_1": params[last]}}, EXIT_CLIP)[1]


@pytest.mark.parametrize(("confidence", "end", "early"), [(0.0, "classifier", 8), (1.0, "rest", 0), (1.5, "rest", 0)])
def test_an_exit_that_is_always_or_never_taken_is_the_plain_network(confidence, end, early):
    layer = exits(confidence)
    states, outputs = streamed(layer, EXIT_VARIABLES, EXIT_CLIP)
    np.testing.assert_array_equal(outputs, parts(layer, end))
    assert (int(states[-1].early), int(states[-1].full)) == (early, 8 - early)


def test_frames_leave_early_where_the_classifier_is_sure_and_only_there():
    layer = exits(0.0)
    early, full = (parts(layer, end) for end in ("classifier", "rest"))
    top = np.exp(early - early.max(-1, keepdims=True))
    sureness = (top / top.sum(-1, keepdims=True)).max(-1)
    middle = float(np.sort(sureness)[3:5].mean())  # half of the frames are above it
    states, outputs = streamed(exits(middle), EXIT_VARIABLES, EXIT_CLIP)
    sure = sureness > middle
    assert int(states[-1].early) == sure.sum() == 4
    np.testing.assert_array_equal(outputs, np.where(sure[:, None], early, full))


def test_both_faces_of_an_exit_agree_and_both_answers_are_there_to_train():
    layer = exits(0.5)
    clip = layer.apply(EXIT_VARIABLES, EXIT_CLIP)
    np.testing.assert_allclose(clip, nn.run_stream(layer, EXIT_VARIABLES, EXIT_CLIP), **CLOSE)
    answers = layer.apply(EXIT_VARIABLES, EXIT_CLIP, method="both")
    for answer, end in zip(answers, ("classifier", "rest"), strict=True):
        np.testing.assert_allclose(answer, parts(layer, end)[1:], **CLOSE)

    def loss(variables: dict) -> jax.Array:
        early, full = layer.apply(variables, EXIT_CLIP, method="both")
        return (early**2).mean() + (full**2).mean()

    assert all(jnp.abs(leaf).max() > 0 for leaf in jax.tree.leaves(jax.grad(loss)(EXIT_VARIABLES)))


LAYERS = {"gate": lambda: Gated(spatial(), 0.1), "exit": lambda: exits(0.5)}


@pytest.mark.parametrize("name", LAYERS)
def test_both_faces_create_the_same_parameters_and_keep_the_states_shapes(name):
    layer = LAYERS[name]()
    state = layer.init_state(SHAPE)
    from_step = jax.eval_shape(lambda: layer.init(jax.random.key(0), state, EXIT_CLIP[0], method="step"))
    assert from_step == jax.eval_shape(lambda: layer.init(jax.random.key(0), EXIT_CLIP))
    after, output = jax.eval_shape(lambda v: layer.apply(v, state, EXIT_CLIP[0], method="step"), from_step)
    assert all(jax.tree.leaves(jax.tree.map(lambda a, b: (a.shape, a.dtype) == (b.shape, b.dtype), state, after)))
    assert output.shape == layer.output_shape(SHAPE)


def test_gates_train_with_batch_normalization_and_batches():
    gate = Gated(nn.Conv(3, batch_norm=True))
    clips = np.stack([with_repeats(5, [2], seed) for seed in range(3)])
    variables = gate.init(jax.random.key(0), clips[0])
    outputs, after = nn.apply_batch(gate, variables, clips, train=True)
    np.testing.assert_array_equal(outputs[:, 2], outputs[:, 1])
    assert jnp.abs(after["batch_stats"]["inner"]["norm"]["mean"]).max() > 0


def test_cost_is_that_of_a_frame_that_leaves_out_nothing():
    gated, plain = (step_cost(layer, SHAPE) for layer in (Gated(spatial()), spatial()))
    assert (gated.macs, gated.parameters) == (plain.macs, plain.parameters)
    assert step_cost(exits(0.5), SHAPE).macs == clip_cost(exits(0.5), (2, *SHAPE)).macs - 5 * 4 * 3 * 3 * 2 * 4


@pytest.mark.parametrize("inner", [nn.TemporalConv(2), nn.TemporalConv(2, time="valid"), nn.Delay(1)])
def test_what_remembers_frames_cannot_be_skipped(inner):
    with pytest.raises(ValueError, match="inner remembers frames, and would miss"):
        Gated(nn.Sequential([inner]))
    with pytest.raises(ValueError, match="rest remembers frames"):
        EarlyExit(nn.Identity(), nn.GlobalPool(), inner)


def test_gates_do_not_nest():
    with pytest.raises(ValueError, match="Gated remembers frames"):
        Gated(Gated(nn.Identity())).init_state(SHAPE)


@pytest.mark.parametrize("threshold", [-0.1, float("inf"), float("nan")])
def test_thresholds_are_checked(threshold):
    with pytest.raises(ValueError, match="must be finite and at least 0"):
        Gated(nn.Identity(), threshold)


def test_answers_of_an_exit_must_have_one_shape():
    layer = EarlyExit(nn.GlobalPool(), nn.Dense(2), nn.Dense(3))
    for ask in (lambda: layer.output_shape(SHAPE), lambda: layer.init(jax.random.key(0), EXIT_CLIP)):
        with pytest.raises(ValueError, match=r"must both give \[classes\], found \(2,\) and \(3,\)"):
            ask()
    with pytest.raises(ValueError, match="must be at least 0"):
        EarlyExit(nn.GlobalPool(), nn.Dense(2), nn.Dense(2), -1.0)


def held(clip: np.ndarray, tolerance: float) -> np.ndarray:
    """What a row gate lets through, row by row in plain Python."""
    result = clip.copy()
    for t in range(1, len(clip)):
        rows = [y for y in range(clip.shape[1]) if np.abs(clip[t, y] - result[t - 1, y]).max() > tolerance]
        result[t] = result[t - 1]
        if rows:
            result[t, rows[0] : rows[-1] + 1] = clip[t, rows[0] : rows[-1] + 1]
    return result


@hypothesis.given(st.integers(0, 99), st.floats(0, 2))
@hypothesis.settings(max_examples=20, deadline=None)
def test_a_row_gate_holds_rows_outside_the_interval_that_changed(seed, tolerance):
    clip = np.cumsum(random_clip(6, (7, 3, 1), seed) * np.random.default_rng(seed).integers(0, 2, (6, 7, 1, 1)), 0)
    clip, tolerance = clip.astype(np.float32), float(np.float32(tolerance))
    layer = RowGate(tolerance)
    expected = held(clip, np.float32(tolerance))
    np.testing.assert_array_equal(layer.apply({}, clip), expected)
    states, outputs = streamed(layer, {}, clip)
    np.testing.assert_array_equal(outputs, expected)
    moved = sum(int((expected[t] != expected[t - 1]).any((1, 2)).sum()) for t in range(1, 6))
    assert int(states[-1].rows) >= 7 + moved


def test_a_row_gate_of_tolerance_zero_changes_nothing():
    clip = with_repeats(6, [2, 4])
    np.testing.assert_array_equal(RowGate().apply({}, clip), clip)
    assert int(streamed(RowGate(), {}, clip)[0][-1].rows) == 4 * SHAPE[0]


@pytest.mark.parametrize("tolerance", [-1.0, float("inf"), float("nan")])
def test_a_row_gates_tolerance_is_finite(tolerance):
    with pytest.raises(ValueError, match="must be finite and at least 0"):
        RowGate(tolerance)
