"""The make targets: run, help, sizes, and their messages."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from embedded.tools.board import board_names
from embedded.tools.samples import random_inputs
from embedded.tools.signature import signature_of
from tests.embedded.firmware_harness import (
    CORTEX_M7,
    HOST_AND_M7,
    ROOT,
    frames,
    make_run,
    needs_device,
    rows_model,
)
from tests.tiny_model import activation, build_model, run_tflm
from verify.ops.base import OperatorSource
from verify.tflite.read import read_model

DEMO = ROOT / "tests/data/demo_model"


@pytest.mark.parametrize("board", HOST_AND_M7)
def test_make_run(board, tmp_path):
    samples = frames(2)
    np.savez(tmp_path / "in.npz", in0=samples)
    files = [f"INPUT={tmp_path}/in.npz", f"OUTPUT={tmp_path}/out.npz"]
    result = make_run("GEN=tests/embedded/models/rows", f"BOARD={board}", *files)
    assert result.returncode == 0, result.stderr
    for line in (r"  arena +40 ", r"  static data +0 ", r"samples +2$", rf"board +{board}$"):
        assert re.search(line, result.stdout, re.MULTILINE), f"{line} is not in\n{result.stdout}"
    with np.load(tmp_path / "out.npz") as outputs:
        assert sorted(outputs.files) == ["out0", "out1"]
        assert np.array_equal(outputs["out0"], rows_model(samples)[0])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.npz", "out.npz"]


@needs_device
def test_make_run_prints_json_and_fails_on_a_problem(variant):
    gen = variant("rows", {"STACK_BYTES 1024": "STACK_BYTES 24", "SRAM_BYTES 1072": "SRAM_BYTES 72"})
    result = make_run(f"GEN={gen}", f"BOARD={CORTEX_M7}", "JSON=1", "SAMPLES=3", "PROFILE=1")
    assert result.returncode == 2  # make's own status for a failed recipe
    figures = json.loads(result.stdout)
    assert (figures["board"], figures["samples"], len(figures["instructions"])) == (CORTEX_M7, 3, 3)
    assert figures["sram_bytes"]["total"] == 48 + figures["sram_bytes"]["stack"]
    assert sum(figures["profile"].values()) == sum(figures["instructions"])
    assert len(figures["problems"]) == 2
    assert all(problem in result.stderr for problem in figures["problems"])


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (["BOARD=abacus"], 'unknown board "abacus": choose one of host'),
        (["SAMPLES=few"], "argument --samples: invalid int value: 'few'"),
        ([], r"which model\? Give MODEL="),
        (["MODEL=nowhere.tflite"], r"nowhere\.tflite does not exist"),
        (["GEN=tests/embedded/models/rows", "INPUT=nowhere.npz"], r"nowhere\.npz does not exist"),
        (["GEN=tests/embedded/models/rows", "OUTPUT=/nowhere/out.npz"], r"output file .*: there is no folder /nowhere"),
        (["GEN=tests/embedded/models/rows", "OUTPUT=out.txt"], r"out\.txt must end in \.npz"),
        (["GEN=tests/embedded/models/rows", "SAMPLES=0"], r"samples \(=0\) must be at least 1"),
        ([f"MODEL={DEMO}.tflite", "SRAM=2K"], "does not fit"),
        ([f"MODEL={DEMO}.tflite", "PLAN=README.md"], r"README\.md"),
    ],
)
def test_make_run_says_what_is_wrong(variables, message):
    """On standard error, and as JSON with the exit code that `python -m embedded.tools` has; make's own is always 2."""
    result = make_run(*variables, "JSON=1")
    assert result.returncode == 2
    assert re.search(message, result.stderr), result.stderr
    error = json.loads(result.stdout)["error"]
    assert re.search(message, error["message"])
    assert error["kind"] in ("arguments", "firmware", "input", "plan")
    assert f"Error {error['exit_code']}" in result.stderr


@pytest.mark.parametrize("variables", [["BOARD=abacus"], [f"MODEL={DEMO}.tflite", "SRAM=2K"]])
def test_without_json_there_is_nothing_on_standard_output(variables):
    result = make_run(*variables)
    assert (result.returncode, result.stdout) == (2, "")
    assert "unknown board" in result.stderr or "does not fit" in result.stderr


def test_make_help_lists_targets_and_boards():
    result = subprocess.run(
        ["make", "-s", "-C", "embedded", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for word in ("make run", "make build", "make sizes", "make clean", "MODEL", "PROFILE", *board_names()):
        assert word in result.stdout


@pytest.mark.parametrize("board", HOST_AND_M7)
def test_a_model_file_runs(board, tmp_path):
    """Planned, proved, exported, compiled, run; outputs are those that TFLM gave."""
    with np.load(DEMO.with_suffix(".npz")) as golden:
        inputs, outputs = golden["inputs"], golden["outputs"]
    np.savez(tmp_path / "in.npz", in0=inputs)
    files = [f"MODEL={DEMO}.tflite", f"INPUT={tmp_path}/in.npz", f"OUTPUT={tmp_path}/out.npz"]
    result = make_run(*files, f"BOARD={board}", "SRAM=64K", "SCHEME=stream", "JSON=1")
    assert result.returncode == 0, result.stderr
    with np.load(tmp_path / "out.npz") as archive:
        assert np.array_equal(archive["out0"], outputs)
    figures = json.loads(result.stdout)
    assert (figures["samples"], figures["scheme"]) == (len(inputs), "stream")
    assert re.fullmatch("[0-9a-f]{64}", figures["plan_sha256"])
    assert figures["sram_bytes"]["arena"] == figures["proved"]["sram_bytes"]["arena"] < 64 * 1024


@pytest.mark.parametrize("feed", ["rows", "patches", "whole"])
def test_two_inputs(feed, tmp_path):
    """Sizes that are no multiple of eight, so that the second input is not aligned in the file."""
    a, b, c = (activation(k, (1, 3, 5, 3), scale) for k, scale in enumerate((0.5, 0.25, 0.75)))
    model = build_model([OperatorSource("ADD", (a, b), (c,), {"fused_activation_function": "NONE"})])
    (tmp_path / "add.tflite").write_bytes(model)
    signature = signature_of(read_model(model, "add"))
    inputs = random_inputs(signature.inputs, 3, seed=5)
    np.savez(tmp_path / "in.npz", in0=inputs[0], in1=inputs[1])
    files = [f"MODEL={tmp_path}/add.tflite", f"INPUT={tmp_path}/in.npz", f"OUTPUT={tmp_path}/out.npz"]
    result = make_run(*files, f"FEED={feed}", "SANITIZE=1")
    assert result.returncode == 0, result.stderr
    with np.load(tmp_path / "out.npz") as archive:
        for sample in range(3):
            assert np.array_equal(archive["out0"][sample], run_tflm(model, [x[sample] for x in inputs])[0])


def test_wrong_inputs_are_found_before_the_search_for_a_plan(tmp_path):
    np.savez(tmp_path / "in.npz", in0=np.zeros((1, 64, 64, 3), np.int8))
    result = make_run(f"MODEL={DEMO}.tflite", f"INPUT={tmp_path}/in.npz")
    assert result.returncode != 0
    assert result.stderr.startswith("error: in0 has shape [1, 64, 64, 3], which is one sample")


@pytest.fixture
def awkward(tmp_path):
    """A folder with a blank, an apostrophe and signs that mean something to make or to a shell."""
    folder = tmp_path / "it's a (b), #1"
    folder.mkdir()
    return folder


def test_paths_of_any_kind(awkward):
    """Model, plan, input, output and generated folder, relative to where make is called and absolute."""
    with np.load(DEMO.with_suffix(".npz")) as golden:
        np.savez(awkward / "the input.npz", in0=golden["inputs"])
        expected = golden["outputs"]
    shutil.copy(DEMO.with_suffix(".tflite"), awkward / "the model.tflite")
    plan = awkward / "the plan.json"
    command = [sys.executable, "-m", "verify.plan", awkward / "the model.tflite", "--scheme", "layer", "-o", plan]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    files = {"MODEL": "the model.tflite", "PLAN": plan, "INPUT": "the input.npz", "OUTPUT": awkward / "the output.npz"}
    result = make_run(*(f"{name}={path}" for name, path in files.items()), place=awkward)
    assert result.returncode == 0, result.stderr
    with np.load(awkward / "the output.npz") as archive:
        assert np.array_equal(archive["out0"], expected)


@needs_device
def test_a_checkout_in_any_place(awkward):
    for package in ("embedded", "verify", "export"):
        ignored = shutil.ignore_patterns("build", "__pycache__")
        shutil.copytree(ROOT / package, awkward / package, ignore=ignored)
    result = make_run(f"MODEL={DEMO}.tflite", f"BOARD={CORTEX_M7}", "SCHEME=layer", "JSON=1", root=awkward)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["problems"] == []
    assert (awkward / "embedded/build" / CORTEX_M7).is_dir()


def test_make_sizes_lists_every_kernel():
    command = ["make", "-s", "-C", "embedded", "sizes", f"PYTHON={sys.executable}"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    lines = result.stdout.splitlines()
    kernels = sorted(path.stem for path in (ROOT / "embedded/kernels").glob("*.c"))
    assert [line.split()[0] for line in lines] == ["kernel", *kernels, "all"]


def test_an_exported_folder_runs_with_the_kernels_of_this_tree(tmp_path):
    """It has kernels and a program of its own, which would be there twice."""
    plan, folder = tmp_path / "plan.json", tmp_path / "folder"
    for command in (["verify.plan", DEMO, "-o", plan], ["export", DEMO, "--plan", plan, "-o", folder]):
        words = [f"{DEMO}.tflite" if word is DEMO else str(word) for word in command]
        subprocess.run([sys.executable, "-m", *words], cwd=ROOT, check=True, capture_output=True)
    result = make_run(f"GEN={folder}", "JSON=1")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["problems"] == []


def test_project_plans_and_exports_for_a_boards_tools(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    result = make_run(f"MODEL={DEMO}.tflite", "KIND=arduino", f"OUTPUT={folder}", target="project")
    assert result.returncode == 0, result.stderr
    assert (folder / "library.properties").exists() and (tmp_path / "StjModel.zip").exists()
    unknown = make_run(f"MODEL={DEMO}.tflite", "KIND=keil", f"OUTPUT={folder}", target="project")
    assert unknown.returncode != 0 and "invalid choice: 'keil'" in unknown.stderr
    nowhere = make_run(f"MODEL={DEMO}.tflite", target="project")
    assert nowhere.returncode != 0 and "OUTPUT=folder" in nowhere.stderr
    missing = make_run("MODEL=none.tflite", f"OUTPUT={folder}", target="project")
    assert missing.returncode != 0 and "none.tflite does not exist" in missing.stderr
