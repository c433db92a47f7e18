"""The demonstration: its figures as text, and its steps where they can go another way."""

import copy
import dataclasses
import sys

import numpy as np
import pytest

from experiments.demo import report, run
from tests.embedded.firmware_harness import HOST_AND_M7
from verify.graph.sram import Sram
from verify.tflite import read_model

GOLDEN_MODEL = run.GOLDEN / "demo_model.tflite"

# As printed by `python -m verify.plan --json` and `python -m embedded.tools run --json`, fields in use only.
PLAN = {
    "input": "rows",
    "sram_bytes": Sram(arena=16640, history=0, state=12, scratch=0, stack=1024).as_dict(),
    "macs": 11578816,
    "macs_layerwise": 11578816,
    "layerwise_bytes": 97036,
    "lower_bound_bytes": 15040,
    "verdict": "proved",
    "claims": {"C1": "proved", "C2": "proved", "C3": "proved", "C4": "proved", "C5": "proved", "C7": "proved"},
    "seconds": 0.761,
}
FIRMWARE = {
    "title": "Arm Cortex-M7 (QEMU mps2-an500)",
    "options": "-O2",
    "sram_bytes": Sram(arena=16640, history=0, state=12, scratch=0, stack=464).as_dict(),
    "flash_bytes": {"code": 9876, "weights": 475546, "harness": 5432},
    "instructions": [123456789],
    "problems": [],
}
RESULT = run.Demonstration("mcunet-5fps_vww", 635968, PLAN, FIRMWARE, "TensorFlow Lite Micro (tflite_micro 1)", 2, 0)


def changed(**updates) -> run.Demonstration:
    """RESULT with some fields of its JSON objects replaced: plan={...}, firmware={...}."""
    merged = {name: copy.deepcopy(getattr(RESULT, name)) | values for name, values in updates.items()}
    return dataclasses.replace(RESULT, **merged)


def test_figures_stand_in_the_order_promised():
    text = report.text(RESULT)
    figures = ["97,036", "17,676", "16,640", "1,024", "11,578,816", "C1 cover", "C7 padding", "475,546", "9,876"]
    figures += ["123,456,789", "2 of 2 values bit for bit those of TensorFlow Lite Micro"]
    positions = [text.index(figure) for figure in figures]
    assert positions == sorted(positions)
    assert report.succeeded(RESULT)
    assert "FAILED" not in text


def test_plan_is_set_against_layerwise_and_lower_bound():
    text = report.text(RESULT)
    assert "18.2 % of layer-wise; the input arrives as rows" in text
    assert "live elements for this order: 15,040" in text
    assert "none computed twice" in text
    assert "1,000 more than layer-wise" in report.text(changed(plan={"macs": PLAN["macs"] + 1000}))


def test_every_claim_has_a_line_with_its_own_verdict():
    claims = PLAN["claims"] | {"C3": "refuted"}
    lines = report.text(changed(plan={"claims": claims})).splitlines()
    assert [line.split()[2] for line in lines if line.startswith("  C")] == [
        *["proved"] * 2,
        "refuted",
        *["proved"] * 3,
    ]


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (changed(plan={"verdict": "unknown"}), "FAILED: the plan is not proved: its verdict is unknown"),
        (changed(firmware={"problems": ["the stack is deep"]}), "FAILED: the stack is deep"),
        (dataclasses.replace(RESULT, different=1), "FAILED: 1 of 2 output values differ from TensorFlow Lite Micro"),
    ],
)
def test_each_failure_is_said_and_fails(result, message):
    assert message in report.text(result)
    assert not report.succeeded(result)


def test_counts_that_were_not_measured_are_no_numbers():
    """On the host there is neither an instruction count, nor a code size, nor a sum of working memory."""
    sram = Sram(arena=16640, history=0, state=None, scratch=0, stack=None).as_dict()
    host = {"instructions": None, "flash_bytes": {"code": None, "weights": 1, "harness": None}, "sram_bytes": sram}
    assert report.text(changed(firmware=host)).count("n/a") == 3


def test_third_party_model_is_taken_where_it_is(tmp_path, monkeypatch):
    model = tmp_path / run.ZOO_MODEL
    model.parent.mkdir()
    model.touch()
    monkeypatch.setenv("STJAX_MODELS", str(tmp_path))
    assert run.default_model(tmp_path, pytest.fail) == model


def test_own_model_is_made_where_there_is_no_other(tmp_path, monkeypatch):
    said, commands = [], []
    monkeypatch.setenv("STJAX_MODELS", str(tmp_path / "absent"))
    monkeypatch.setattr(run, "run_command", lambda *arguments: commands.append(arguments))
    made = run.default_model(tmp_path, said.append)
    assert commands == [("experiments.demo_model", "-o", str(made))]
    assert said == ["mcunet-5fps_vww.tflite is not here; making the project's own model"]


def test_committed_model_gets_its_golden_input_and_others_get_noise():
    contents = GOLDEN_MODEL.read_bytes()
    graph = read_model(contents, "demo_model")
    (golden,) = run.choose_inputs(contents, graph)
    np.testing.assert_array_equal(golden, np.load(run.GOLDEN / "demo_model.npz")["inputs"][0])
    (noise,) = run.choose_inputs(b"another", graph)
    assert (noise.shape, noise.dtype) == (golden.shape, golden.dtype)
    assert (noise.min(), noise.max()) == (-128, 127)


@pytest.fixture
def without_tflite_micro(monkeypatch):
    monkeypatch.setitem(sys.modules, "tflite_micro.python.tflite_micro", None)


@pytest.mark.usefixtures("without_tflite_micro")
def test_committed_outputs_are_the_reference_without_tflite_micro():
    contents = GOLDEN_MODEL.read_bytes()
    graph = read_model(contents, "demo_model")
    name, (output,) = run.reference_outputs(contents, graph, run.choose_inputs(contents, graph))
    assert name.startswith("the committed outputs of tflite_micro")
    np.testing.assert_array_equal(output, np.load(run.GOLDEN / "demo_model.npz")["outputs"][0])


@pytest.mark.usefixtures("without_tflite_micro")
def test_python_references_stand_in_and_give_the_committed_outputs(monkeypatch):
    contents = GOLDEN_MODEL.read_bytes()
    graph = read_model(contents, "demo_model")
    inputs = run.choose_inputs(contents, graph)
    monkeypatch.setattr(run, "is_golden", lambda contents: False)
    name, (output,) = run.reference_outputs(contents, graph, inputs)
    assert name == "the operators' Python references (tflite_micro is not installed)"
    np.testing.assert_array_equal(output, np.load(run.GOLDEN / "demo_model.npz")["outputs"][0])


def test_a_failing_command_is_named_with_its_status():
    with pytest.raises(run.StepError, match=r"python -m verify.plan absent.tflite ended with status 2"):
        run.run_command("verify.plan", "absent.tflite")


@pytest.mark.parametrize("board", HOST_AND_M7)
def test_committed_model_runs_as_proved_and_equals_the_reference(board, tmp_path):
    result = run.demonstrate(GOLDEN_MODEL, "128K", board, tmp_path, lambda step: None)
    assert report.problems(result) == []
    assert result.outputs == 10
    assert result.plan["sram_bytes"]["total"] < result.plan["layerwise_bytes"]
    assert (result.firmware["instructions"] is None) == (board == "host")
