"""DEPTHWISE_CONV_2D of an image whose rows come in phases: the same results, windows, C kernel."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.operator_harness import kernel_equals_reference, random_inputs, window_equals_impulse_response
from tests.ops.test_depthwise_conv_2d import depthwise
from tests.tile_harness import check_tiles
from tests.tiny_model import node_of
from verify.graph.graph import Node
from verify.graph.tensor import Axis
from verify.ops.depthwise_conv_2d import DepthwisePhases
from verify.targets.registry import PORTABLE, target_named


def in_phases(node: Node) -> Node:
    """The node with an operand for each row phase of its image."""
    _, height, width, channels = node.input_shapes[0]
    op = node.op.by_row_phases(node.op.geometry.stride[0])
    assert isinstance(op, DepthwisePhases)
    shapes = tuple((1, len(range(phase, height, op.phases)), width, channels) for phase in range(op.phases))
    return dataclasses.replace(node, op=op, inputs=tuple(range(len(shapes))), input_shapes=shapes)


@st.composite
def nodes(draw: st.DrawFn) -> tuple[Node, Node]:
    """A strided convolution over an image, and the same in phases."""
    stride = draw(st.integers(2, 3))
    kernel = draw(st.integers(stride, 7)), draw(st.integers(1, 3))
    padding = draw(st.sampled_from(("SAME", "VALID")))
    width = draw(st.integers(kernel[1], 6))
    image = (1, draw(st.integers(max(kernel[0], stride), 11)), width, draw(st.integers(4, 9)))
    zero_point, seed = draw(st.integers(-128, 127)), draw(st.integers(0, 2**16))
    activation = draw(st.sampled_from(("NONE", "RELU6")))
    options = {"stride_h": stride, "stride_w": draw(st.integers(1, 2)), "padding": padding}
    source = depthwise(
        image, kernel, bias=draw(st.booleans()), zero_points=(zero_point, -3), seed=seed,
        fused_activation_function=activation, **options,
    )  # fmt: skip
    whole = node_of(source)
    return whole, in_phases(whole)


@settings(max_examples=40)
@given(nodes(), st.integers(0, 99))
def test_rows_in_phases_give_what_the_image_gives(pair: tuple[Node, Node], seed: int) -> None:
    whole, parts = pair
    (image,) = random_inputs(whole.input_shapes, seed)
    phases = [image[:, phase :: len(parts.inputs)] for phase in range(len(parts.inputs))]
    rows = range(whole.output_shapes[0][1])
    np.testing.assert_array_equal(parts.op.reference(phases, rows)[0], whole.op.reference([image], rows)[0])


@settings(max_examples=20, deadline=None)
@given(nodes(), st.integers(0, 99), st.data())
def test_kernel_equals_reference(pair: tuple[Node, Node], seed: int, data: st.DataObject) -> None:
    _, parts = pair
    kernel_equals_reference(parts, seed)
    check_tiles(parts, data, seed, regions=4)


@pytest.mark.parametrize(
    ("kernel", "stride", "padding"), [(3, 2, "SAME"), (5, 2, "VALID"), (7, 3, "SAME"), (2, 2, "SAME")]
)
def test_windows_are_sound_and_tight(kernel: int, stride: int, padding: str) -> None:
    source = depthwise(
        (1, 11, 5, 4), (kernel, 2), positive=True, padding=padding, stride_h=stride, zero_points=(-128, -128)
    )
    for axis in (Axis.HEIGHT, Axis.WIDTH):
        window_equals_impulse_response(in_phases(node_of(source)), axis)


def test_no_other_kernel_takes_it() -> None:
    """One that knows the whole convolution only would read one operand for all."""
    parts = in_phases(node_of(depthwise((1, 8, 5, 4), stride_h=2)))
    able = [kernel.name for kernel in target_named(PORTABLE).kernels if kernel.runs(parts)]
    assert able == ["stj_depthwise_conv_2d_phases_s8"]


@pytest.mark.parametrize(
    "source",
    [
        depthwise((1, 8, 5, 4), multiplier=2, stride_h=2),
        depthwise((1, 8, 5, 4), stride_h=2, dilation_h_factor=2),
        depthwise((2, 8, 5, 4), stride_h=2),
        depthwise((1, 8, 5, 4), (1, 1), stride_h=2),
        depthwise((1, 8, 5, 4), stride_h=3),
    ],
)
def test_what_has_no_such_form(source) -> None:
    assert node_of(source).op.by_row_phases(2) is None
