"""`verify.tflm` and its two aliases as their users meet them, and TFLM itself following a plan that we wrote."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

import verify.commands.check as check_main
import verify.commands.plan as plan_main
import verify.commands.tflm as tflm_main
from tests.test_cli import call
from tests.tflite.corpus import ZOO
from verify.commands import cli
from verify.tflite.schema import parse
from verify.tflm.arena_plan import ArenaPlan
from verify.tflm.execution import read_execution
from verify.tflm.metadata import read_arena_plan, write_arena_plan
from verify.tflm.plan import plan_arena

DEMO = Path(__file__).parent.parent / "data/demo_model.tflite"


def run_recorded(data: bytes, capfd: pytest.CaptureFixture) -> tuple[list[np.ndarray], int]:
    """Outputs of TFLM for one seeded input, and the bytes that it recorded as the arena's head (tensors, scratch)."""
    from tflite_micro.python.tflite_micro import runtime

    interpreter = runtime.Interpreter.from_bytes(data, arena_size=4 << 20)
    model = parse(data)
    for position in range(len(model.inputs)):
        shape = interpreter.get_input_details(position)["shape"]
        values = np.random.default_rng(position).integers(-128, 128, shape, np.int8)
        interpreter.set_input(values, position)
    interpreter.invoke()
    outputs = [interpreter.get_output(position) for position in range(len(model.outputs))]
    capfd.readouterr()
    interpreter.print_allocations()
    head = re.search(r"allocation head (\d+) bytes", capfd.readouterr().err)
    assert head is not None
    return outputs, int(head[1])


def emitted(path: Path, tmp_path: Path) -> bytes:
    out = tmp_path / "planned.tflite"
    assert call(tflm_main, path, "--emit", out) == cli.PROVED
    return out.read_bytes()


def test_tflm_follows_the_plan(tmp_path: Path, capfd: pytest.CaptureFixture) -> None:
    data = emitted(DEMO, tmp_path)
    expected, before = run_recorded(DEMO.read_bytes(), capfd)
    outputs, after = run_recorded(data, capfd)
    assert all(np.array_equal(a, b) for a, b in zip(expected, outputs, strict=True))
    assert after == before == 40_960  # TFLM's own planner reaches the bound on this model, too
    # A plan of the same bytes further up: were the metadata not used, the head would not grow.
    plan = read_arena_plan(data, parse(data))
    higher = ArenaPlan({key: None if offset is None else offset + 4096 for key, offset in plan.offsets.items()})
    moved, head = run_recorded(write_arena_plan(data, len(plan.offsets), higher), capfd)
    assert head == after + 4096
    assert all(np.array_equal(a, b) for a, b in zip(expected, moved, strict=True))


def test_a_refuted_plan_changes_what_tflm_computes(tmp_path: Path, capfd: pytest.CaptureFixture) -> None:
    """The checker's refutation is no formality: TFLM runs such a plan without a word."""
    data = emitted(DEMO, tmp_path)
    model = parse(data)
    plan = read_arena_plan(data, model)
    source, result = model.operators[1].inputs[0], model.operators[1].outputs[0]
    overlapping = ArenaPlan({**plan.offsets, result: plan.offsets[source]})
    path = tmp_path / "overlapping.tflite"
    path.write_bytes(write_arena_plan(data, len(model.tensors), overlapping))
    capfd.readouterr()
    assert call(tflm_main, path, "--json") == cli.NOT_PROVED
    value = json.loads(capfd.readouterr().out)
    assert value["claims"]["C3"] == value["claims"]["C4"] == "refuted"
    assert f"tensor {result} " in value["details"]["C3"]["counterexample"]
    expected, _ = run_recorded(DEMO.read_bytes(), capfd)
    outputs, _ = run_recorded(path.read_bytes(), capfd)
    assert not all(np.array_equal(a, b) for a, b in zip(expected, outputs, strict=True))


# Heads recorded by TFLM with its own planner, and with ours. Both reach the bound on the first model.
@pytest.mark.parametrize(
    ("name", "before", "after"),
    [("mcunet-10fps_imagenet", 87_040, 87_040), ("mcunet-320kb-1mb_imagenet", 416_832, 397_920)],
)
def test_zoo_models_give_the_same_bits_in_no_more_memory(
    name: str, before: int, after: int, models_dir: Path, tmp_path: Path, capfd: pytest.CaptureFixture
) -> None:
    path = models_dir / "mcunet_zoo" / f"{name}.tflite"
    expected, head = run_recorded(path.read_bytes(), capfd)
    outputs, planned = run_recorded(emitted(path, tmp_path), capfd)
    assert (head, planned) == (before, after)
    assert all(np.array_equal(a, b) for a, b in zip(expected, outputs, strict=True))


@pytest.mark.parametrize("name", ZOO)
def test_no_plan_of_a_zoo_model_could_end_lower(name: str, models_dir: Path) -> None:
    _, peak, bound = plan_arena(read_execution(parse((models_dir / "mcunet_zoo" / f"{name}.tflite").read_bytes())))
    assert peak == bound


def test_somebody_elses_plan_is_proved(models_dir: Path, capsys: pytest.CaptureFixture) -> None:
    path = models_dir / "corpus/cfu_hps_presence_320x240_int8.tflite"
    assert call(check_main, path, "--tflm", "--sram", 205_968, "--json") == cli.PROVED
    value = json.loads(capsys.readouterr().out)
    assert (value["head_bytes"], value["planned_tensors"], value["not_covered"]) == (205_968, 97, [])
    assert call(check_main, path, "--tflm", "--sram", 205_967) == cli.NOT_PROVED


def test_tables_name_claims_and_tensors(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    data = emitted(DEMO, tmp_path)
    text = capsys.readouterr().out
    assert (
        "22 tensors planned" in text
        and "wrote " in text
        and "which no plan of this order can undercut" in text
        and "C5 budget is not claimed" in text
    )
    plan = read_arena_plan(data, parse(data))
    first = next(key for key, offset in plan.offsets.items() if offset is not None)
    path = tmp_path / "partly.tflite"
    path.write_bytes(write_arena_plan(data, len(plan.offsets), ArenaPlan({**plan.offsets, first: None})))
    assert call(tflm_main, path, "--sram", "64K") == cli.NOT_PROVED
    text = " ".join(capsys.readouterr().out.split())
    assert "C5 budget unknown" in text and f"tensor {first} " in text and "unknown: " in text


def test_a_budget_that_is_too_small_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    out = tmp_path / "planned.tflite"
    assert call(plan_main, DEMO, "--emit-tflm", out, "--sram", 40_959, "--json") == cli.DOES_NOT_FIT
    assert json.loads(capsys.readouterr().out)["smallest_budget_bytes"] == 40_960
    assert call(tflm_main, DEMO, "--emit", out, "--sram", 40_959) == cli.DOES_NOT_FIT
    assert "nothing was written" in capsys.readouterr().out and not out.exists()
    assert call(plan_main, DEMO, "--emit-tflm", out, "--sram", 40_960) == cli.PROVED


def test_the_aliases_are_the_command(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    ours, alias = tmp_path / "ours.tflite", tmp_path / "alias.tflite"
    assert call(tflm_main, DEMO, "--emit", ours) == call(plan_main, DEMO, "--emit-tflm", alias) == cli.PROVED
    assert ours.read_bytes() == alias.read_bytes()
    capsys.readouterr()
    values = []
    for program, arguments in ((tflm_main, []), (check_main, ["--tflm"])):
        assert call(program, ours, *arguments, "--sram", "40K", "--json") == cli.PROVED
        values.append({**json.loads(capsys.readouterr().out), "proof_seconds": 0.0})
    assert values[0] == values[1]


@pytest.mark.parametrize(
    ("program", "arguments", "message"),
    [
        (tflm_main, [], "python -m verify.tflm MODEL.tflite --emit OUT.tflite"),
        (tflm_main, ["--emit", "/nowhere/a.tflite"], "there is no folder /nowhere"),
        (check_main, ["--tflm"], "no metadata OfflineMemoryAllocation"),
        (check_main, ["--tflm", "--certificate", "c"], "are for plans of ours"),
        (plan_main, ["--emit-tflm", "a.tflite", "--proofs"], "are for plans of ours"),
        (check_main, [], "give either PLAN.json, or --tflm"),
        (check_main, ["plan.json", "--tflm"], "give either PLAN.json, or --tflm"),
        (check_main, ["--tflm", "--replay"], "are about plans of ours"),
        (check_main, ["plan.json", "--sram", "1K"], "--sram goes with --tflm"),
        (plan_main, ["--emit-tflm", "a.tflite", "-o", "b.json"], "only --sram and --json go with it"),
        (plan_main, ["--emit-tflm", "a.tflite", "--scheme", "layer"], "only --sram and --json go with it"),
        (plan_main, ["--emit-tflm", "a.tflite", "--accounting", "streamnet"], "only --sram and --json go with it"),
        (plan_main, ["--emit-tflm", "/nowhere/a.tflite"], "there is no folder /nowhere"),
    ],
)
def test_what_cannot_be_meant_is_one_line_and_exit_2(
    program: object, arguments: list[str], message: str, capsys: pytest.CaptureFixture
) -> None:
    assert call(program, DEMO, *arguments) == cli.BAD_INPUT
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
