"""Every operator is in the random networks: its sample makes one that the reader takes."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.random_models import Net
from tests.samples.registry import samples
from verify.ops.registry import operators

SHAPES = [(7,), (1, 6), (4, 1, 3), (1, 5, 4, 3), (2, 3, 4, 2), (1, 2, 3, 2, 2)]


def test_every_operator_has_one() -> None:
    assert samples().keys() == operators().keys()


@pytest.mark.parametrize("kind", sorted(operators()))
def test_a_sample_is_an_operator_that_is_read(kind: str) -> None:
    made = []

    @settings(max_examples=25, database=None)
    @given(st.sampled_from(SHAPES), st.integers(0, 2**16), st.data())
    def check(shape: tuple[int, ...], seed: int, data: st.DataObject) -> None:
        net = Net(seed)
        x = net.input(*shape)
        results = samples()[kind](data.draw, net, x, [x])
        if not results:
            assert not net.sources, "what is not taken appends nothing"
            return
        # To int16 and back are two.
        most = 2 if kind == "QUANTIZE" else 1
        assert 1 <= [source.kind for source in net.sources].count(kind) <= most
        assert all(math.prod(result.shape) > 0 for result in results)
        net.read_aliases()
        made.append(net.graph())

    check()
    assert made, f"the sample of {kind} takes none of {SHAPES}"
