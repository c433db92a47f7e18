"""The command-line programs as their users meet them: exit codes, messages, files written or not."""

import json
import os
from itertools import pairwise
from pathlib import Path

import pytest

import export.__main__ as export_main
import verify.commands.check as check_main
import verify.commands.plan as plan_main
from tests.random_models import Net
from verify.commands import cli
from verify.graph.plan import InputMode
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.report.accounting import msf_cnn, streamnet
from verify.report.names import gap


@pytest.fixture
def model(tmp_path: Path) -> Path:
    net = Net(3)
    x = net.conv(net.input(1, 20, 6, 3), 8, (3, 3), (1, 1), (1, 1))
    x = net.conv(x, 2, (3, 3), (2, 2), (1, 1))
    net.dense(net.mean(x), 4)
    path = tmp_path / "small.tflite"
    path.write_bytes(net.bytes())
    return path


def call(program: object, *arguments: object) -> int:
    return cli.command(program.run, [str(argument) for argument in arguments])  # type: ignore[attr-defined]


def test_a_plan_is_proved_written_checked_and_exported(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    plan = tmp_path / "plan.json"
    assert call(plan_main, model, "--sram", "8K", "-o", plan, "--json") == cli.PROVED
    value = json.loads(capsys.readouterr().out)
    assert value["verdict"] == "proved"
    assert value["claims"] == dict.fromkeys(("C1", "C2", "C3", "C4", "C5", "C6", "C7"), "proved")
    sram = value["sram_bytes"]
    assert sram["total"] == sram["arena"] + sram["state"] + sram["stack"] <= 8192
    assert value["macs"] == value["macs_layerwise"] > 0
    assert value["lower_bound_bytes"] <= sram["arena"] < value["layerwise_bytes"]
    assert call(check_main, model, plan, "--replay", "--json") == cli.PROVED
    assert json.loads(capsys.readouterr().out)["replay"] == "equal"
    assert call(export_main, model, "--plan", plan, "-o", tmp_path / "gen") == cli.PROVED
    header = (tmp_path / "gen" / "stj_model.h").read_text()
    assert f"#define STJ_MODEL_ARENA_BYTES {sram['arena']}" in header
    assert f"#define STJ_MODEL_SRAM_BYTES {sram['total']}" in header
    assert "malloc" not in "".join(path.read_text() for path in (tmp_path / "gen").glob("*.[ch]"))


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    """A network whose first results are worth computing again: cheap expansions, wide windows behind them."""
    net = Net(2)
    x = net.conv(net.input(1, 32, 24, 3), 4, (3, 3), (2, 2), (1, 1))
    for _ in range(2):
        x = net.depthwise(net.conv(x, 24, (1, 1), (1, 1), (1, 1)), (5, 5), (1, 1), (1, 1))
        x = net.conv(x, 4, (1, 1), (1, 1), (1, 1))
    net.dense(net.mean(x), 3)
    path = tmp_path / "wide.tflite"
    path.write_bytes(net.bytes())
    return path


def test_more_macs_buy_less_sram(wide: Path, capsys: pytest.CaptureFixture) -> None:
    values = []
    for more in ([], ["--max-macs", "1.5x"], ["--max-macs", "1.5"]):
        assert call(plan_main, wide, "--json", *more) == cli.PROVED
        values.append(json.loads(capsys.readouterr().out))
    plain, less, same = values
    assert plain["macs"] == plain["macs_layerwise"] < less["macs"] <= 1.5 * less["macs_layerwise"]
    assert less["arena_bytes"] < plain["arena_bytes"]
    assert less["arena_bytes"] == same["arena_bytes"] >= less["lower_bound_bytes"]


def test_the_front_is_proved_written_and_shown(wide: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    folder, page = tmp_path / "front", tmp_path / "page.html"
    assert call(plan_main, wide, "--pareto", "-o", folder, "--report", page, "--json") == cli.PROVED
    values = json.loads(capsys.readouterr().out)
    assert len(values) > 1 and values[0]["macs_ratio"] == 1
    assert all(a["macs"] < b["macs"] for a, b in pairwise(values))
    assert all(a["sram_bytes"]["total"] > b["sram_bytes"]["total"] for a, b in pairwise(values))
    assert sorted(path.name for path in folder.iterdir()) == [f"plan-{k}.json" for k in range(1, len(values) + 1)]
    for value in values:
        assert value["proof"] == "proved" and value["lower_bound_bytes"] <= value["arena_bytes"]
        assert call(check_main, wide, value["file"], "--replay", "--json") == cli.PROVED
        assert json.loads(capsys.readouterr().out)["replay"] == "equal"
    text = page.read_text()
    assert all(f"plan {k}" in text for k in range(1, len(values))) and "this plan" in text
    assert call(plan_main, wide, "--pareto") == cli.PROVED
    table = capsys.readouterr().out
    for value in values:
        assert f"{value['macs']:,}" in table and f"{value['sram_bytes']['total']:,}" in table


def test_searches_that_contradict_each_other_are_refused(model: Path, capsys: pytest.CaptureFixture) -> None:
    assert call(plan_main, model, "--pareto", "--sram", "8K") == cli.BAD_INPUT
    assert "--sram is for a single one" in capsys.readouterr().err
    assert call(plan_main, model, "--max-macs", "2x", "--scheme", "stream") == cli.BAD_INPUT
    assert "are for --scheme auto, not for stream" in capsys.readouterr().err
    assert call(plan_main, model, "--max-macs", "2x", "--once") == cli.BAD_INPUT
    assert "--once computes nothing twice" in capsys.readouterr().err
    assert call(plan_main, model, "--pareto", "-o", model) == cli.BAD_INPUT
    assert "it is a folder for the plans" in capsys.readouterr().err
    for wrong in ("0.9x", "nan", "1.1y", "1e3"):
        assert call(plan_main, model, "--max-macs", wrong) == cli.BAD_INPUT
        assert "is not a multiple of the layer-wise MACs" in capsys.readouterr().err


def test_optimal_is_said_where_the_arena_meets_its_bound_and_only_there() -> None:
    assert [gap(96, 96), gap(104, 96), gap(8, 0)] == ["optimal", "8.3% above", "above"]


def test_pages_and_maps_are_written_whatever_the_verdict(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    page, drawing, plan = tmp_path / "page.html", tmp_path / "map.svg", tmp_path / "plan.json"
    points = tmp_path / "points.csv"
    points.write_text("label,sram_bytes,macs,group\nStreamNet-2D,5000,123456,StreamNet\n")
    assert call(plan_main, model, "--report", page, "--plot", drawing, "--points", points, "-o", plan) == cli.PROVED
    text = page.read_text()
    assert f"python -m verify.plan {model} --report {page}" in text and "StreamNet-2D" in text
    assert f"wrote {drawing}" in capsys.readouterr().out and drawing.read_text().startswith("<svg")
    assert call(plan_main, model, "--sram", "600", "--report", page) == cli.DOES_NOT_FIT
    assert "does not fit 600 bytes: the least SRAM found is" in page.read_text()
    value = json.loads(plan.read_text())
    value["arena_bytes"] -= 8
    plan.write_text(json.dumps(value))
    assert call(check_main, model, plan, "--report", page, "--plot", drawing) == cli.NOT_PROVED
    assert '<span class="verdict refuted" id="verdict">' in page.read_text()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n", "the first line must be label,sram_bytes,macs,group"),
        ("label,sram_bytes,macs,group\nx,1\n", "line 2: a point has 4 columns"),
        ("label,sram_bytes,macs,group\nx,1K,2,y\n", "line 2, sram_bytes: '1K' is not a whole number"),
    ],
)
def test_points_that_are_none(
    content: str, message: str, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    points = tmp_path / "points.csv"
    points.write_text(content)
    assert call(plan_main, model, "--points", points, "--report", tmp_path / "page.html") == cli.BAD_INPUT
    assert message in capsys.readouterr().err and not (tmp_path / "page.html").exists()
    assert call(plan_main, model, "--points", points) == cli.BAD_INPUT
    assert "give --report as well" in capsys.readouterr().err


def test_a_map_of_a_kind_that_is_not_made(model: Path, capsys: pytest.CaptureFixture) -> None:
    assert call(plan_main, model, "--plot", "map.gif") == cli.BAD_INPUT
    assert "must end in .svg or .png" in capsys.readouterr().err


def test_tables_name_the_figures_and_every_claim(model: Path, capsys: pytest.CaptureFixture) -> None:
    assert call(plan_main, model) == cli.PROVED
    text = capsys.readouterr().out
    for part in ("layer by layer", "this plan", "lower bound", "MACs", "C1 cover", "C7 padding", "proved: "):
        assert part in text


def test_too_little_sram_names_the_least_budget_and_the_operator(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    plan = tmp_path / "plan.json"
    assert call(plan_main, model, "--sram", "600", "-o", plan, "--json") == cli.DOES_NOT_FIT
    value = json.loads(capsys.readouterr().out)
    assert value["verdict"] == "does not fit"
    assert not plan.exists()
    least = value["smallest_budget_bytes"]
    assert "(CONV_2D)" in value["peak"]["label"]
    assert call(plan_main, model, "--sram", least, "-o", plan) == cli.PROVED
    assert call(plan_main, model, "--sram", least - 1, "-o", plan) == cli.DOES_NOT_FIT
    assert "the least SRAM found" in capsys.readouterr().out


def test_too_little_flash_does_not_fit_either(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """What is reported as the least budget is proved; of two budgets that are too small, flash is named."""
    plan = tmp_path / "plan.json"
    assert call(plan_main, model, "--flash", "64", "--sram", "600", "-o", plan, "--json") == cli.DOES_NOT_FIT
    value = json.loads(capsys.readouterr().out)
    assert (value["verdict"], value["memory"], value["proof"]) == ("does not fit", "flash", "proved")
    assert not plan.exists()
    least = value["smallest_budget_bytes"]
    assert least == value["flash_bytes"]["weights"]
    assert call(plan_main, model, "--flash", least, "-o", plan) == cli.PROVED
    assert call(plan_main, model, "--flash", least - 1, "-o", plan) == cli.DOES_NOT_FIT
    assert f"weights and parameters take {least:,}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "broken.tflite"), (b"TFL3" * 9, "broken.tflite"), (b"\x1c\0\0\0TFL3" + b"\xff" * 64, "broken.tflite")],
)
def test_a_broken_model_is_one_line_and_exit_2(
    content: bytes, message: str, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    path = tmp_path / "broken.tflite"
    path.write_bytes(content)
    assert call(plan_main, path, "-o", tmp_path / "plan.json") == cli.BAD_INPUT
    error = capsys.readouterr().err
    assert error.startswith("error: ") and message in error and error.count("\n") == 1
    assert not (tmp_path / "plan.json").exists()


def test_a_missing_file_is_exit_2(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert call(plan_main, tmp_path / "absent.tflite") == cli.BAD_INPUT
    assert "No such file" in capsys.readouterr().err


def test_a_tampered_plan_is_refuted_and_not_exported(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    path = tmp_path / "plan.json"
    call(plan_main, model, "-o", path)
    plan = json.loads(path.read_text())
    plan["buffers"][0]["offset"] = plan["buffers"][1]["offset"]
    path.write_text(json.dumps(plan))
    assert call(check_main, model, path) == cli.NOT_PROVED
    assert "also belongs to" in "".join(capsys.readouterr().out.split("\n"))
    assert call(export_main, model, "--plan", path, "-o", tmp_path / "gen") == cli.NOT_PROVED
    assert "nothing was written" in capsys.readouterr().err
    assert not (tmp_path / "gen").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: p.pop("stages"), "plan.stages is missing"),
        (lambda p: p.update(version=99), "version is 99"),
        (lambda p: p.update(extra=1), "unknown key 'extra'"),
        (lambda p: p["buffers"][0].update(rows="3"), "plan.buffers[0].rows must be an integer"),
        (lambda p: p["stages"][0].update(ticks=0), "plan.stages[0].ticks must be an integer in [1"),
        (lambda p: p["stages"][0]["firings"][0].update(schedule=[1, 0, 0]), "period and grain >= 1"),
        (lambda p: p["stages"][0]["firings"][0].update(schedule=[1, 1, 0, 0]), "period and grain >= 1"),
        (lambda p: p["stages"][0]["firings"][0].update(schedule=[1, 1, 0, 1, 1]), "a list of 3 or 4 integers"),
        (lambda p: p["buffers"][0].update(policy="round"), "not one of its values"),
    ],
)
def test_a_malformed_plan_is_exit_2_and_names_the_field(
    change: object, message: str, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    path = tmp_path / "plan.json"
    call(plan_main, model, "-o", path)
    plan = json.loads(path.read_text())
    change(plan)  # type: ignore[operator]
    path.write_text(json.dumps(plan))
    assert call(check_main, model, path) == cli.BAD_INPUT
    assert message in capsys.readouterr().err


def test_a_key_written_twice_is_refused(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """A reader of the file sees the first, a reader of JSON the last."""
    path = tmp_path / "plan.json"
    call(plan_main, model, "-o", path)
    path.write_text(path.read_text().replace('"arena_bytes"', '"arena_bytes": 1, "arena_bytes"', 1))
    capsys.readouterr()
    assert call(check_main, model, path) == cli.BAD_INPUT
    assert "has the key 'arena_bytes' twice" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "plan.json"
    path.write_text("old")
    real = os.fdopen

    def full(handle: int, mode: str) -> object:
        os.close(handle)
        return real(os.open("/dev/full", os.O_WRONLY), mode)

    monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(cli.InputError, match="No space left on device; nothing was written"):
        cli.write_beside(path, "new" * 10_000)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["plan.json"]


@pytest.mark.parametrize(("text", "value"), [("131072", 131072), ("128K", 131072), ("1m", 2**20), ("2KiB", 2048)])
def test_sizes(text: str, value: int) -> None:
    assert cli.size(text) == value


def test_help_explains_the_choices(capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit):
        plan_main.parse(["--help"])
    text = capsys.readouterr().out
    for part in ("--sram", "128K", "exit codes", "rows     ", "stream  "):
        assert part in text


@pytest.mark.parametrize("convention", ["streamnet", "msf-cnn"])
def test_a_plan_is_also_reported_in_a_papers_accounting(
    model: Path, capsys: pytest.CaptureFixture, convention: str
) -> None:
    for arrival in InputMode:
        call(plan_main, model, "--accounting", convention, "--input", arrival.value, "--json")
        value = json.loads(capsys.readouterr().out)
        sram, accounted = value["sram_bytes"], value["accounting"]
        assert accounted["convention"] == convention
        assert accounted["total"] + sum(accounted["left_out"].values()) == sram["total"]
        assert 0 < accounted["in_use"] <= accounted["total"] <= sram["arena"]
    call(plan_main, model, "--accounting", convention)
    text = capsys.readouterr().out
    assert "left out" in text and "in use at once" in text
    call(plan_main, model, "--json")
    assert "accounting" not in json.loads(capsys.readouterr().out)


def test_accounting_leaves_out_what_nothing_else_lies_in() -> None:
    net = Net(3)
    net.conv(net.conv(net.input(1, 8, 8, 2), 4, (1, 1), (1, 1), (1, 1)), 2, (1, 1), (1, 1), (1, 1))
    graph = net.graph()
    plan = make_plan(graph, Request("layer", InputMode.WHOLE))
    # Input and final output share the lower 128 bytes or lie on both sides of the 256 between them.
    assert plan.arena_bytes == 128 + 256
    image, ends = streamnet(graph, plan), msf_cnn(graph, plan)
    assert image.in_use == 256 + 128 and image.left_out["image"] == 0
    assert (ends.total, ends.in_use, ends.left_out["input, output and kernel scratch"]) == (256, 256, 128)
