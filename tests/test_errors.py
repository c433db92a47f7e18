"""How commands end that cannot do what was asked: one line, the same in JSON where that was asked for, and a code."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import export.__main__ as export_main
from verify.commands import check, cli, errors, ops, plan, recheck, tflm
from verify.graph.plan_json import plan_from_json, plan_to_json

DEMO = Path(__file__).parent / "data" / "demo_model.tflite"
Run = Callable[[list[str]], int]


def ended(run: Run, arguments: list[str], capsys: pytest.CaptureFixture) -> tuple[int, str, str]:
    code = cli.command(run, arguments)
    printed = capsys.readouterr()
    return code, printed.out, printed.err


CASES = [
    (plan.run, ["nowhere.tflite"], "input", "nowhere.tflite: No such file or directory"),
    (plan.run, [str(DEMO), "--sram", "x"], "arguments", "'x' is not a size"),
    (plan.run, [str(DEMO), "--sram", "9999999999G"], "arguments", "is more than any plan speaks of"),
    (plan.run, [], "arguments", "MODEL.tflite"),
    (plan.run, [str(DEMO), "--frobnicate"], "arguments", "--frobnicate"),
    (plan.run, [str(DEMO), "--pareto", "--scheme", "layer"], "input", "--pareto"),
    (plan.run, [str(DEMO), "--time", "frame"], "input", "no program per frame"),
    (plan.run, [str(DEMO), "-o", str(DEMO.parent)], "input", "is a folder"),
    (plan.run, ["two\nlines.tflite"], "input", "two\\nlines.tflite"),
    (check.run, [str(DEMO), str(DEMO)], "input", "demo_model.tflite: "),
    (check.run, [str(DEMO)], "input", "give either PLAN.json"),
    (check.run, [str(DEMO), "plan.json", "--timeout", "nan"], "arguments", "number of seconds"),
    (recheck.run, ["nowhere"], "input", "No such file or directory"),
    (recheck.run, ["nowhere", "--timeout", "inf"], "arguments", "number of seconds"),
    (ops.run, ["nowhere.tflite"], "input", "No such file or directory"),
    (ops.run, [str(DEMO), "--subgraph", "7"], "input", "demo_model.tflite: "),
    (tflm.run, [str(DEMO)], "input", "OfflineMemoryAllocation"),
    (export_main.run, [str(DEMO), "--plan", "nowhere.json", "-o", "out"], "input", "nowhere.json"),
    (export_main.run, [str(DEMO)], "arguments", "--plan"),
]


@pytest.mark.parametrize(("run", "arguments", "kind", "message"), CASES)
def test_bad_input_is_one_line_and_the_same_in_json(
    run: Run, arguments: list[str], kind: str, message: str, capsys: pytest.CaptureFixture
) -> None:
    code, out, line = ended(run, arguments, capsys)
    assert (code, out) == (cli.BAD_INPUT, "")
    assert line.startswith("error: ") and message in line and line.count("\n") == 1
    code, out, again = ended(run, [*arguments, "--json"], capsys)
    error = json.loads(out)["error"]
    assert (code, again) == (cli.BAD_INPUT, line)
    assert (error["kind"], error["exit_code"]) == (kind, cli.BAD_INPUT)
    assert errors.on_one_line(error["message"]) == line.removeprefix("error: ").rstrip("\n")


def test_what_is_written_and_what_is_not_proved_are_objects_too(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    path, folder = tmp_path / "plan.json", tmp_path / "gen"
    assert ended(plan.run, [str(DEMO), "-o", str(path)], capsys)[0] == cli.PROVED
    arguments = [str(DEMO), "--plan", str(path), "-o", str(folder), "--json"]
    code, out, _ = ended(export_main.run, [*arguments, "--certificate", str(tmp_path / "cert")], capsys)
    value = json.loads(out)
    assert (code, value["verdict"]) == (cli.PROVED, "proved")
    assert {name: (folder / name).stat().st_size for name in value["files"]} == value["files"]
    code, out, _ = ended(recheck.run, [str(tmp_path / "cert"), "--json"], capsys)
    value = json.loads(out)
    assert (code, value["verdict"], value["wrong"]) == (recheck.SOUND, "sound", [])
    assert all(claim["unsatisfiable"] == claim["of"] for claim in value["claims"].values())
    plan_text = plan_to_json(replace(plan_from_json(path.read_text()), arena_bytes=8))
    path.write_text(plan_text)
    code, out, line = ended(export_main.run, arguments, capsys)
    error = json.loads(out)["error"]
    assert (code, error["kind"], error["exit_code"]) == (cli.NOT_PROVED, "not proved", cli.NOT_PROVED)
    assert "is refuted for this model" in error["message"] and line == f"error: {error['message']}\n"


def broken(_: list[str]) -> int:
    raise IndexError("a fault\nof ours")


def test_a_fault_of_the_program_says_that_nothing_is_known(
    capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 1 would say that the model does not fit."""
    code, out, line = ended(broken, ["--js"], capsys)
    error = json.loads(out)["error"]
    assert (code, error["kind"], error["exit_code"]) == (cli.NOT_PROVED, "internal", cli.NOT_PROVED)
    assert line.count("\n") == 1 and "IndexError: a fault\\nof ours at test_errors.py:" in line
    monkeypatch.setenv(errors.TRACEBACK, "1")
    with pytest.raises(IndexError):
        cli.command(broken, [])


def interrupted(_: list[str]) -> int:
    raise KeyboardInterrupt


def test_an_interruption_is_one_too(capsys: pytest.CaptureFixture) -> None:
    code, out, _ = ended(interrupted, ["--json"], capsys)
    assert code == json.loads(out)["error"]["exit_code"] == 130


@pytest.mark.parametrize(
    "module", ["verify.plan", "verify.check", "verify.ops", "verify.recheck", "verify.tflm", "export"]
)
def test_the_commands_themselves_end_so(module: str) -> None:
    result = subprocess.run([sys.executable, "-m", module, "--json"], capture_output=True, text=True, check=False)
    assert result.returncode == cli.BAD_INPUT and json.loads(result.stdout)["error"]["kind"] == "arguments"
    assert result.stderr.startswith("error: ") and result.stderr.count("\n") == 1
