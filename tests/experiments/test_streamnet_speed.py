"""StreamNet's Table 3 in instructions: one small network's plans, the page, the plot, and that a difference is loud."""

import dataclasses
from pathlib import Path

import pytest

from experiments.streamnet_speed import figure, report
from experiments.streamnet_speed.run import PATCHED, Measured, Row, front, rows
from experiments.streamnet_tables.published import MODELS, latency_ms
from verify.commands import cli
from verify.graph.graph import Graph
from verify.plan.published import Scheme
from verify.proof.check import ProvedPlan

MODEL, TARGET = "MV0", "portable"


@pytest.fixture(scope="module")
def graph(models_dir: Path) -> Graph:
    return cli.load_model(models_dir / "mcunet_zoo" / f"{MODELS[MODEL]}.tflite")


def test_speedups_of_the_paper() -> None:
    for scheme, mean in ((Scheme.STREAM_1D, 3.40), (Scheme.STREAM_2D, 7.28)):
        paper = [latency_ms(model)[Scheme.PATCH] / latency_ms(model)[scheme] for model in MODELS]
        assert report.geometric_mean(paper) == pytest.approx(mean, abs=0.01)


def test_rows_page_and_what_is_loud(graph: Graph) -> None:
    """Every plan is proved; instructions stand for what an emulator would count."""
    run: list[ProvedPlan] = []

    def execute(proved: ProvedPlan) -> Measured | None:
        run.append(proved)
        return Measured(1_000_000 * len(run), 0.1, "same", ()) if len(run) > 1 else None

    kinds = [*PATCHED, "layer", "least"]
    found = list(rows(MODEL, graph, TARGET, kinds, execute))
    by = {row.kind: row for row in found}
    assert [row.kind for row in found] == kinds and len(run) == len(found)
    found += [dataclasses.replace(by["least"], kind=kind) for kind in ("small", "fast")]
    assert by["patch"].ratio > by["stream-1d"].ratio > by["stream-2d"].ratio == 1
    assert by["patch"].counted is None and by["patch"].instructions == by["patch"].estimated
    page = report.markdown(found)
    assert "| geometric mean |" in page and "~" in page and "Marked ~, not run: MV0 portable patch." in page
    assert report.problems(found) == []
    other = dataclasses.replace(found[-1], output_sha256="other")
    assert report.problems([*found[:-1], other]) == ["MV0: outputs differ, see portable small and portable fast"]


def test_front_goes_down_in_bytes_and_up_in_instructions(graph: Graph) -> None:
    points = front(graph, TARGET)
    sizes, instructions = zip(*points, strict=True)
    assert len(points) > 2 and list(sizes) == sorted(sizes, reverse=True)
    assert instructions[0] == min(instructions)
    pytest.importorskip("matplotlib")
    assert figure.plot([figure.Front(MODEL, TARGET, points)]).startswith("<?xml")


def test_a_row_says_what_it_took() -> None:
    row = Row("MV0", TARGET, "fast", 900, 800, 12, 88, 0, 1.0, 990, 0.1, "plan", 1000, 0.5, "out")
    assert report.line(row) == "MV0 portable fast: 900 bytes, 1,000 instructions in 0.5 s, 990 estimated"
    assert "the worst, MV0\nfast for portable, was off by -1.0%" in report.markdown([row])
