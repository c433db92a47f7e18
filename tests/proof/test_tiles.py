"""Tiles where no schedule of columns goes with them: their columns overwrite each other, and that is refuted."""

from dataclasses import replace

import pytest

from tests.random_models import Net
from verify.commands.check import replay_verdict
from verify.graph.plan import InputMode, Policy
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.proof.verdict import Refuted


@pytest.mark.parametrize("kernel", [(1, 1), (3, 3)])
def test_a_tile_of_a_stage_by_rows_is_refuted(kernel: tuple[int, int]) -> None:
    net = Net(0)
    x = net.conv(net.input(1, 24, 8, 4), 16, (1, 1), (1, 1), (1, 1))
    net.conv(x, 4, kernel, (1, 1), (1, 1))
    graph = net.graph()
    plan = make_plan(graph, Request("stream", InputMode.WHOLE))
    number = next(n for n, b in enumerate(plan.buffers) if b.policy is Policy.RING)
    tile = replace(plan.buffers[number], columns=3)
    fault = replace(plan, buffers=(*plan.buffers[:number], tile, *plan.buffers[number + 1 :]))
    report, proved = check(graph, fault)
    assert proved is None and isinstance(report.verdicts["C3"], Refuted)
    assert "column" in report.verdicts["C3"].counterexample
    assert replay_verdict(graph, graph, fault) != "equal"
