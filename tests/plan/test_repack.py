"""Stages that do not pack into what they take alone: other forms, and others that move less, are tried."""

import pytest

from tests.random_models import Net
from verify.graph.plan import InputMode
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


def test_a_chain_of_whole_tensors_does_not_drift_through_the_arena(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each result lies below its operand, by the rows that are still read: operators by themselves add that up."""
    net = Net(7)
    x = net.input(1, 25, 5, 16)
    for _ in range(5):
        x = net.conv(net.depthwise(x, (3, 3), (1, 1), (1, 1)), 16, (1, 1), (1, 1), (1, 1))
    net.dense(net.mean(x), 3)
    graph, request = net.graph(), Request(mode=InputMode.WHOLE)
    plan = make_plan(graph, request)
    assert check(graph, plan)[1] is not None
    monkeypatch.setattr(search, "STEADIED", 0)
    drifting = make_plan(graph, request)
    bound = search.Search(graph, request).bound()
    assert bound is not None and plan.arena_bytes <= 1.15 * bound < drifting.arena_bytes
