"""What `--json` has of a page's figures: the page's own, as numbers."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.report.plans import graph_and_plan
from verify.commands import check as check_main
from verify.commands import plan as plan_main
from verify.commands.camera import Asked, with_camera
from verify.report.boards import BOARDS
from verify.report.costs import costs_of
from verify.report.figures import figures_value
from verify.report.fits import fits_of
from verify.report.row_work import row_work
from verify.targets.choice import kernels_of
from verify.targets.line_feed import row_instructions

MODEL = Path(__file__).parents[1] / "kept/constant_operand_first.tflite"


def test_operators_and_boards_are_those_of_the_page() -> None:
    graph, plan = graph_and_plan()
    value, costs = figures_value(graph, plan), costs_of(graph, plan)
    listed = [
        (row["op"], row["kernel"], row["instructions"], row["flash_bytes"]) for row in value["costs"]["operators"]
    ]
    assert listed == [(cost.index, cost.kernel, cost.instructions, cost.flash_bytes) for cost in costs.operators]
    assert value["costs"]["instructions"] == costs.instructions
    assert value["costs"]["flash_bytes"] == costs.flash_bytes
    fits = fits_of(plan, costs.flash_bytes, costs.instructions)
    assert [row["state"] for row in value["boards"]["boards"]] == [fit.state for fit in fits]
    assert [row["name"] for row in value["boards"]["boards"]] == [board.name for board in BOARDS]
    for row, fit in zip(value["boards"]["boards"], fits, strict=True):
        assert row["runs_per_second"] == (fit.runs_per_second and pytest.approx(fit.runs_per_second, abs=1e-3))


@pytest.mark.parametrize("clock", [200_000, 2_000_000_000])
def test_work_between_rows_is_that_of_the_page(clock: int) -> None:
    graph, plan = graph_and_plan()
    assert "held" not in figures_value(graph, plan)["row_work"]
    plan, _ = with_camera(graph, plan, Asked(320, 240, 15_000, clock))
    value, page = figures_value(graph, plan)["row_work"], row_work(graph, plan)
    assert page and value["instructions"] == row_instructions(graph, plan, kernels_of(graph, plan))
    assert value["rows_that_wait"] == [bar.row for bar in page.bars if bar.state == "over"]
    assert value["held"] == page.held == (clock > 1_000_000)


def test_a_plan_of_other_operators_has_no_figures() -> None:
    graph, plan = graph_and_plan()
    assert figures_value(graph, replace(plan, stages=plan.stages[:-1])) == {}


def test_what_is_not_proved_is_not_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its ticks could be any number."""
    plan = tmp_path / "plan.json"
    assert plan_main.run([str(MODEL), "-o", str(plan), "--scheme", "layer"]) == 0
    value = json.loads(plan.read_text())
    value["arena_bytes"] -= 8
    plan.write_text(json.dumps(value))
    capsys.readouterr()
    assert check_main.run([str(MODEL), str(plan), "--json"]) == 3
    assert "costs" not in json.loads(capsys.readouterr().out)


def test_both_commands_print_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = tmp_path / "plan.json"
    assert plan_main.run([str(MODEL), "-o", str(plan), "--json"]) == 0
    planned = json.loads(capsys.readouterr().out)
    assert check_main.run([str(MODEL), str(plan), "--json"]) == 0
    checked = json.loads(capsys.readouterr().out)
    for key in ("costs", "row_work", "boards"):
        assert planned[key] == checked[key] != {}
    assert planned["costs"]["instructions"] == planned["instructions_estimated"]
