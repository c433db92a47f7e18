"""Addends that put every step of a result where it belongs, by trying all."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from verify.targets.cortex_m_dsp.steps import Steps, addend_in


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=30), st.integers(-40, 40))
def test_where_results_rise(results: list[int], low: int) -> None:
    rising = np.sort(np.array(results))
    everywhere = np.arange(low, low + len(results))
    steps = Steps.of(lambda x: rising[x - low], low, low + len(results) - 1)
    assert steps.values.tolist() == list(range(rising[0], rising[-1] + 1))
    assert steps.first.tolist() == [everywhere[rising >= value].min() for value in steps.values]
    assert steps.last.tolist() == [everywhere[rising <= value].max() for value in steps.values]


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=12),
    st.lists(st.integers(0, 9), min_size=1, max_size=12),
    st.integers(0, 3),
    st.integers(-4, 4),
    st.integers(-5, 5),
)
def test_addends(rises: list[int], products: list[int], shift: int, start: int, low: int) -> None:
    """One is found where there is one, and it is right everywhere; results beyond the ends are clamped."""
    count = min(len(rises), len(products))
    ends = low, low + count - 1
    clamped = -3, 3
    result = np.clip(start + np.cumsum(rises[:count]), *clamped)
    product = np.cumsum(products[: count + 1])

    def right(addend: int) -> bool:
        return np.array_equal(np.clip((addend + product[:count]) >> shift, *clamped), result)

    # The product of the accumulator before the first one is never asked for: no result rises there.
    steps = Steps.of(lambda x: result[x - low], *ends)
    found = addend_in(steps.room(lambda x: product[x - low], shift, clamped))
    assert (found is not None) == any(map(right, range(-200, 200)))
    assert found is None or right(found)


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=9), st.lists(st.integers(-3, 3), min_size=9, max_size=9))
def test_what_tells(values: list[int], others: list[int]) -> None:
    """Two functions that never fall are equal if they are at these places."""
    rising, other = np.sort(np.array(values)), np.sort(np.array(others[: len(values)]))
    places = Steps.of(lambda x: rising[x], 0, len(values) - 1).telling
    assert np.array_equal(rising[places], other[places]) == np.array_equal(rising, other)
