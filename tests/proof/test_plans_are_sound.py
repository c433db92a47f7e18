"""The planner, the prover, the replay and the firmware agree on random networks: legal plans are proved and exact."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.random_models import Net, networks
from verify.commands.check import random_inputs
from verify.graph.plan import InputMode
from verify.graph.plan_json import plan_from_json, plan_to_json
from verify.plan.bound import live_bytes_bound
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.plan.uses import Uses
from verify.proof.check import check
from verify.proof.evaluate import evaluate
from verify.proof.replay import replay


@settings(max_examples=60, deadline=None)
@given(networks(), st.sampled_from(InputMode), st.sampled_from(["layer", "stream", "auto"]))
def test_every_plan_is_proved_and_replays_exactly(net: Net, mode: InputMode, scheme: str) -> None:
    graph = net.graph()
    plan = make_plan(graph, Request(scheme, mode))
    report, proved = check(graph, plan)
    assert proved is not None, report.verdicts
    inputs = random_inputs(graph, 0)
    for garbage in (1, 2):
        for got, expected in zip(replay(graph, plan, inputs, garbage), evaluate(graph, inputs), strict=True):
            np.testing.assert_array_equal(got, expected)
    assert plan_from_json(plan_to_json(plan)) == plan
    assert live_bytes_bound(Uses(graph), plan) <= plan.arena_bytes


@pytest.mark.parametrize("mode", InputMode)
def test_streaming_needs_less_than_layers(mode: InputMode) -> None:
    net = Net(0)
    x = net.input(1, 24, 8, 4)
    for _ in range(4):
        x = net.add(net.conv(net.conv(x, 16, (1, 1), (1, 1), (1, 1)), 4, (3, 3), (1, 1), (1, 1)), x)
    graph = net.graph()
    layer, stream = (make_plan(graph, Request(scheme, mode)) for scheme in ("layer", "stream"))
    assert stream.arena_bytes < layer.arena_bytes
    assert len(stream.stages) < len(layer.stages)
