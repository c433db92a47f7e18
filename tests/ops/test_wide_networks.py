"""Random networks with stretches on int16: as TFLM has them, planned, proved and run as generated programs are."""

from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.random_models import Net
from tests.samples.wide import draw_wide
from tests.tiny_model import run_tflm
from verify.commands.check import random_inputs
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.proof.evaluate import evaluate
from verify.proof.replay import replay
from verify.tflite import read_model


@settings(max_examples=15)
@given(
    st.tuples(*[st.integers(1, 7)] * 3), st.integers(0, 999), st.sampled_from(("layer", "stream", "auto")), st.data()
)
def test_networks(extents: tuple[int, int, int], seed: int, scheme: str, data: st.DataObject) -> None:
    net = Net(seed)
    draw_wide(data.draw, net, net.input(1, *extents))
    graph = net.graph()
    inputs = random_inputs(graph, seed)
    expected = evaluate(graph, inputs)
    for ours, theirs in zip(expected, run_tflm(net.bytes(), inputs), strict=True):
        np.testing.assert_array_equal(ours.ravel(), theirs.ravel())
    plan = make_plan(graph, Request(scheme))
    report, proved = check(graph, plan)
    assert proved is not None, report.verdicts
    for ours, theirs in zip(replay(graph, plan, inputs, 1), expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_golden(models_dir: Path) -> None:
    """A network that people bring: what TFLM made of it."""
    folder, name = models_dir / "field", "int16x8_small_cnn"
    graph = read_model((folder / f"{name}.tflite").read_bytes(), name)
    with np.load(folder / "golden" / f"{name}.npz") as stored:
        for k in range(3):
            (ours,) = evaluate(graph, [stored[f"s{k}_in0"]])
            np.testing.assert_array_equal(ours, stored[f"s{k}_tflm_out0"])
