"""The page in a real browser: it renders, pointing at a buffer names its tensor, and nothing in it can do harm."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.report.browser import EXTRAS, Shown, text_of
from tests.report.plans import graph_and_plan, largest_ring, net
from verify.commands import cli
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.layout import Layout
from verify.report.page import Extras
from verify.report.scatter import Point, pareto


def tip_is_about(tip: str, layout: Layout, tensor: int) -> None:
    words = " ".join(tip.split())
    buffer = layout.buffers[tensor]
    assert words.startswith(f"tensor {tensor} {layout.graph.tensors[tensor].name} ")
    assert f"size {layout.size_bytes(buffer):,} B" in words
    assert f"bytes {buffer.offset:,} to {buffer.offset + layout.size_bytes(buffer):,}" in words
    assert re.search(r"lifetime steps? (-?\d+)", words)
    assert (
        f"written by {layout.writers[tensor].node.label if layout.writers[tensor].node else 'network input'}" in words
    )


def test_pointing_at_a_buffer_names_its_tensor(browser: Any, tmp_path: Path) -> None:
    graph, plan = graph_and_plan()
    shown, layout = Shown(browser, text_of(graph, plan), tmp_path), Layout(graph, plan)
    assert shown.page.locator("#verdict").inner_text() == "proved"
    for buffer in layout.arena_buffers():
        tip_is_about(shown.point_at(buffer.tensor), layout, buffer.tensor)
    assert shown.complaints == []


def test_the_step_under_the_pointer_is_told(browser: Any, tmp_path: Path) -> None:
    graph, plan = graph_and_plan()
    shown, ring = Shown(browser, text_of(graph, plan), tmp_path), largest_ring(plan)
    box = shown.page.locator(f"#map g.block[data-tensor='{ring.tensor}']").bounding_box()
    life = Layout(graph, plan).lifetimes[ring.tensor]
    for step in (life.first, life.last):
        share = (step - life.first + 0.5) / (life.last - life.first + 1)
        shown.page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] / 2)
        assert f"step {step}, " in shown.tip()


def test_the_keyboard_goes_from_buffer_to_buffer(browser: Any, tmp_path: Path) -> None:
    graph, plan = graph_and_plan()
    shown = Shown(browser, text_of(graph, plan), tmp_path)
    shown.page.locator("#map g.block[tabindex='0']").focus()
    seen = {shown.tip()}
    for _ in range(len(plan.buffers) - 1):
        shown.page.keyboard.press("ArrowRight")
        seen.add(shown.tip())
    assert len(seen) == len(plan.buffers) and "" not in seen
    shown.page.keyboard.press("Escape")
    assert shown.tip() == ""


def test_a_click_on_a_heading_sorts(browser: Any, tmp_path: Path) -> None:
    graph, plan = graph_and_plan()
    shown = Shown(browser, text_of(graph, plan), tmp_path)
    expected = sorted(node.macs for node in graph.nodes)
    for order in (expected, expected[::-1]):
        shown.page.locator("#costs").get_by_role("button", name="MACs").click()
        cells = shown.page.locator("#costs tbody td:nth-child(5)").all_inner_texts()
        assert [int(cell.replace(",", "")) for cell in cells] == order


def test_light_and_dark(browser: Any, tmp_path: Path) -> None:
    text = text_of(*graph_and_plan())
    paper = {
        scheme: Shown(browser, text, tmp_path, color_scheme=scheme).page.evaluate(
            "getComputedStyle(document.body).backgroundColor"
        )
        for scheme in ("light", "dark")
    }
    assert paper["light"] == "rgb(255, 255, 255)" and paper["dark"] == "rgb(20, 24, 29)"


def test_published_points_are_shown_and_named(browser: Any, tmp_path: Path) -> None:
    points = (Point("StreamNet-2D", 4000, 70_000, "StreamNet"), Point("with more MACs", 500, 90_000, "stjax"))
    shown = Shown(browser, text_of(*graph_and_plan(), replace(EXTRAS, points=points)), tmp_path)
    shown.page.locator(".wide .dot[aria-label='StreamNet-2D']").hover()
    assert " ".join(shown.tip().split()) == "plan StreamNet-2D from StreamNet SRAM 4,000 B MACs 70,000"
    assert shown.page.locator("polyline.front:visible").count() == 1


def test_a_refuted_plan_frames_the_failing_row(browser: Any, tmp_path: Path) -> None:
    graph, plan = graph_and_plan()
    ring = largest_ring(plan)
    small = replace(ring, rows=ring.rows - 1)
    wrong = replace(plan, buffers=tuple(small if b is ring else b for b in plan.buffers))
    shown = Shown(browser, text_of(graph, wrong), tmp_path)
    assert shown.page.locator("#verdict").inner_text() == "refuted"
    assert "no board should run it" in shown.page.inner_text("main") and " fit\n" not in shown.page.inner_text("header")
    assert "has been overwritten" in shown.page.locator("#claims p.refuted").first.inner_text()
    assert shown.page.locator("#claims .cell.failing.lost").count() >= 1
    assert shown.complaints == []


def test_a_plan_for_other_operators_has_verdicts_and_no_map(browser: Any, tmp_path: Path) -> None:
    graph, plan = graph_and_plan()
    shown = Shown(browser, text_of(graph, replace(plan, stages=plan.stages[:-1])), tmp_path)
    assert "0 times" in shown.page.locator("#claims").inner_text()
    assert shown.page.locator("#map").count() == 0 and "There is no map" in shown.page.locator("main").inner_text()
    assert shown.page.locator("#claims .verdict.proved").count() == 0, "nothing was examined, so nothing is proved"
    assert shown.complaints == []


HOSTILE = "</script></title><img src=x onerror=alert(1)>'\"<b>\x00\ud800{{ 7 * 7 }}"


def test_names_cannot_become_markup(browser: Any, tmp_path: Path) -> None:
    graph, plan = graph_and_plan()
    tensors = {key: replace(tensor, name=HOSTILE) for key, tensor in graph.tensors.items()}
    nodes = tuple(replace(node, name=HOSTILE) for node in graph.nodes)
    graph = replace(graph, name=HOSTILE, tensors=tensors, nodes=nodes)
    points = (Point(HOSTILE, 100, 100, HOSTILE),)
    text = text_of(graph, replace(plan, model_name=HOSTILE), replace(EXTRAS, command=f"x {HOSTILE}", points=points))
    shown = Shown(browser, text, tmp_path)
    assert shown.page.locator("img").count() == shown.page.locator("b:has-text('7 * 7')").count() == 0
    assert "{{ 7 * 7 }}" in shown.page.locator("h1").inner_text()
    assert "onerror" in shown.point_at(plan.buffers[0].tensor)
    assert shown.complaints == []


@pytest.mark.parametrize("name", ["mcunet-5fps_vww", "mcunet-512kb-2mb_imagenet"])
def test_zoo_models(name: str, browser: Any, models_dir: Path, tmp_path: Path) -> None:
    graph = cli.load_model(models_dir / "mcunet_zoo" / f"{name}.tflite")
    plan = make_plan(graph, Request("stream"))
    text = text_of(graph, plan)
    assert len(text) < 500_000
    shown, layout = Shown(browser, text, tmp_path), Layout(graph, plan)
    for buffer in layout.arena_buffers()[::7]:
        tip_is_about(shown.point_at(buffer.tensor), layout, buffer.tensor)
    assert shown.page.locator("#operators tbody tr").count() == len(graph.nodes)
    wide = shown.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, "the page itself never scrolls sideways"
    assert shown.complaints == []


def test_no_address_in_the_page_but_the_svg_namespace() -> None:
    addresses = set(re.findall(r"\bhttps?://[^\s\"'<]+", text_of(*graph_and_plan())))
    assert addresses == {"http://www.w3.org/2000/svg"}


def test_a_picture_of_one_plan_is_left_out(browser: Any, tmp_path: Path) -> None:
    """Layer by layer is told beside the plan's own figures; a picture of the two says no more."""
    shown = Shown(browser, text_of(*graph_and_plan()), tmp_path)
    assert shown.page.locator("svg.scatter").count() == 0 and "layer by layer" in shown.page.inner_text("header")


def test_the_front_leaves_out_what_is_beaten() -> None:
    points = [Point(label, *at, "stjax") for label, at in {"a": (1, 9), "b": (2, 9), "c": (3, 5), "d": (4, 6)}.items()]
    assert [p.label for p in pareto(points)] == ["a", "c"]


def test_what_the_program_does_not_know_is_left_out() -> None:
    graph = net().graph()
    plan = make_plan(graph, Request("layer"))
    known = text_of(graph, plan)
    assert "layer by layer" in known and "lower bound" in known and "live bytes, bound" in known
    unknown = text_of(graph, plan, Extras("x", "1"))
    assert not re.search("layer by layer|lower bound|live bytes, bound|None|nan", unknown.replace("'none'", ""))
