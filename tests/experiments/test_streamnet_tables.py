"""StreamNet's tables: small networks' figures to the printed digit, the page, the plot, and that a mismatch is loud."""

import dataclasses
import json
import math
from pathlib import Path

import pytest

from experiments.streamnet_tables import __main__ as command
from experiments.streamnet_tables import figure, report
from experiments.streamnet_tables.published import MODELS, Printed, msf_cnn_points, printed
from experiments.streamnet_tables.tables import Reproduced, reproduce, searches
from verify import cli
from verify.plan.published import Network, Parameters, Scheme

QUICK = ("MI1", "MV0")
"""One ends its patch stage before a depthwise convolution, the other reads a shortcut across the end."""

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
    page = report.markdown([cell, *others], [], [ROW])
    assert "3 of 4 to the printed digit" in page and "**23.2** (23.1)" in page


def test_the_command_writes_what_it_found_and_fails_on_a_mismatch(
    networks: dict[str, Network], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def fewer(name: str, network: Network) -> list[Reproduced]:
        cells = reproduce(name, network)
        return [dataclasses.replace(cells[0], ours="0.0"), *cells[1:]] if planted else cells

    monkeypatch.setattr(command, "reproduce", fewer)
    monkeypatch.setattr(figure, "plot", lambda rows: "<svg/>")
    points = tmp_path / "points.json"
    points.write_text(json.dumps({"MV0": [[18_000, 7_000_000], [16_000, 8_000_000]]}))
    arguments = ["streamnet_tables", "--only", "MV0", "--ours", str(points), "-o", str(tmp_path)]
    for planted, status in ((False, 0), (True, 1)):
        monkeypatch.setattr("sys.argv", arguments)
        assert command.main() == status
        captured = capsys.readouterr()
        assert ("MISMATCH: Table 2, MV0, patch, macs: printed 23.1, ours 0.0" in captured.err) is planted
    assert "4 of 4 to the printed digit" in captured.out.split("Table 1")[1]
    values = json.loads((tmp_path / "results.json").read_text())
    assert len(values["tables"]) == 8 and [row["macs"]["ours"] for row in values["figure_7b"]] == [7_000_000] * 4


def test_points_that_are_none_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "points.json"
    path.write_text("[[1, 2]]")
    with pytest.raises(cli.InputError, match=r'must hold {"MB2": \[\[bytes, macs\]'):
        command._points(path)


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
