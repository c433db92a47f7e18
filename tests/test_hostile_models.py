"""Damaged models through the whole command: a documented exit code and a one-line error, or a proved plan."""

import random
from pathlib import Path

import pytest

import verify.commands.plan as plan_main
from tests.tflite.test_hostile import MUTATIONS, tables
from verify.commands import cli
from verify.commands.check import load_plan
from verify.proof.check import check

MUTANTS = 60
SEEDS = ("tinymaix_mnist_resnet_q", "tinymaix_mnist_dw_q", "openmv_force_int_quant")


@pytest.mark.parametrize("name", SEEDS)
def test_mutants_end_in_an_error_or_in_a_proved_plan(
    models_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture, name: str
) -> None:
    original = (models_dir / "corpus" / f"{name}.tflite").read_bytes()
    places, model, plan = tables(original), tmp_path / "mutant.tflite", tmp_path / "plan.json"
    codes = []
    for seed in range(MUTANTS):
        rng = random.Random(f"{name} {seed}")
        mutant = bytearray(original)
        rng.choice(MUTATIONS)(rng, mutant, places)
        model.write_bytes(mutant)
        plan.unlink(missing_ok=True)
        codes.append(cli.guarded(lambda: plan_main.run([str(model), "-o", str(plan), "--json"])))
        error = capsys.readouterr().err
        if codes[-1] == cli.PROVED:
            graph = cli.load_model(model)
            found = load_plan(plan)
            assert check(cli.program_of(graph, found), found)[1] is not None, seed
        else:
            assert codes[-1] == cli.BAD_INPUT, seed
            assert error.startswith("error: ") and error.count("\n") == 1, seed
            assert not plan.exists(), seed
    assert {cli.PROVED, cli.BAD_INPUT} <= set(codes)
