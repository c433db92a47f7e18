"""Stages that do not pack into what they take alone are tried in other forms."""

import pytest

from tests.random_models import Net
from verify.ops.regions import computed_macs
from verify.plan import search
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check

BLOCKS = ((16, 3, 1, 2), (16, 5, 1, 3), (24, 3, 2, 4))
"""Channels of the expansion, taps, stride, channels of the result."""


def test_other_forms_of_full_stages_make_an_arena_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    net = Net(5)
    x = net.conv(net.input(1, 20, 16, 2), 2, (3, 3), (1, 1), (1, 1))
    for wide, taps, stride, channels in BLOCKS:
        expanded = net.conv(x, wide, (1, 1), (1, 1), (1, 1))
        x = net.conv(net.depthwise(expanded, (taps, taps), (stride, stride), (1, 1)), channels, (1, 1), (1, 1), (1, 1))
    net.dense(net.mean(x), 3)
    graph, request = net.graph(), Request(max_macs=1.1)
    plan = make_plan(graph, request)
    assert check(graph, plan)[1] is not None
    assert sum(computed_macs(graph, plan).values()) <= 1.1 * sum(node.macs for node in graph.nodes)
    monkeypatch.setattr(search, "REPACKED", 0)
    assert plan.arena_bytes < make_plan(graph, request).arena_bytes
