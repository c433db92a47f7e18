"""Results that take over storage, in a row of buffers of which each is written over the one before."""

from dataclasses import replace

from tests.random_models import Net
from verify.graph.graph import Graph
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.proof.verdict import Refuted

TARGET = "cortex-m-dsp"
ROWS, CHANNELS = 24, 32


def of_columns(pairs: int) -> Graph:
    """Windows of 5 x 1 and of 1 x 1 by turns, over one column."""
    net = Net(3)
    x = net.input(1, ROWS + 4 * pairs, 1, CHANNELS)
    for _ in range(pairs):
        x = net.depthwise(x, (5, 1), (1, 1), (1, 1), padding="VALID")
        x = net.conv(x, CHANNELS, (1, 1), (1, 1), (1, 1))
    net.mean(x)
    return net.graph()


def test_each_window_is_written_over_the_one_before_and_products_over_their_pixels() -> None:
    """Rows of windows move by one row or more, those of 1 x 1 not at all."""
    graph = of_columns(3)
    plan = make_plan(graph, Request("stream", target=TARGET))
    report, proved = check(graph, plan)
    assert proved is not None, report.verdicts
    offsets = {buffer.tensor: buffer.offset for buffer in plan.buffers}
    windows, products = ([n for n in graph.nodes if n.op.kind == kind] for kind in ("DEPTHWISE_CONV_2D", "CONV_2D"))
    for node in products:
        assert offsets[node.outputs[0]] == offsets[node.inputs[0]]
    for node in windows[1:]:
        operand, result = node.inputs[0], node.outputs[0]
        below = offsets[operand] - offsets[result]
        assert CHANNELS <= below < graph.tensors[result].size_bytes, "it begins below its operand and ends in it"


def test_a_result_that_starts_too_high_is_refuted() -> None:
    graph = of_columns(2)
    plan = make_plan(graph, Request("stream", target=TARGET))
    node = [n for n in graph.nodes if n.op.kind == "DEPTHWISE_CONV_2D"][1]
    moved = {node.outputs[0], graph.nodes[node.index + 1].outputs[0]}
    buffers = tuple(replace(b, offset=b.offset + 8) if b.tensor in moved else b for b in plan.buffers)
    report, proved = check(graph, replace(plan, buffers=buffers))
    assert proved is None
    assert isinstance(report.verdicts["C4"], Refuted)
