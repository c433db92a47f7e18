"""A page as a browser shows it: what pages are tested with."""

from pathlib import Path
from typing import Any

from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.proof.check import check
from verify.report.page import Extras, page

EXTRAS = Extras("python -m verify.plan small.tflite", "1.2.3", bound_bytes=300, layerwise_bytes=5000, layerwise_macs=9)


def text_of(graph: Graph, plan: Plan, extras: Extras = EXTRAS) -> str:
    return page(graph, plan, check(graph, plan)[0], extras)


class Shown:
    """A page opened in the browser, with everything it complained about or asked the network for."""

    def __init__(self, browser: Any, text: str, folder: Path, width: int = 1280, **options: Any):
        path = folder / "plan.html"
        path.write_text(text, encoding="utf-8")
        self.page = browser.new_page(viewport={"width": width, "height": 900}, **options)
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda r: self.complaints.append(r.url) if r.url != path.as_uri() else None)
        self.page.goto(path.as_uri())

    def tip(self) -> str:
        return self.page.locator("#tip").inner_text() if self.page.locator("#tip").is_visible() else ""

    def point_at(self, tensor: int) -> str:
        """Moves the mouse onto the buffer of a tensor, and reads what appears."""
        self.page.mouse.move(1, 1)
        assert self.tip() == ""
        self.page.locator(f"#map g.block[data-tensor='{tensor}']").hover(timeout=5000)
        return self.tip()
