"""The heads that learn: JAX and C go the same way, bit by bit, over whole courses; and they do learn."""

import ctypes
import functools
import subprocess
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

pytest.importorskip("jax")
import jax
import jax.numpy as jnp

from stjax.learn import dense, means

HERE = Path(__file__).parent
INCLUDE = HERE.parents[2] / "embedded" / "include"
FLAGS = ("-std=c99", "-O1", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-pedantic", "-shared", "-fPIC")
SANITIZE = ("-fsanitize=undefined", "-fno-sanitize-recover=all")

MEANS = means.Params(classes=3, features=5)
DENSE = dense.Params(
    classes=4,
    features=5,
    zero_point=-128,
    shift=3,
    multiplier=24000,
    most=44739,
    rate=2,
    bias_rate=-3,
    room=6,
    passes=2,
)
ALONE = DENSE._replace(room=0, passes=3, rate=-7, bias_rate=-15, zero_point=127, shift=0, multiplier=1 << 18, most=4095)


@functools.cache
def library() -> ctypes.CDLL:
    path = Path(tempfile.mkdtemp(prefix="stjax-learn-")) / "heads.so"
    subprocess.run(["cc", *FLAGS, *SANITIZE, f"-I{INCLUDE}", str(HERE / "heads.c"), "-o", str(path)], check=True)
    return ctypes.CDLL(str(path))


class Device:
    """The state in C memory, fields of their own each."""

    def __init__(self, head: ModuleType, params: Any, state: Any):
        self.name, self.state = head.__name__.rsplit(".", 1)[-1], state
        self.fields = [np.array(field).reshape(-1).copy() for field in state]
        self.sizes = np.array(params, np.int32)
        self.work, self.table = np.zeros(params.classes, np.int32), dense.exponentials().astype(np.uint16)

    def call(self, what: str, x: np.ndarray, *label: int) -> int:
        addresses = [field.ctypes.data for field in self.fields]
        fields = (ctypes.c_void_p * len(addresses))(*addresses)
        arrays = (self.sizes, fields, x, self.work, self.table)
        pointers = [array if array is fields else ctypes.c_void_p(array.ctypes.data) for array in arrays]
        return getattr(library(), f"{self.name}_{what}")(*pointers, *label)

    def same(self, state: Any) -> bool:
        theirs = [np.asarray(field) for field in state]
        return all(
            a.dtype == b.dtype and np.array_equal(a, b.reshape(-1)) for a, b in zip(self.fields, theirs, strict=True)
        )


def course(head: ModuleType, params: Any, steps: int, seed: int, forgets: float = 0.05) -> Device:
    """The same random course there and here; extremes of int8 among the examples, now and then a class forgotten."""
    rng = np.random.default_rng(seed)
    learn, forget, scores = (
        jax.jit(functools.partial(getattr(head, what), params)) for what in ("learn", "forget", "scores")
    )
    state = head.empty(params)
    device = Device(head, params, state)
    for _ in range(steps):
        x = rng.integers(-128, 128, params.features).astype(np.int8)
        x = np.where(rng.random(params.features) < 0.2, rng.choice([-128, 127]), x).astype(np.int8)
        label = int(rng.integers(params.classes) * (rng.random() < 0.7))
        if label and rng.random() < forgets:
            state = forget(state, jnp.int32(label))
            assert device.call("forget", x, label)
        else:
            state = learn(state, jnp.asarray(x), jnp.int32(label))
            assert device.call("learn", x, label)
        assert device.same(state)
        expected = np.asarray(scores(state, jnp.asarray(x)))
        best = device.call("scores", x)
        assert np.array_equal(device.work, expected)
        assert best == (int(expected.argmax()) if (expected > means.NOTHING).any() else -1)
    device.state = state
    return device


@pytest.mark.parametrize(
    ("head", "params", "steps", "forgets"),
    [(means, MEANS, 400, 0.05), (dense, DENSE, 60, 0.1), (dense, ALONE, 40, 0.1)],
)
def test_c_equals_jax_over_whole_courses(head, params, steps, forgets):
    """Half the examples are of class 0, which is not forgotten: of means, more than the horizon."""
    course(head, params, steps, 1, forgets)


@pytest.mark.parametrize(("head", "params"), [(means, MEANS), (dense, DENSE)])
def test_the_same_bits_with_64_bits_enabled(head, params):
    with jax.enable_x64(True):
        course(head, params, 12, 2)


def test_means_are_halved_at_the_horizon_and_stay_within_int16():
    learn = jax.jit(functools.partial(means.learn, MEANS))
    for value in (-128, 127):
        state = means.empty(MEANS)
        for _ in range(3 * means.HORIZON):
            state = learn(state, jnp.full(5, value, jnp.int8), jnp.int32(1))
            assert (np.asarray(state.sums[1]) == value * int(state.counts[1])).all()
        assert int(state.counts[1]) == means.HORIZON
    # What has been is forgotten little by little: after two more halvings the mean is mostly what came last.
    for _ in range(2 * means.HORIZON):
        state = learn(state, jnp.full(5, -100, jnp.int8), jnp.int32(1))
    assert (np.asarray(state.sums[1]) / int(state.counts[1]) < -80).all()


def test_a_mean_is_rounded_to_nearest():
    for count in (1, 3, 128):
        sums = np.arange(-128 * count, 127 * count + 1, dtype=np.int32)
        found = means.mean_of(jnp.asarray(sums), jnp.full_like(sums, count))
        assert np.array_equal(found, np.floor(sums / count + 0.5))


def three_classes(seed: int, count: int = 30) -> tuple[np.ndarray, np.ndarray]:
    """Blobs that a line separates."""
    rng = np.random.default_rng(seed)
    centres = np.array([[60, -60, -60, 0, 0], [-60, 60, -60, 0, 0], [-60, -60, 60, 0, 0]])
    labels = rng.integers(0, 3, count)
    return np.clip(centres[labels] + rng.normal(0, 12, (count, 5)), -128, 127).astype(np.int8), labels


@pytest.mark.parametrize(("head", "params"), [(means, MEANS), (dense, DENSE)])
def test_a_class_is_learned_after_the_others_and_these_are_kept(head, params):
    learn, scores = (jax.jit(functools.partial(getattr(head, what), params)) for what in ("learn", "scores"))
    state = head.empty(params)
    x, labels = three_classes(3)
    for early in (True, False):  # class 2 comes last
        for example, label in zip(x, labels, strict=True):
            if (label != 2) == early:
                state = learn(state, jnp.asarray(example), jnp.int32(label))
    new, expected = three_classes(4)
    answers = [int(np.asarray(scores(state, jnp.asarray(example))).argmax()) for example in new]
    assert (np.array(answers) == expected).all()


def test_without_rehearsal_the_others_are_lost():
    """What the buffer is for: the same course without one."""
    params = DENSE._replace(room=0, passes=6, rate=0)
    learn, scores = (jax.jit(functools.partial(getattr(dense, what), params)) for what in ("learn", "scores"))
    state = dense.empty(params)
    x, labels = three_classes(3)
    for example, label in zip(x, labels, strict=True):
        state = learn(state, jnp.asarray(example), jnp.int32(label))
    for _ in range(20):
        state = learn(state, jnp.asarray(x[labels == 1].mean(0).astype(np.int8)), jnp.int32(2))
    assert int(np.asarray(scores(state, jnp.asarray(x[labels == 1][0]))).argmax()) == 2


def test_a_mean_of_many_examples_is_theirs():
    x, labels = three_classes(5, 200)
    state = means.of_examples(MEANS, x, labels)
    expected = [x[labels == label].mean(0) for label in range(3)]
    assert np.abs(np.asarray(state.sums) / np.asarray(state.counts)[:, None] - expected).max() < 1 / 64
