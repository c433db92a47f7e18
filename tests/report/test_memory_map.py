"""The memory map against the layout it is made from, counted in another way, and its drawing."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from tests.clip.test_per_frame import streamtinynet
from tests.report.plans import graph_and_plan
from verify.clip import per_frame
from verify.commands import cli
from verify.graph.graph import Graph
from verify.graph.plan import Buffer, InputMode, Plan
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.layout import Layout
from verify.report.drawing import draw
from verify.report.memory_map import MemoryMap, memory_map
from verify.report.plot import PlotError, plot


def plans() -> list[tuple[Graph, Plan]]:
    clip = per_frame(streamtinynet())
    graph, _ = graph_and_plan()
    whole = make_plan(graph, Request("layer", InputMode.WHOLE))
    return [graph_and_plan(), graph_and_plan("layer"), (graph, whole), (clip, make_plan(clip, Request("stream")))]


@pytest.fixture(params=plans(), ids=["stream", "layer", "whole", "clip"])
def case(request: pytest.FixtureRequest) -> tuple[Layout, MemoryMap]:
    layout = Layout(*request.param)
    assert not layout.faults
    return layout, memory_map(layout)


def test_every_step_uses_the_most_bytes_that_any_tick_holds(case: tuple[Layout, MemoryMap]) -> None:
    """Counted row by row, as the checker says who holds which byte."""
    layout, memory = case
    for step in memory.steps:
        ticks = layout.plan.stages[step.stage].ticks if step.stage >= 0 else 1
        most = 0
        for tick in range(ticks):
            held = [_held(layout, b, step.number, tick) for b in layout.arena_buffers()]
            most = max(most, sum(held))
        assert step.used_bytes == most, step
    assert [s.op for s in memory.steps if s.op is not None] == [f.op for s in layout.plan.stages for f in s.firings]


def test_rectangles_lie_in_the_arena_and_apart(case: tuple[Layout, MemoryMap]) -> None:
    _, memory = case
    rects = [rect for block in memory.blocks for rect in block.rects]
    assert all(
        0 <= r.lo_byte < r.hi_byte <= memory.arena_bytes and memory.t0 <= r.t0 < r.t1 <= memory.t1 for r in rects
    )
    assert not [
        (a, b)
        for a, b in combinations(rects, 2)
        if a.t0 < b.t1 and b.t0 < a.t1 and a.lo_byte < b.hi_byte and b.lo_byte < a.hi_byte
    ]


def test_the_peak_is_the_fullest_step(case: tuple[Layout, MemoryMap]) -> None:
    _, memory = case
    assert memory.peak is not None and memory.peak.op is not None
    assert memory.peak.used_bytes == max(step.used_bytes for step in memory.steps) <= memory.arena_bytes


def test_kinds_of_a_streamed_and_of_a_clip_s_plan() -> None:
    (graph, plan), _, _, (clip, clip_plan) = plans()
    assert {block.kind for block in memory_map(Layout(graph, plan)).blocks} == {"whole", "ring", "tick"}
    kept = [block for block in memory_map(Layout(clip, clip_plan)).blocks if block.kind == "history"]
    assert kept and all(block.frames > 1 and block.rects[0].t0 == -1 for block in kept)


def test_a_drawing_is_to_scale() -> None:
    memory = memory_map(Layout(*graph_and_plan()), bound_bytes=100)
    drawing = draw(replace(memory, budget_bytes=memory.total_bytes))
    rects = {block.tensor: block.rects[0] for block in memory.blocks}
    for block in drawing.blocks:
        rect, box = rects[block.tensor], block.boxes[0]
        assert (box.x, box.y) == drawing.place(rect.t0, rect.hi_byte)
        assert box.y + box.h == pytest.approx(drawing.place(rect.t0, rect.lo_byte)[1], abs=0.02)
    lines = {line.kind: line.y for line in drawing.lines}
    assert lines["budget"] == lines["total"] < lines["arena"] < lines["bound"]
    # Buffers begin at multiples of eight bytes, so the highest one ends less than that below the arena's end.
    highest = min(box.y for b in drawing.blocks for box in b.boxes)
    assert lines["arena"] <= highest <= drawing.place(0, memory.arena_bytes - 8)[1]
    labels = sorted(line.label_y for line in drawing.lines)
    assert min(b - a for a, b in pairwise(labels)) >= 13


def test_a_budget_far_above_is_said_and_not_drawn() -> None:
    memory = memory_map(Layout(*graph_and_plan()))
    drawing = draw(replace(memory, budget_bytes=1 << 30))
    assert "1,073,741,824" in drawing.beyond and "budget" not in {line.kind for line in drawing.lines}


def test_the_svg_file_has_every_buffer_with_its_name() -> None:
    memory = memory_map(Layout(*graph_and_plan()))
    root = ET.fromstring(plot(memory, ".svg"))
    titles = [t.text or "" for t in root.iterfind(".//{*}g/{*}title")]
    assert len(titles) == len(memory.blocks)
    for block in memory.blocks:
        assert any(f"tensor: {block.tensor} {block.name}\n" in title for title in titles)


def test_the_png_file_is_a_picture() -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    picture = plot(memory_map(Layout(*graph_and_plan())), ".png")
    assert picture.startswith(b"\x89PNG\r\n\x1a\n") and len(picture) > 10_000


def test_another_kind_of_picture_is_refused() -> None:
    with pytest.raises(PlotError, match=r"'\.gif' is not a kind of picture"):
        plot(memory_map(Layout(*graph_and_plan())), ".gif")


def test_zoo_models_are_drawn(models_dir: Path) -> None:
    for name in ("mcunet-5fps_vww", "mcunet-512kb-2mb_imagenet"):
        graph = cli.load_model(models_dir / "mcunet_zoo" / f"{name}.tflite")
        memory = memory_map(Layout(graph, make_plan(graph, Request("stream"))))
        assert len(ET.fromstring(plot(memory, ".svg")).findall(".//{*}g/{*}title")) == len(memory.blocks)


def _held(layout: Layout, buffer: Buffer, position: int, tick: int) -> int:
    """Bytes that a buffer of whole rows holds; rows come and go whole."""
    assert not buffer.tiled
    size, end = layout.row_bytes(buffer.tensor), buffer.offset + layout.size_bytes(buffer)
    return size * sum(layout.holds(buffer, byte, position, tick) for byte in range(buffer.offset, end, size))
