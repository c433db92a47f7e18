"""What a page says that a plan takes: sums against the whole plan's own, rows against the line feed, boards by hand."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clip.test_per_frame import conv3d
from tests.random_models import Net
from tests.report.plans import graph_and_plan
from verify.clip import per_frame
from verify.commands.camera import Asked, with_camera
from verify.commands.cli import load_model
from verify.graph.graph import Graph
from verify.graph.plan import InputMode, Plan
from verify.ops.conv_2d import Conv2D
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.report import fits
from verify.report.boards import BOARDS, Board
from verify.report.costs import costs_of
from verify.report.fits import CODE_BYTES, fits_of
from verify.report.names import about, labels, middle
from verify.report.row_work import HEIGHT, row_work
from verify.targets.choice import kernels_of
from verify.targets.cost import instructions_of
from verify.targets.flash import constant_bytes
from verify.targets.line_feed import row_instructions
from verify.targets.registry import targets

KEPT = Path(__file__).parent.parent / "kept"


def with_constant() -> tuple[Graph, Plan]:
    """An ADD's constant, which is read like an activation and is no operator's own flash."""
    graph = load_model(KEPT / "constant_operand_first.tflite")
    return graph, make_plan(graph, Request("stream"))


def clip() -> tuple[Graph, Plan]:
    graph = per_frame(conv3d())
    return graph, make_plan(graph, Request("stream"))


@pytest.mark.parametrize("make", [graph_and_plan, with_constant, clip])
def test_operators_add_up_to_the_plan(make: Callable[[], tuple[Graph, Plan]]) -> None:
    graph, plan = make()
    costs, kernels = costs_of(graph, plan), kernels_of(graph, plan)
    assert costs.instructions == instructions_of(graph, plan, kernels)
    counted = sum(cost.instructions or 0 for cost in costs.operators) + costs.around
    assert costs.instructions is not None and abs(counted - costs.instructions) <= len(costs.operators) + 1
    assert sum(cost.flash_bytes for cost in costs.operators) + costs.shared_bytes == costs.flash_bytes
    assert costs.flash_bytes == constant_bytes(graph, kernels)
    assert [cost.index for cost in costs.operators] == [f.op for s in plan.stages for f in s.firings]
    assert sum(cost.share for cost in costs.operators) == pytest.approx(1 - costs.around / costs.instructions, abs=1e-3)


def test_weights_that_two_share_count_for_the_first() -> None:
    net = Net(6)
    x = net.input(1, 8, 5, 3)
    first = net.conv(x, 3, (3, 3), (1, 1), (1, 1))
    net.conv(first, 3, (3, 3), (1, 1), (1, 1))
    graph = net.graph()
    one, two = graph.nodes
    assert isinstance(one.op, Conv2D) and isinstance(two.op, Conv2D)
    same = replace(two, op=replace(two.op, weights=one.op.weights, bias=one.op.bias))
    shared = replace(graph, nodes=(one, same))
    plan = make_plan(shared, Request("layer"))
    a, b = costs_of(shared, plan).operators
    assert b.flash_bytes < a.flash_bytes - one.op.weights.nbytes + 4
    assert costs_of(shared, plan).flash_bytes == constant_bytes(shared, kernels_of(shared, plan))


def test_what_was_not_measured_has_no_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    graph, plan = graph_and_plan()
    monkeypatch.setattr("verify.report.costs.call_price", lambda kernel, node, calls: 1.0 if calls.op else None)
    costs = costs_of(graph, plan)
    assert costs.instructions is None and [c.index for c in costs.operators if c.instructions is None] == [0]
    assert all(fit.rate == "not known" for fit in fits_of(plan, costs.flash_bytes, costs.instructions))


def test_bars_are_the_line_feed_s_rows() -> None:
    graph, plan = graph_and_plan()
    plan, feed = with_camera(graph, plan, Asked(16, 64, 15_000, 12_000_000))
    work, counts = row_work(graph, plan), row_instructions(graph, plan, kernels_of(graph, plan))
    assert work is not None and counts is not None and plan.camera is not None and work.line is not None
    assert [dict(bar.facts)["instructions"] for bar in work.bars] == [f"about {count:,}" for count in counts]
    # A bar is above the line where its work, with what lines take meanwhile, is not done when the next row comes.
    camera = plan.camera
    for bar, count in zip(work.bars[:-1], counts, strict=False):
        late = camera.time(count + camera.step * camera.line_instructions) > camera.step * camera.line
        assert (bar.state == "over") == late == (bar.height > work.line)
    assert work.bars[-1].state == "last" and max(bar.height for bar in work.bars) <= HEIGHT
    assert work.held == feed.held and f"{feed.fifo_rows} row" in dict(work.facts)["FIFO"]


def test_a_whole_frame_has_no_rows() -> None:
    graph, _ = graph_and_plan()
    assert row_work(graph, make_plan(graph, Request("layer", InputMode.WHOLE))) is None


def test_a_board_fits_to_the_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    _, plan = graph_and_plan()
    weights, sram = 1000, plan.sram_bytes
    board = Board("b", "c", "Cortex-M7", frozenset({"dsp"}), True, sram, weights + CODE_BYTES, 30_000_000, "s")
    less = [replace(board, sram_bytes=sram - 1), replace(board, flash_bytes=board.flash_bytes - 1)]
    bare = replace(board, features=frozenset(), thumb2=False)
    monkeypatch.setattr(fits, "BOARDS", (board, *less, bare))
    fit, little, small, portable = fits_of(plan, weights, 1_000_000)
    assert (fit.state, fit.rate, fit.sram_share, fit.flash_share) == ("fits", "20 to 30", 1.0, 1.0)
    assert (little.state, little.verdict) == ("does-not-fit", "1 B of SRAM too few")
    assert (small.state, small.verdict) == ("does-not-fit", "1 B of flash too few")
    assert (portable.state, portable.rate) == ("fits", "not known")
    helium = fits_of(replace(plan, target="cortex-m-mve"), weights, 1_000_000)
    assert [f.verdict for f in helium if f.state == "other-target"] == ["needs --target cortex-m-dsp"] + [
        "needs --target portable"
    ]


def test_boards_are_facts_with_a_source() -> None:
    words = {word for target in targets().values() for word in target.features}
    assert len({board.name for board in BOARDS}) == len(BOARDS)
    for board in BOARDS:
        assert (
            board.source
            and board.features <= words
            and board.thumb2 == ("Cortex-M0" not in board.core) * ("Cortex" in board.core)
        )
        assert 16 << 10 <= board.sram_bytes < board.flash_bytes and 16e6 <= board.clock_hertz <= 1e9


@given(st.text("ab/", max_size=40), st.integers(4, 30))
def test_a_shortened_name_keeps_both_ends(name: str, most: int) -> None:
    found = middle(name, most)
    assert len(found) == min(len(name), most)
    begin, dots, end = found.partition("…") if len(name) > most else (name, "", "")
    assert name.startswith(begin) and name.endswith(end) and (not dots or (begin and end))


def test_labels_drop_what_all_scopes_share() -> None:
    names = ["min;max;jit(f)/Net/A/add;jit(f)/Net/A/conv...", "jit(f)/Net/B/C/add", "Identity", "x;y"]
    assert labels(names) == ["A/add", "B/C/add", "Identity", "x"]
    assert labels(["a/b"]) == ["a/b"] and labels(["/", ""]) == ["/", ""]


def test_about_has_three_digits() -> None:
    texts = [about(value) for value in (7, 999, 999_600, 8_116_496, 2e9)]
    assert texts == ["7", "999", "1 M", "8.12 M", "2 G"]
