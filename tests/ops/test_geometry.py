"""Placement of SAME and VALID windows against LiteRT's shape inference is tested with each operator; here: refusals and
the properties that define SAME."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.ops.base import UnsupportedError
from verify.ops.geometry import place


@given(st.integers(1, 50), st.integers(1, 9), st.integers(1, 5), st.integers(1, 4))
def test_same_covers_with_the_least_padding(extent: int, kernel: int, stride: int, dilation: int) -> None:
    placed = place(extent, kernel, stride, dilation, "SAME")
    reach = (kernel - 1) * dilation + 1
    padded = placed.before + extent + placed.after
    assert placed.output == (extent + stride - 1) // stride
    assert (placed.output - 1) * stride + reach <= padded
    assert placed.before + placed.after == 0 or (placed.output - 1) * stride + reach == padded
    assert placed.after - placed.before in (0, 1)


@given(st.integers(1, 50), st.integers(1, 9), st.integers(1, 5), st.integers(1, 4))
def test_valid_fits_as_often_as_it_can(extent: int, kernel: int, stride: int, dilation: int) -> None:
    reach = (kernel - 1) * dilation + 1
    if reach > extent:
        with pytest.raises(UnsupportedError, match=f"reaching over {reach} positions does not fit into {extent}"):
            place(extent, kernel, stride, dilation, "VALID")
        return
    placed = place(extent, kernel, stride, dilation, "VALID")
    assert (placed.before, placed.after) == (0, 0)
    assert (placed.output - 1) * stride + reach <= extent < placed.output * stride + reach


def test_refusals() -> None:
    with pytest.raises(UnsupportedError, match="padding EXPLICIT is not supported"):
        place(5, 3, 1, 1, "EXPLICIT")
    with pytest.raises(UnsupportedError, match=r"dilation \(=0\) must be at least 1"):
        place(5, 3, 1, 0, "SAME")
