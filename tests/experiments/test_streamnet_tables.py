"""StreamNet's tables: small networks' figures to the printed digit, the page, the plot, and that a mismatch is loud."""

import dataclasses
import json
import math
from pathlib import Path

import pytest

from experiments.streamnet_tables import __main__ as command
from experiments.streamnet_tables import figure, report, report_plans
from experiments.streamnet_tables.plans import EXACT, OURS, PAPER, RULE, Planned, examine, paper_macs
from experiments.streamnet_tables.published import MODELS, Printed, msf_cnn_points, printed
from experiments.streamnet_tables.tables import Reproduced, reproduce, searches
from verify.commands import cli
from verify.plan.published import Network, Parameters, Scheme
from verify.plan.search import make_plan

QUICK = ("MI1", "MV0")
"""One ends its patch stage before a depthwise convolution, the other reads a shortcut across the end."""

PLAN = Planned(
    model="MV0", kind="least", sram=16_000, arena=15_000, bound=12_000, streamnet=14_000, msf=13_000, msf_in_use=12_500,
    macs=7_000_000, ratio=1.0, verdict="proved", obligations=700, plan_seconds=0.5, proof_seconds=0.25,
    oracle="TFLM", wrong=0,
)  # fmt: skip
WHY = "patch 1 of 8 along height reads row -7"

ROW = figure.Budgeted("MI1", 0, 1024, dict.fromkeys(figure.CURVES, 4_000_000))


@pytest.fixture(scope="module")
def networks(models_dir: Path) -> dict[str, Network]:
    return {name: Network(cli.load_model(models_dir / "mcunet_zoo" / f"{MODELS[name]}.tflite")) for name in QUICK}


def test_every_network_has_its_eight_figures() -> None:
    assert len(MODELS) == 10
    assert sum(figure.table == 2 for name in MODELS for figure in printed(name)) == 40
    assert sum(figure.table == 1 for name in MODELS for figure in printed(name)) == 40


@pytest.mark.parametrize("name", QUICK)
def test_figures_come_out_to_the_printed_digit(networks: dict[str, Network], name: str) -> None:
    cells = reproduce(name, networks[name])
    assert [(cell.place, cell.ours) for cell in cells] == [(cell.place, cell.printed.digits) for cell in cells]
    assert report.problems(cells) == []


def test_tables_parameters_have_the_least_memory_of_stream_2d(networks: dict[str, Network]) -> None:
    outcomes = {name: searches(name, network)[0].outcome for name, network in networks.items()}
    assert outcomes == {"MI1": "ties", "MV0": "agrees"}


def test_a_mismatch_is_said_and_marked() -> None:
    figure_ = Printed("MV0", 2, Scheme.PATCH, "macs", Parameters(8, 13), "23.1")
    cell = Reproduced(figure_, "23.2", "23.2")
    assert report.problems([cell]) == ["Table 2, MV0, patch, macs: printed 23.1, ours 23.2"]
    others = [Reproduced(dataclasses.replace(figure_, scheme=scheme), "23.1", "23.1") for scheme in report.SECOND[1:]]
    page = report.markdown([cell, *others], [], [ROW], [])
    assert "3 of 4 to the printed digit" in page and "**23.2** (23.1)" in page


def test_the_command_writes_what_it_found_and_fails_on_a_mismatch(
    networks: dict[str, Network], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def fewer(name: str, network: Network) -> list[Reproduced]:
        cells = reproduce(name, network)
        return [dataclasses.replace(cells[0], ours="0.0"), *cells[1:]] if planted else cells

    monkeypatch.setattr(command, "reproduce", fewer)
    monkeypatch.setattr(figure, "plot", lambda rows: "<svg/>")
    (tmp_path / "results.json").write_text(json.dumps({"plans": [command._plain(row) for row in plans_of("MV0")]}))
    arguments = ["streamnet_tables", "--only", "MV0", "--resume", "-o", str(tmp_path)]
    for planted, status in ((False, 0), (True, 1)):
        monkeypatch.setattr("sys.argv", arguments)
        assert command.main() == status
        captured = capsys.readouterr()
        assert ("MISMATCH: Table 2, MV0, patch, macs: printed 23.1, ours 0.0" in captured.err) is planted
    assert "4 of 4 to the printed digit" in captured.out.split("Table 1")[1]
    values = json.loads((tmp_path / "results.json").read_text())
    assert len(values["tables"]) == 8 and [row["macs"]["ours"] for row in values["figure_7b"]] == [7_000_000] * 4
    assert [Planned(**row) for row in values["plans"]] == plans_of("MV0")
    assert f"| refuted | proved | {WHY} |" in captured.out and "| MV0 | 16,000 | 0.539 |" in captured.out


def plans_of(model: str) -> list[Planned]:
    """One plan of each kind, as the tables want them."""
    kinds = (*OURS, "front", *EXACT)
    refuted = [dataclasses.replace(PLAN, kind=scheme + RULE, verdict="refuted", why=WHY) for scheme in PAPER]
    found = [*(dataclasses.replace(PLAN, kind=kind) for kind in kinds), *refuted]
    return [dataclasses.replace(row, model=model) for row in found]


def test_plans_that_contradict_the_claims_are_problems() -> None:
    assert report_plans.problems(plans_of("MV0")) == []
    worse = dataclasses.replace
    for row, text in (
        (worse(PLAN, verdict="unknown", why="time"), "unknown, time"),
        (worse(PLAN, wrong=3), "3 output bytes differ"),
        (worse(PLAN, emulated=1), "1 on the board"),
        (worse(PLAN, ratio=1.01), "1.01 times"),
    ):
        assert [text in problem for problem in report_plans.problems([row])] == [True]


def test_msf_cnns_points_say_where_ours_is_not_below() -> None:
    row = dataclasses.replace(PLAN, model="MV1", kind="front", msf=13_000, ratio=1.2)
    page = "\n".join(report_plans._msf_cnn([row]))
    assert "| 13,376 | 1.35 | 13,000 | 1.20 | below |" in page
    assert "| 12,000 | 1.96 | 13,000 | 1.20 | **not below** |" in page
    more = dataclasses.replace(row, kind="msf-CNN 1.96", msf=12_500, ratio=1.9, least=12_400)
    page = "\n".join(report_plans._msf_cnn([row, more]))
    assert "| 12,000 | 1.96 | 12,500 | 1.90 | **not below**; no arena below 12,400 |" in page


def test_a_plan_is_examined_and_counts_macs_as_the_paper_does(networks: dict[str, Network], models_dir: Path) -> None:
    graph = cli.load_model(models_dir / "mcunet_zoo" / f"{MODELS['MV0']}.tflite")
    plan = make_plan(graph)
    total = sum(step.macs for step in networks["MV0"].steps)
    assert paper_macs(graph, plan) == total
    row = examine("MV0", "least", lambda: (graph, plan, 100), lambda proved, found: dataclasses.replace(found, wrong=0))
    assert (row.verdict, row.ratio, row.macs, row.wrong) == ("proved", 1, total, 0)
    assert row.least == 100 and row.bound is not None and row.bound <= row.arena < row.sram


def test_figure_7b_gives_each_curve_its_best_within_the_budget(networks: dict[str, Network]) -> None:
    rows = figure.curves("MV0", networks["MV0"], [(10_000, 6_500_000), (20_000, 6_000_000)])
    assert [row.added for row in rows] == list(figure.ADDED)
    assert [row.budget_bytes for row in rows] == [rows[0].budget_bytes * (100 + a) // 100 for a in figure.ADDED]
    assert [row.macs["ours"] for row in rows] == [6_500_000, 6_500_000, 6_000_000, 6_000_000]
    for row in rows:
        filtered, free = (row.macs[curve] for curve in figure.CURVES[1:3])
        assert free is not None and (filtered is None or free <= filtered)


def test_speedups_leave_out_networks_without_a_plan() -> None:
    none = dataclasses.replace(ROW, model="MV0", macs=ROW.macs | {"ours": None})
    twice = dataclasses.replace(ROW, model="PL", macs=ROW.macs | {"ours": 2_000_000})
    assert figure.speedups([ROW, none, twice], 0, "ours") == {"MI1": 1.0, "PL": 2.0}
    assert figure.geometric_mean([1.0, 4.0]) == 2.0 and math.isnan(figure.geometric_mean([]))


def test_the_plot_has_a_panel_per_network() -> None:
    pytest.importorskip("matplotlib")
    svg = figure.plot([ROW, dataclasses.replace(ROW, model="MV0", macs=ROW.macs | {"ours": None})])
    assert svg.count("1.0 KiB") == 2 and "StreamNet-auto without its filter" in svg


def test_msf_cnns_networks_are_those_of_the_zoo_but_one(models_dir: Path) -> None:
    """By their multiply-accumulates up to the global pool; msf-CNN's networks end there."""
    for name, entry in msf_cnn_points().items():
        network = Network(cli.load_model(models_dir / "mcunet_zoo" / f"{MODELS[entry['zoo']]}.tflite"))
        sums = sum(step.macs for step in network.steps if len(step.sources) > 1)
        macs = sum(step.macs for step in network.steps[:-1]) - sums
        assert (macs == entry["layerwise_macs"]) is entry["same_network"], name
        assert macs >= entry["layerwise_macs"]
