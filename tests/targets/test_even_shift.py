"""Rescaling with one shift for all channels gives the operator's results, for every accumulator."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.ops.weights import Rescale
from verify.targets.cortex_m_dsp.even_shift import SHIFT, EvenShift, even_shift


def relu(multiplier: list[int], n: list[int]) -> Rescale:
    return Rescale(np.array(multiplier, np.int32), -np.array(n, np.int32), -128, -128, 127)


def stored_by(found: EvenShift, accumulators: np.ndarray) -> np.ndarray:
    """What SMMLA and SSAT leave."""
    return np.clip(found.before_shift(accumulators) >> SHIFT, -128, 127)


def holds(found: EvenShift, low: np.ndarray, high: np.ndarray) -> bool:
    return all((i.low >= i.bounds[0]).all() and (i.high <= i.bounds[1]).all() for i in found.intermediates(low, high))


@settings(max_examples=80)
@given(
    st.integers(2**30, 2**31 - 1), st.booleans(), st.integers(1, 16), st.integers(-4000, 4000), st.integers(0, 40000)
)
def test_every_accumulator(m: int, falls: bool, n: int, low: int, count: int) -> None:
    rescale = relu([-m if falls else m], [n])
    interval = np.array([low]), np.array([low + count])
    found = even_shift(rescale, interval)
    assert found is not None and holds(found, *interval)
    values = np.arange(low, low + count + 1)[:, None]
    np.testing.assert_array_equal(stored_by(found, values), rescale.apply(values))


def test_channels_of_one_value_never_refuse() -> None:
    """Multiplier 0, whatever the shift; results that cannot leave the zero point."""
    interval = np.array([2**31 - 1000, -100, -300]), np.array([2**31 - 1, 100, 300])
    found = even_shift(relu([0, 2**30, 2**30], [0, 20, 5]), interval)
    assert found is not None and found.factor.tolist() == [0, 0, 16]
    assert stored_by(found, interval[0])[:2].tolist() == [-128, -128]


def test_refusals() -> None:
    interval = np.array([-9000]), np.array([9000])
    assert even_shift(relu([2**30], [1]), interval) is not None
    assert even_shift(relu([2**30], [0]), interval) is None, "weights times 2^9 do not fit int16"
    own = relu([2**30], [5])
    for low, zero_point, high in ((-128, -127, 127), (-127, -127, 127), (-128, -128, 126)):
        assert even_shift(Rescale(own.multiplier, own.shift, zero_point, low, high), interval) is None
    assert even_shift(relu([2**30], [9]), (np.array([-(2**31) - 1]), np.array([0]))) is None


def test_what_must_hold() -> None:
    """The accumulator as it is scaled; and differences, if there were any."""
    interval = np.array([-(2**23)]), np.array([2**23])
    found = even_shift(relu([2**30], [1]), interval)
    assert found is not None and not holds(found, *interval)
    assert holds(found, interval[0], interval[1] - 1)
    own = even_shift(relu([2**30 + 1], [5]), (np.array([-9]), np.array([9999])))
    assert own is not None and own.difference[0].tolist() == own.difference[1].tolist() == [0]
    worse = EvenShift(own.factor, own.start, own.multiplier, own.addend, (np.array([0]), np.array([1])))
    assert not holds(worse, np.array([-9]), np.array([9999]))
