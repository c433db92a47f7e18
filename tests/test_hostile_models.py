"""Damaged and absurd models through the whole command: an exit code and one line of error, or a proved plan."""

import json
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import verify.commands.plan as plan_main
from tests.random_models import Net
from tests.tflite.test_hostile import MUTATIONS, tables
from verify.commands import cli
from verify.commands.check import load_plan
from verify.graph.tensor import Tensor
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
            _, graph, found = load_plan(plan, model)
            assert check(graph, found)[1] is not None, seed
        else:
            assert codes[-1] == cli.BAD_INPUT, seed
            assert error.startswith("error: ") and error.count("\n") == 1, seed
            assert not plan.exists(), seed
    assert {cli.PROVED, cli.BAD_INPUT} <= set(codes)


HUGE = 2**31 - 1


def conv(net: Net, x: Tensor, kernel: int = 3, stride: int = 1, dilation: int = 1) -> Tensor:
    return net.conv(x, 4, (kernel, kernel), (stride, stride), (dilation, dilation))


ABSURD = {
    "dilation 2^31 - 1": lambda net, x: conv(net, x, dilation=HUGE),
    "dilation 2^24": lambda net, x: conv(net, x, dilation=2**24),
    "a pool over 2^31 - 1 rows": lambda net, x: net.pool("AVERAGE_POOL_2D", x, (HUGE, 3), (1, 1)),
    "a pool over 2^24 columns": lambda net, x: net.pool("MAX_POOL_2D", x, (3, 2**24), (1, 1)),
    "2^17 rows of padding": lambda net, x: conv(net, net.pad(x, 2**16, 2**16, 0, 0), stride=2),
    "2^17 columns of padding": lambda net, x: conv(net, net.pad(x, 0, 0, 2**16, 2**16), stride=2),
}


def command(tmp_path: Path, build: Callable[[Net, Tensor], Tensor]) -> int:
    net = Net(1)
    net.dense(net.mean(build(net, net.input(1, 12, 10, 4))), 4)
    path = tmp_path / "model.tflite"
    path.write_bytes(net.bytes())
    return cli.guarded(lambda: plan_main.run([str(path), "--json"]))


@pytest.mark.parametrize("what", ABSURD)
def test_windows_far_beyond_their_image_are_refused_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture, what: str
) -> None:
    start = time.process_time()
    assert command(tmp_path, ABSURD[what]) == cli.BAD_INPUT
    assert time.process_time() - start < 2
    error = capsys.readouterr().err
    assert "at most 65536" in error and error.startswith("error: ") and error.count("\n") == 1


def test_strides_beyond_the_image_are_as_good_as_its_size(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert command(tmp_path, lambda net, x: conv(net, conv(net, conv(net, x, 3, HUGE), 3, HUGE), 3, HUGE)) == cli.PROVED
    huge = json.loads(capsys.readouterr().out)["sram_bytes"]
    assert command(tmp_path, lambda net, x: conv(net, conv(net, conv(net, x, 3, 12), 3, 1), 3, 1)) == cli.PROVED
    assert json.loads(capsys.readouterr().out)["sram_bytes"] == huge


def test_very_many_rows_take_seconds(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """The bound of live bytes looked at every tick of every row: minutes, and gigabytes."""
    net = Net(1)
    x = net.conv(net.input(1, 2**15, 1, 1), 2, (3, 1), (2, 1), (1, 1))
    net.dense(net.mean(net.conv(x, 2, (3, 1), (1, 1), (1, 1))), 4)
    path = tmp_path / "model.tflite"
    path.write_bytes(net.bytes())
    start = time.process_time()
    assert cli.guarded(lambda: plan_main.run([str(path), "--json"])) == cli.PROVED
    assert time.process_time() - start < 20
    value = json.loads(capsys.readouterr().out)
    assert 2**15 < value["lower_bound_bytes"] <= value["arena_bytes"] < 2**15 + 100
