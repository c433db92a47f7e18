"""Poolings and means of cortex-m-dsp against the references, in the form that runs on any host."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.node_checks import check_kernel, int8, source_of
from tests.ops.pools import pool
from tests.tile_harness import check_every_run, check_tiles
from tests.tiny_model import activation, constant, node_of
from verify.ops.base import OperatorSource
from verify.targets.registry import target_named

DSP = "cortex-m-dsp"
SEEDS = st.integers(0, 2**32 - 1)
KINDS = st.sampled_from(("AVERAGE_POOL_2D", "MAX_POOL_2D"))


def chosen(source: OperatorSource) -> str:
    return target_named(DSP).choose(node_of(source)).name


@st.composite
def pools(draw: st.DrawFn, kind: str, batches: tuple[int, ...]) -> OperatorSource:
    """Of eight channels and more: groups that fit and groups that overlap."""
    kernel = (draw(st.integers(1, 5)), draw(st.integers(1, 5)))
    padding = draw(st.sampled_from(("SAME", "VALID")))
    height, width = (draw(st.integers(k if padding == "VALID" else 1, 7)) for k in kernel)
    return pool(
        kind,
        (draw(st.sampled_from(batches)), height, width, draw(st.sampled_from((8, 9, 11, 15, 16, 21)))),
        kernel,
        (draw(st.integers(1, 3)), draw(st.integers(1, 3))),
        padding,
        draw(st.sampled_from(("NONE", "RELU", "RELU6", "RELU_N1_TO_1"))),
        draw(st.sampled_from((0.01, 0.05, 0.3))),
        draw(st.integers(-128, 127)),
    )


@settings(max_examples=40)
@given(KINDS.flatmap(lambda kind: pools(kind, (1, 2))), SEEDS)
def test_rows(source: OperatorSource, seed: int) -> None:
    assert chosen(source) == f"stj_{source.kind.lower()}_s8_dsp"
    check_kernel(source, [int8(np.random.default_rng(seed), *source.inputs[0].shape)], DSP)


@settings(max_examples=30)
@given(KINDS.flatmap(lambda kind: pools(kind, (1,))), st.data(), SEEDS)
def test_regions(source: OperatorSource, data: st.DataObject, seed: int) -> None:
    check_tiles(node_of(source), data, seed, 4, DSP)


@pytest.mark.parametrize("kind", ["AVERAGE_POOL_2D", "MAX_POOL_2D"])
def test_every_run_of_columns(kind: str) -> None:
    check_every_run(node_of(pool(kind, (1, 7, 9, 9), (3, 3))), target=DSP)


@pytest.mark.parametrize("value", [-128, 127])
def test_sums_at_their_ends(value: int) -> None:
    """256 positions of one value just fit a halfword; a window that is larger goes elsewhere."""
    whole = pool("AVERAGE_POOL_2D", (1, 16, 16, 8), (16, 16), padding="VALID")
    assert chosen(whole) == "stj_average_pool_2d_s8_dsp"
    check_kernel(whole, [np.full((1, 16, 16, 8), value, np.int8)], DSP)
    node = node_of(whole)
    (sums,) = target_named(DSP).choose(node).intermediates(node, [(-128, 127)])
    assert (sums.low[0], sums.high[0], sums.bounds) == (-(2**15), 127 * 256, (-(2**15), 2**15 - 1))
    assert chosen(pool("AVERAGE_POOL_2D", (1, 16, 17, 8), (16, 17), padding="VALID")) == "stj_average_pool_2d_s8"
    assert chosen(pool("AVERAGE_POOL_2D", (1, 16, 16, 7), (2, 2))) == "stj_average_pool_2d_s8"


def test_halves_go_away_from_zero() -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(-3, 4, (1, 2, 64, 8)).astype(np.int8)
    check_kernel(pool("AVERAGE_POOL_2D", image.shape, (2, 2), (2, 2), "VALID"), [image], DSP)


def mean(shape: tuple[int, ...], axes: tuple[int, ...], keep: bool, scale: float, kind: str = "MEAN") -> OperatorSource:
    kept = tuple(1 if axis in axes else extent for axis, extent in enumerate(shape) if keep or axis not in axes)
    x, y = activation(0, shape, 0.05, -7), activation(1, kept, scale, 11)
    return source_of(kind, (x, constant(2, np.array(axes, np.int32))), y, keep_dims=keep)


@settings(max_examples=40)
@given(
    st.integers(1, 16),
    st.integers(1, 16),
    st.integers(8, 21),
    st.booleans(),
    st.sampled_from((0.001, 0.02, 0.3)),
    st.sampled_from(("MEAN", "SUM")),
    SEEDS,
)
def test_means(height: int, width: int, channels: int, keep: bool, scale: float, kind: str, seed: int) -> None:
    source = mean((1, height, width, channels), (1, 2), keep, scale, kind)
    assert chosen(source) == "stj_mean_s8_dsp"
    check_kernel(source, [int8(np.random.default_rng(seed), 1, height, width, channels)], DSP)


@pytest.mark.parametrize(
    ("shape", "axes"), [((1, 17, 16, 8), (1, 2)), ((1, 4, 4, 7), (1, 2)), ((1, 4, 4, 8), (1,)), ((2, 4, 4, 8), (1, 2))]
)
def test_other_means_go_elsewhere(shape: tuple[int, ...], axes: tuple[int, ...]) -> None:
    source = mean(shape, axes, True, 0.02)
    assert chosen(source) == "stj_mean_s8"
