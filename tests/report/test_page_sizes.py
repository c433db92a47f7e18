"""The page on desk and phone, light and dark: nothing scrolls sideways, all text is readable, buffers are named."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.clip.test_per_frame import streamtinynet
from tests.report.browser import EXTRAS, Shown, text_of
from tests.report.plans import graph_and_plan, largest_ring
from verify.clip import per_frame
from verify.commands.camera import Asked, with_camera
from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.report.scatter import Point

LEAST_CONTRAST = 4.5
"""Of text and what is behind it: WCAG 2.1, level AA."""

LONG = "a_name_of_one_word_as_scopes_make_them/" * 4

UNREADABLE = """least => {
  const numbers = (colour) => (colour.match(/[0-9.]+/g) ?? []).map(Number);
  const light = (colour) => {
    const linear = (v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = numbers(colour).slice(0, 3).map((v) => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const opaque = (colour) => numbers(colour).length && (numbers(colour)[3] ?? 1) === 1;
  const behind = (element) => {
    const block = element.closest("g.block");
    if (block && element.tagName === "text") return [getComputedStyle(block.querySelector("rect")).fill];
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.backgroundImage !== "none") {
        return [...(style.backgroundImage.match(/rgb\\([^)]*\\)/g) ?? []), ...behind(at.parentElement)];
      }
      if (opaque(style.backgroundColor)) return [style.backgroundColor];
    }
    throw new Error("no background");
  };
  const found = [];
  for (const element of document.body.querySelectorAll("*")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || ["SCRIPT", "STYLE"].includes(element.tagName) || !element.getClientRects().length) continue;
    const style = getComputedStyle(element), ink = element instanceof SVGElement ? style.fill : style.color;
    for (const paper of behind(element)) {
      const [a, b] = [light(ink), light(paper)].sort((x, y) => y - x);
      if ((a + 0.05) / (b + 0.05) < least) found.push([element.textContent.trim().slice(0, 40), ink, paper]);
    }
  }
  return found;
}"""


def case(name: str) -> tuple[Graph, Plan]:
    if name == "clip":
        clip = per_frame(streamtinynet())
        return clip, make_plan(clip, Request("stream"))
    graph, plan = graph_and_plan()
    if name == "refuted":
        ring = largest_ring(plan)
        small = replace(ring, rows=ring.rows - 1)
        plan = replace(plan, buffers=tuple(small if b is ring else b for b in plan.buffers))
        return replace(graph, nodes=tuple(replace(node, name=LONG) for node in graph.nodes)), plan
    if name == "camera":
        plan, _ = with_camera(graph, plan, Asked(16, 64, 15_000, 12_000_000))
    if name == "slow":
        plan, _ = with_camera(graph, plan, Asked(16, 64, 15_000, 400_000))
    return graph, plan


@pytest.fixture(scope="module", params=["still", "camera", "slow", "clip", "refuted"])
def text(request: pytest.FixtureRequest) -> str:
    points = (Point("of a paper", 4000, 70_000, "a paper"),)
    return text_of(*case(request.param), replace(EXTRAS, points=points, budget_bytes=9000, explanation=LONG))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
def test_all_of_it_can_be_read(width: int, scheme: str, text: str, browser: Any, tmp_path: Path) -> None:
    shown = Shown(browser, text, tmp_path, width, color_scheme=scheme)
    assert shown.page.evaluate(UNREADABLE, LEAST_CONTRAST) == []
    wide = shown.page.evaluate(
        "[document.documentElement, ...document.querySelectorAll('*')].filter(e => e.getClientRects().length"
        " && e.scrollWidth > e.clientWidth + 1 && e.clientWidth"
        " && (getComputedStyle(e).overflowX === 'auto' || e === document.documentElement))"
        ".map(e => e.getAttribute('aria-label') ?? e.tagName)"
    )
    assert wide == [], "nothing scrolls sideways"
    cut = shown.page.evaluate(
        "[...document.querySelectorAll('svg.map text, svg.scatter text')].filter(e => {"
        " if (!e.getClientRects().length) return false;"
        " const t = e.getBoundingClientRect(), s = e.ownerSVGElement.getBoundingClientRect();"
        " return t.left < s.left - 0.5 || t.right > s.right + 0.5; }).map(e => e.textContent)"
    )
    assert cut == [], "what stands on a map lies within it"
    assert shown.complaints == []
    shown.page.close()


@pytest.mark.parametrize(("width", "map_id"), [(1200, "map"), (390, "map-narrow")])
def test_the_map_of_each_width_names_buffers(width: int, map_id: str, browser: Any, tmp_path: Path) -> None:
    graph, plan = graph_and_plan()
    long = {
        key: replace(t, name=f"jit(main)/Net/part_{key}/a_long_scope_between/end_{key}")
        for key, t in graph.tensors.items()
    }
    shown = Shown(browser, text_of(replace(graph, tensors=long), plan), tmp_path, width)
    assert shown.page.locator("svg.map:visible").evaluate_all("maps => maps.map(m => m.id)") == [map_id]
    named = shown.page.locator(f"#{map_id} g.block[data-tensor]:has(text.name)")
    assert named.count() >= 2
    for block in named.all():
        tensor, name = block.get_attribute("data-tensor"), block.locator("text.name").text_content()
        if tensor == "-1":
            continue
        begin, _, end = name.split(" · ")[0].partition("…")
        assert f"part_{tensor}/a_long_scope_between/end_{tensor}".startswith(begin) and f"end_{tensor}".endswith(
            end[-2:]
        )
        block.locator("rect").first.hover()
        assert long[int(tensor or 0)].name in shown.tip()
    shown.page.close()


def test_a_camera_s_rows_are_told(browser: Any, tmp_path: Path) -> None:
    held, slow = (Shown(browser, text_of(*case(name)), tmp_path) for name in ("camera", "slow"))
    assert "15 held" in held.page.inner_text("#rows") and "15 held" in held.page.inner_text("header")
    assert "15 not held" in slow.page.inner_text("#rows") and "frames must be dropped" in slow.page.inner_text("#rows")
    assert held.page.locator("svg.rows g.bar").count() == 30 == slow.page.locator("svg.rows g.bar").count()
    held.page.locator("svg.rows g.bar").nth(4).hover()
    assert "after row 4 of 30" in " ".join(held.tip().split())
    without = Shown(browser, text_of(*graph_and_plan()), tmp_path)
    assert "--camera" in without.page.inner_text("main") and without.page.locator("line.room").count() == 0


def test_every_board_has_a_line(browser: Any, tmp_path: Path) -> None:
    shown = Shown(browser, text_of(*graph_and_plan()), tmp_path)
    rows = shown.page.locator("#boards tbody tr")
    nicla = rows.filter(has_text="Nicla Vision")
    assert nicla.locator(".fits").inner_text() == "fits" and "480 MHz" in nicla.inner_text()
    assert rows.filter(has_text="RP2040").locator("td").last.inner_text() == "not known"
