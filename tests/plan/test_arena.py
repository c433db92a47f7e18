"""Packings are disjoint and never below the load bound; easy instances reach it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from verify.plan.arena import Item, load_bound, pack


@st.composite
def items(draw: st.DrawFn) -> list[Item]:
    found = []
    for _ in range(draw(st.integers(1, 12))):
        first = draw(st.integers(0, 9))
        found.append(Item(8 * draw(st.integers(1, 9)), first, draw(st.integers(first, 10))))
    return found


@settings(max_examples=60, deadline=None)
@given(items())
def test_items_alive_together_share_no_byte(problem: list[Item]) -> None:
    offsets, peak = pack(problem)
    assert peak == max(offset + item.size for offset, item in zip(offsets, problem, strict=True))
    assert peak >= load_bound(problem)
    used: set[tuple[int, int]] = set()
    for offset, item in zip(offsets, problem, strict=True):
        cells = {(t, b) for t in range(item.first, item.last + 1) for b in range(offset, offset + item.size, 8)}
        assert not used & cells
        used |= cells


def test_a_case_where_largest_first_fails_is_packed_tightly() -> None:
    problem = [Item(24, 0, 1), Item(16, 1, 2), Item(16, 2, 3), Item(24, 3, 4), Item(8, 1, 3)]
    assert pack(problem)[1] == load_bound(problem)


def test_a_case_where_moves_of_any_buffers_fail_is_packed_tightly() -> None:
    """It needs a move of what ends at the top."""
    sizes = (64, 80, 72, 48, 48, 96, 88, 32, 80, 48, 48, 32, 80, 24, 56, 32, 8, 16)
    firsts = (5, 0, 0, 8, 1, 6, 12, 12, 5, 1, 4, 11, 9, 6, 8, 8, 13, 8)
    lasts = (9, 2, 3, 12, 4, 6, 12, 12, 7, 5, 5, 11, 10, 8, 11, 10, 15, 8)
    problem = [Item(*parts) for parts in zip(sizes, firsts, lasts, strict=True)]
    assert pack(problem)[1] == load_bound(problem) == 280


def test_the_packing_is_the_same_every_time() -> None:
    problem = [Item(8 * (k % 5 + 1), k % 7, k % 7 + k % 3) for k in range(15)]
    assert pack(problem) == pack(problem)
