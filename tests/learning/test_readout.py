"""The last layer of a network, taken off: what is left, what it was, and which networks have none."""

import numpy as np
import pytest

from tests.clip.test_per_frame import streamtinynet
from tests.learning.small import net
from tests.random_models import Net
from verify.clip import per_frame
from verify.ops.readout import NoReadoutError, without_readout
from verify.proof.evaluate import evaluate


@pytest.mark.parametrize("softmax", [True, False])
def test_the_features_and_the_layer_are_the_model(softmax):
    """In real numbers, to a step of the scores; the layer's own rounding is all that differs."""
    whole = net(softmax=False).graph()
    cut = without_readout(net(softmax).graph())
    assert len(cut.nodes) == len(whole.nodes) - 1 and cut.output_shapes == (cut.tensors[cut.outputs[0]].shape,)
    readout, scores = cut.readout, whole.tensors[whole.outputs[0]].quantization
    assert readout is not None and scores is not None
    rng = np.random.default_rng(0)
    for _ in range(20):
        x = rng.integers(-128, 128, whole.input_shapes[0]).astype(np.int8)
        features = readout.scale * (evaluate(cut, [x])[0].reshape(-1).astype(float) - readout.zero_point)
        found = readout.weights @ features + readout.bias
        expected = scores.scale[0] * (evaluate(whole, [x])[0].reshape(-1).astype(float) - scores.zero_point[0])
        inside = np.abs(expected - scores.scale[0] * (np.array([-128, 127])[:, None] - scores.zero_point[0])).min(0) > 0
        assert np.abs(found - expected)[inside].max(initial=0) <= scores.scale[0]


def test_a_clip_model_gives_its_features_frame_by_frame():
    clip = streamtinynet()
    program = per_frame(without_readout(clip))
    assert program.readout is not None and program.clip_frames == 5
    assert program.tensors[program.outputs[0]].elements == program.readout.weights.shape[1]


def two_outputs() -> Net:
    made = net(softmax=False)
    x = made.sources[0].outputs[0]
    made.append("RELU", (x,), made.activation(x.shape, 0.05), {})
    return made


def ends_otherwise() -> Net:
    made = Net(1)
    made.conv(made.input(1, 5, 4, 2), 3, (3, 3), (1, 1), (1, 1))
    return made


def nothing_before() -> Net:
    made = Net(1)
    made.dense(made.input(1, 6), 3)
    return made


def with_relu() -> Net:
    made = net(softmax=False)
    source = made.sources[-1]
    made.sources[-1] = type(source)(source.kind, source.inputs, source.outputs, {"fused_activation_function": "RELU"})
    return made


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (two_outputs, "it has 2 outputs"),
        (ends_otherwise, r'op 0 ".*" \(CONV_2D\) is no layer whose place a head can take'),
        (nothing_before, r'op 0 ".*" \(FULLY_CONNECTED\) is no layer'),
        (with_relu, r'op 3 ".*" \(FULLY_CONNECTED\) is no layer'),
    ],
)
def test_networks_without_such_a_layer_are_refused_by_operator(made, text):
    with pytest.raises(NoReadoutError, match=text):
        without_readout(made().graph())
