"""C9: planted faults about channels left out are refuted by name, and replay sees those that change results."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.planted import plant
from tests.random_models import Net
from verify.channels.ranges import channel_ranges
from verify.channels.reduced import NotReducibleError, reduced
from verify.commands.check import random_inputs
from verify.graph.graph import Graph, LeftOut
from verify.graph.plan import Plan
from verify.graph.plan_json import PlanError, plan_from_json, plan_to_json
from verify.plan.left_out import constant_channels
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.proof.evaluate import evaluate
from verify.proof.layout import Layout
from verify.proof.replay import ReplayError, replay
from verify.proof.verdict import Proved, Refuted

CONSTANT, WIDE = 1, 5
"""The channel that is planted, and how many there are."""


@pytest.fixture(scope="module")
def model() -> Graph:
    """Channel 1 of the depthwise result is 127 for every input; a 1x1 and, beside it, a padded 3x3 window read on."""
    net = Net(8)
    x = net.conv(net.input(1, 9, 6, 2), WIDE, (1, 1), (1, 1), (1, 1))
    deep = net.depthwise(x, (3, 3), (1, 1), (1, 1))
    source = net.sources[-1]
    net.sources[-1] = replace(source, options={**source.options, "fused_activation_function": "NONE"})
    plant(net, deep, CONSTANT, "bias above")
    y = net.conv(deep, 4, (1, 1), (1, 1), (1, 1))
    net.dense(net.mean(net.conv(y, 4, (3, 3), (1, 1), (1, 1))), 3)
    return net.graph()


def tensors(model: Graph) -> tuple[int, int, int]:
    """Results of the first, second and third operator."""
    first, second, third = (node.outputs[0] for node in model.nodes[:3])
    return first, second, third


def plan_of(model: Graph, *left_out: LeftOut) -> Plan:
    return make_plan(reduced(model, left_out), Request("stream"))


def refutation(model: Graph, plan: Plan) -> Refuted:
    report, proved = check(model, plan_from_json(plan_to_json(plan)))
    found = report.verdicts["C9"]
    assert proved is None and isinstance(found, Refuted), report.verdicts
    return found


def same_outputs(model: Graph, plan: Plan) -> bool:
    inputs = random_inputs(model, 0)
    found = replay(model, plan, inputs)
    return all(np.array_equal(a, b) for a, b in zip(found, evaluate(model, inputs), strict=True))


def test_what_is_constant_and_what_nobody_reads_are_left_out_and_proved(model: Graph) -> None:
    first, second, _ = tensors(model)
    left_out = constant_channels(model)
    assert left_out == (LeftOut(first, (CONSTANT,), (None,)), LeftOut(second, (CONSTANT,), (127,)))
    plan = plan_of(model, *left_out)
    again = plan_from_json(plan_to_json(plan))
    assert again == plan
    for graph in (model, reduced(model, left_out)):  # the checker makes what is left itself
        report, proved = check(graph, again)
        assert proved is not None and report.verdicts["C9"] == Proved(3)
        assert proved.graph.whole is model and proved.graph.tensors[second].shape == (1, 9, 6, WIDE - 1)
    assert same_outputs(model, plan)


def test_a_plan_that_leaves_nothing_out_makes_no_such_claim(model: Graph) -> None:
    plan = make_plan(model, Request("stream"))
    assert "left_out" not in json.loads(plan_to_json(plan))
    assert "C9" not in check(model, plan)[0].verdicts


def test_a_wrong_value_is_refuted_with_the_right_one(model: Graph) -> None:
    first, second, _ = tensors(model)
    plan = plan_of(model, LeftOut(first, (CONSTANT,), (None,)), LeftOut(second, (CONSTANT,), (126,)))
    found = refutation(model, plan)
    assert found.subject == model.nodes[1].label
    assert f"channel 1 of tensor {second} can hold 127; the plan leaves it out as 126" in found.counterexample
    assert not same_outputs(model, plan)


def test_a_channel_that_is_not_constant_is_refuted(model: Graph) -> None:
    first, second, _ = tensors(model)
    assert 2 not in channel_ranges(model)[second].constant
    plan = plan_of(model, LeftOut(first, (2,), (None,)), LeftOut(second, (2,), (0,)))
    assert "channel 2" in refutation(model, plan).counterexample
    assert not same_outputs(model, plan)


def test_every_wrong_channel_among_right_ones_is_found(model: Graph) -> None:
    first, second, _ = tensors(model)
    plan = plan_of(model, LeftOut(first, (1, 3), (None, None)), LeftOut(second, (1, 3), (127, 5)))
    assert "channel 3" in refutation(model, plan).counterexample


def test_a_constant_in_front_of_padding_is_refused_by_name(model: Graph) -> None:
    """Even if it were true: taps in the padding do not see it."""
    _, _, third = tensors(model)
    zero = model.nodes[3].op.padding_zero
    left_out = LeftOut(third, (0,), (zero + 1,))
    with pytest.raises(NotReducibleError, match="cannot do without the channels that are left out"):
        reduced(model, (left_out,))
    plan = replace(make_plan(model, Request("stream")), left_out=(left_out,))
    found = refutation(model, plan)
    assert found.subject == model.nodes[3].label
    with pytest.raises(ReplayError, match="cannot do without"):
        replay(model, plan, random_inputs(model, 0))
    # The zero point could go; that it is what the channel holds is not true.
    plan = plan_of(model, LeftOut(third, (0,), (zero,)))
    assert f"the plan leaves it out as {zero}" in refutation(model, plan).counterexample


def test_a_channel_that_is_read_is_not_left_out_without_a_value(model: Graph) -> None:
    first, second, _ = tensors(model)
    left_out = (LeftOut(first, (2,), (None,)), LeftOut(second, (2,), (None,)))
    plan = replace(make_plan(model, Request("stream")), left_out=left_out)
    assert refutation(model, plan).subject == model.nodes[2].label


def test_sizes_are_those_of_what_is_left(model: Graph) -> None:
    """None is in the plan: places for the whole network have room for what is left, and not the other way round."""
    left_out = constant_channels(model)
    whole, less = make_plan(model, Request("stream")), plan_of(model, *left_out)
    assert check(model, replace(whole, left_out=left_out))[1] is not None
    report, proved = check(model, replace(less, left_out=()))
    assert proved is None and report.verdict == "refuted"
    (fault,) = Layout(model, less).faults
    assert fault.claim == "C9" and "other channels than this network lacks" in fault.text


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ({"tensor": 1, "channels": [1]}, r"left_out\[0\]\.values"),
        ({"tensor": 1, "channels": [], "values": []}, r"left_out\[0\]\.channels must be a list"),
        ({"tensor": 1, "channels": [1, 2], "values": [0]}, r"left_out\[0\]\.values must be a list"),
        ({"tensor": 1, "channels": [-1], "values": [0]}, r"left_out\[0\]\.channels must be an integer in \[0"),
        ({"tensor": 1, "channels": [1], "values": ["0"]}, r"left_out\[0\]\.values must be an integer"),
        ({"tensor": 1, "channels": [1], "values": [0], "why": 1}, r"left_out\[0\] has the unknown key 'why'"),
    ],
)
def test_entries_are_read_strictly(model: Graph, entry: dict[str, object], text: str) -> None:
    value = json.loads(plan_to_json(make_plan(model, Request("layer"))))
    with pytest.raises(PlanError, match=text):
        plan_from_json(json.dumps(value | {"left_out": [entry]}))
