"""Packings are disjoint and never below the load bound; easy instances reach it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from verify.plan.arena import Item, load_bound, pack
from verify.plan.exact import place


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


@settings(max_examples=40, deadline=None)
@given(items(), st.data())
def test_the_solver_places_as_well_as_any_order_of_first_fits(problem: list[Item], data: st.DataObject) -> None:
    """Its placement is legal, with what may lie over what, and its bound holds for every other one."""
    pairs = [(a, b) for a in range(len(problem)) for b in range(len(problem)) if problem[a].last == problem[b].first]
    chosen = data.draw(st.lists(st.sampled_from(pairs), max_size=3, unique=True)) if pairs else []
    overlaps = {(a, b): 8 * data.draw(st.integers(1, 4)) for a, b in chosen if a != b and (b, a) not in chosen}
    known = pack(problem, overlaps=overlaps)
    best = place(problem, overlaps, known)
    assert best.least == best.peak <= known[1]
    assert best.peak == max(offset + item.size for offset, item in zip(best.offsets, problem, strict=True))
    for a, one in enumerate(problem):
        for b, other in enumerate(problem[:a]):
            if one.first <= other.last and other.first <= one.last:
                over, under = overlaps.get((b, a), one.size), overlaps.get((a, b), other.size)
                low, high = best.offsets[a], best.offsets[b]
                assert low + min(one.size, over) <= high or high + min(other.size, under) <= low


def test_two_buffers_are_placed_in_the_order_that_lets_the_result_lie_over_the_operand() -> None:
    """The result must begin below its operand: that is the second order of two."""
    two = [Item(80, 0, 1), Item(80, 1, 2)]
    assert pack(two, overlaps={(0, 1): 8})[1] == 88


def test_the_solver_finds_what_first_fits_miss() -> None:
    problem = [Item(24, 0, 1), Item(16, 1, 2), Item(16, 2, 3), Item(24, 3, 4), Item(8, 1, 3)]
    poor = [0, 24, 40, 56, 80]
    best = place(problem, {}, (poor, 88))
    assert (best.peak, best.least) == (48, 48)
