"""GATHER_ND at constant places."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.node_checks import check_kernel, check_oracles, int8, refuse, source_of
from tests.tiny_model import activation, constant
from verify.ops.base import OperatorSource


def gather_nd(shape: tuple[int, ...], places: object) -> OperatorSource:
    at = constant(2, np.array(places, np.int32))
    result = (*at.shape[:-1], *shape[at.shape[-1] :])
    return source_of("GATHER_ND", (activation(0, shape), at), activation(1, result))


@settings(max_examples=30)
@given(st.data())
def test_gather_nd(data: st.DataObject) -> None:
    shape = tuple(data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=4)))
    depth = data.draw(st.integers(1, len(shape)))
    extents = data.draw(st.lists(st.integers(1, 3), min_size=1, max_size=2))
    if len(extents) + len(shape) - depth > 5:
        return
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    places = np.stack([rng.integers(0, shape[axis], extents) for axis in range(depth)], axis=-1)
    source, inputs = gather_nd(shape, places), [int8(rng, *shape)]
    check_oracles(source, inputs)
    check_kernel(source, inputs)


def test_refusals() -> None:
    refuse(gather_nd((4, 3), [[0, 3]]), r"they must be in \[0, 3\); found 3")
    refuse(gather_nd((4,), [[0, 3]]), "they have 1 to 1 coordinates; found 2")
