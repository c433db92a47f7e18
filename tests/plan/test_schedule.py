"""Schedules are legal, as early as possible, and rings are exactly as large as a simulation says."""

from hypothesis import given, settings
from hypothesis import strategies as st

from verify.graph.plan import Schedule
from verify.graph.window import Window
from verify.plan.schedule import (
    Edge,
    arrival,
    as_late_as,
    fire_when_ready,
    in_grains,
    is_within_tick,
    ring_rows,
    ticks_until,
)

WINDOWS = st.builds(Window, st.integers(1, 5), st.integers(1, 3), st.integers(1, 2), st.integers(-1, 3))
UNBOUNDED = 10**9


def outputs(rows: int, window: Window) -> int:
    """Rows whose windows reach at most three positions below the image, so that some read padding at the bottom."""
    return max(1, (rows + 3 + window.pad_before - window.reach) // window.stride + 1)


def simulated_ring(producer: Schedule, rows: int, consumer: Schedule, out_rows: int, window: Window) -> int:
    most = 1
    for tick in range(ticks_until(consumer, out_rows)):
        for y in range(consumer.frontier(tick - 1, out_rows), consumer.frontier(tick, out_rows)):
            most = max(most, producer.frontier(tick, rows) - max(0, window.start(y)))
    return most


@given(st.integers(1, 20), WINDOWS, WINDOWS)
def test_a_row_fires_at_the_first_tick_that_has_its_window(rows: int, first: Window, second: Window) -> None:
    source = arrival(rows, rows)
    middle = fire_when_ready([Edge(source, rows, first)])
    assert middle is not None
    for y in range(20):
        needed = first.start(y) + first.reach
        tick = next(n for n in range(-60, 500) if (middle.rate * n + middle.offset) // middle.period > y)
        # As if the image went on: source row i arrives at tick i, so the window is complete at tick needed - 1.
        assert tick == needed - 1
    last = fire_when_ready([Edge(middle, UNBOUNDED, second)])
    assert last is not None
    for y in range(5):
        tick = next(n for n in range(-200, 500) if (last.rate * n + last.offset) // last.period > y)
        row = second.start(y) + second.reach
        assert (middle.rate * tick + middle.offset) // middle.period >= row
        assert (middle.rate * (tick - 1) + middle.offset) // middle.period < row


@given(st.integers(1, 20), WINDOWS, st.integers(1, 5))
def test_rows_in_grains_come_when_the_last_of_them_would(rows: int, window: Window, grain: int) -> None:
    alone = fire_when_ready([Edge(arrival(rows, rows), rows, window)])
    assert alone is not None
    banded, count = in_grains(alone, grain), outputs(rows, window)
    for tick in range(ticks_until(banded, count)):
        assert banded.frontier(tick, UNBOUNDED) == alone.frontier(tick, UNBOUNDED) // grain * grain
    assert banded.frontier(ticks_until(banded, count) - 1, count) == count
    assert ticks_until(banded, count) == 1 or banded.frontier(ticks_until(banded, count) - 2, count) < count


@given(st.integers(1, 20), WINDOWS, st.integers(1, 3))
def test_behind_an_operand_in_grains_all_rows_are_there_when_they_are_read(
    rows: int, second: Window, part: int
) -> None:
    operand = in_grains(arrival(rows, rows), second.stride * part)
    reader = fire_when_ready([Edge(operand, UNBOUNDED, second), Edge(operand, UNBOUNDED, second)])
    assert reader is not None and reader.grain == part
    for tick in range(100):
        for y in range(reader.frontier(tick - 1, UNBOUNDED), reader.frontier(tick, UNBOUNDED)):
            assert second.start(y) + second.reach <= operand.frontier(tick, UNBOUNDED)
    assert reader.frontier(99, UNBOUNDED) >= 100 // second.stride - 2 * part - second.reach


def test_what_comes_in_grains_is_not_read_across_them_by_other_strides_or_upsampled() -> None:
    operand = in_grains(arrival(9, 9), 3)
    assert fire_when_ready([Edge(operand, 9, Window(2, 2))]) is None
    assert fire_when_ready([Edge(operand, 9, Window(upsample=2))]) is None


@given(st.integers(1, 20), WINDOWS)
def test_rings_are_as_large_as_a_simulation_says(rows: int, window: Window) -> None:
    source = arrival(rows, rows)
    schedule = fire_when_ready([Edge(source, rows, window)])
    assert schedule is not None
    count = outputs(rows, window)
    assert ring_rows(source, rows, schedule, count, window) == simulated_ring(source, rows, schedule, count, window)


@settings(max_examples=50)
@given(st.integers(2, 12), st.integers(2, 3))
def test_upsampling_keeps_one_row(rows: int, factor: int) -> None:
    source, window = arrival(rows, rows), Window(upsample=factor)
    schedule = fire_when_ready([Edge(source, rows, window)])
    assert schedule == Schedule(factor, 1, factor)
    assert ring_rows(source, rows, schedule, rows * factor, window) == 1
    assert is_within_tick(source, rows, schedule, rows * factor, window)


def test_operands_of_different_rate_do_not_fuse() -> None:
    fast, slow = arrival(8, 8), Schedule(1, 2, 0)
    assert fire_when_ready([Edge(fast, 8, Window()), Edge(slow, 4, Window())]) is None


def test_the_slower_operand_decides_and_the_other_waits_in_its_ring() -> None:
    source = arrival(16, 16)
    conv = fire_when_ready([Edge(source, 16, Window(kernel=3, pad_before=1))])
    assert conv is not None
    total = fire_when_ready([Edge(source, 16, Window()), Edge(conv, 16, Window())])
    assert total == conv
    # The shortcut holds the row being added and the one row that the convolution is ahead.
    assert ring_rows(source, 16, total, 16, Window()) == 2
    assert not is_within_tick(source, 16, total, 16, Window())
    assert is_within_tick(conv, 16, total, 16, Window())


@given(WINDOWS, st.integers(0, 9))
def test_the_latest_producer_is_just_in_time(window: Window, delay: int) -> None:
    consumer = Schedule(1, window.stride, -delay)
    producer = as_late_as([Edge(consumer, UNBOUNDED, window)])
    assert producer is not None
    assert fire_when_ready([Edge(producer, UNBOUNDED, window)]) == consumer
    later = Schedule(producer.rate, producer.period, producer.offset - 1)
    assert fire_when_ready([Edge(later, UNBOUNDED, window)]) != consumer
