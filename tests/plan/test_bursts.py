"""Full stages whose rows before strided windows are computed in bursts."""

import json
from pathlib import Path

import numpy as np
import pytest

from embedded.tools.firmware import build, run
from export.__main__ import write_folder
from export.c.emit import emit
from tests.random_models import Net
from verify.commands import check as check_command
from verify.commands import plan as plan_command
from verify.commands.check import random_inputs
from verify.graph.plan import InputMode
from verify.ops.regions import computed_macs
from verify.ops.row_phases import phasable, phased
from verify.plan import bursts
from verify.plan.bursts import fronts, searched
from verify.plan.request import Request
from verify.plan.search import Search, make_plan, pareto
from verify.proof.check import check
from verify.proof.evaluate import evaluate
from verify.tflite import read_model

ONCE = Request(once=True)


def blocks() -> Net:
    """An expansion before a strided window sets the peak; the layers behind it are small."""
    net = Net(6)
    x = net.conv(net.input(1, 26, 22, 2), 2, (3, 3), (1, 1), (1, 1))
    for wide, taps, stride, channels in ((20, 5, 2, 3), (12, 3, 1, 3), (9, 3, 2, 4)):
        expanded = net.conv(x, wide, (1, 1), (1, 1), (1, 1))
        x = net.conv(net.depthwise(expanded, (taps, taps), (stride, stride), (1, 1)), channels, (1, 1), (1, 1), (1, 1))
    net.dense(net.mean(x), 3)
    return net


def test_the_ring_holds_the_windows_rows_less_the_stride() -> None:
    """And one row's columns of each phase: 3 rows of 22 pixels where it was 4, nothing computed twice."""
    graph = blocks().graph()
    plain = make_plan(graph, ONCE)
    search, plan = searched(graph, ONCE)
    other = search.uses.graph
    assert plan.phased == (2,) and plan.arena_bytes < 0.92 * plain.arena_bytes
    assert sum(computed_macs(other, plan).values()) == sum(node.macs for node in graph.nodes)
    assert check(other, plan)[1] is not None
    (before,) = (buffer.pixels for buffer in plain.buffers if buffer.tensor == graph.by_index[2].inputs[0])
    after = [buffer.pixels for buffer in plan.buffers if buffer.tensor in other.by_index[2].inputs]
    assert 4 * 22 < before < 4.5 * 22 and 3 * 22 < sum(after) < 3.8 * 22


def test_a_front_has_phases_where_they_need_less() -> None:
    """No plan of the network as it is needs less of both than one of these, and the first ones need more."""
    graph = blocks().graph()
    plain, found = pareto(graph), fronts(graph)
    costs = [(sum(computed_macs(read, plan).values()), plan.sram_bytes) for read, plan in found]
    assert costs == sorted(costs) and [sram for _, sram in costs] == sorted({sram for _, sram in costs}, reverse=True)
    assert found[0][1].phased and all(check(read, plan)[1] is not None for read, plan in found)
    for plan in plain:
        macs = sum(computed_macs(graph, plan).values())
        assert any(other <= macs and sram <= plan.sram_bytes for other, sram in costs)
    assert costs[0][1] < plain[0].sram_bytes and costs[0][0] == sum(node.macs for node in graph.nodes)


def test_nothing_is_read_otherwise_where_that_gives_nothing() -> None:
    """Here a stage without strides is the fullest; with a budget that the plan fits, or for few instructions, nobody
    looks."""
    net = Net(6)
    x = net.conv(net.input(1, 20, 16, 2), 24, (1, 1), (1, 1), (1, 1))
    x = net.conv(net.depthwise(x, (7, 7), (1, 1), (1, 1)), 4, (1, 1), (1, 1), (1, 1))
    x = net.conv(
        net.depthwise(net.conv(x, 6, (1, 1), (1, 1), (1, 1)), (3, 3), (2, 2), (1, 1)), 3, (1, 1), (1, 1), (1, 1)
    )
    assert phasable(net.graph()) and searched(net.graph(), ONCE)[1] == make_plan(net.graph(), ONCE)
    graph = blocks().graph()
    for request in (Request(objective="instructions"), Request("layer"), Request(sram=1 << 20)):
        assert searched(graph, request)[1] == make_plan(graph, request)


def test_no_target_gives_up_its_instructions_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = blocks().graph()
    assert searched(graph, ONCE)[1].phased
    monkeypatch.setattr(bursts, "_features", lambda graph, operator, target: {frozenset(graph.phased)})
    assert not searched(graph, ONCE)[1].phased


@pytest.mark.parametrize("request_", [ONCE, Request(max_macs=1.03)])
def test_stages_that_are_known_are_those_that_would_be_found(request_: Request) -> None:
    graph = blocks().graph()
    search, plan = searched(graph, request_)
    again = Search(search.uses.graph, request_)
    found = again.below(Search(graph, request_).sought())
    assert plan.phased and found and again.finished(found) == plan


def result(proved, folder: Path, board: str) -> list[np.ndarray]:
    write_folder(folder / "gen", emit(proved))
    inputs = [array[None] for array in random_inputs(proved.graph, 3)]
    return run(build(folder / "gen", board, folder / "build", sanitize=board == "host"), inputs).outputs


@pytest.mark.parametrize("board", ["host", "mps2-an500"])
@pytest.mark.parametrize("request_", [ONCE, Request("stream", InputMode.WHOLE)])
def test_firmware_gives_the_models_bits(request_: Request, board: str, tmp_path: Path) -> None:
    graph = blocks().graph()
    other = phased(graph, phasable(graph))
    _, proved = check(other, make_plan(other, request_))
    assert proved is not None
    expected = evaluate(graph, random_inputs(graph, 3))
    for got, right in zip(result(proved, tmp_path, board), expected, strict=True):
        np.testing.assert_array_equal(got[0], right)


def test_commands_write_and_read_such_plans(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, file, folder = tmp_path / "blocks.tflite", tmp_path / "plan.json", tmp_path / "certificate"
    model.write_bytes(blocks().bytes())
    assert plan_command.run([str(model), "--once", "-o", str(file), "--certificate", str(folder)]) == 0
    assert "in bursts: the rows that op 2 reads" in capsys.readouterr().out
    assert json.loads(file.read_text())["phased"] == [2]
    assert check_command.run([str(model), str(file), "--replay", "--for-all"]) == 0
    plan = json.loads(file.read_text())
    file.write_text(json.dumps(plan | {"phased": [5]}))
    assert check_command.run([str(model), str(file)]) == 3
    assert read_model(model.read_bytes(), "blocks").phased == ()
