"""Kernels that compute regions (stj_tile.h) against the references, and which operators have one."""

import ctypes
import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernel_harness import emitted, load_kernel
from tests.ops.pools import pool, pools
from tests.ops.test_add import binary
from tests.ops.test_conv_2d import conv, convs
from tests.ops.test_depthwise_conv_2d import depthwise, depthwises
from tests.ops.unary_checks import unary
from tests.random_models import Net, networks
from tests.samples.registry import samples
from tests.tile_harness import Case, Keeping, Region, check_every_run, check_tiles, run_tile
from tests.tiny_model import node_of
from verify.graph.graph import Node
from verify.graph.tensor import DType
from verify.graph.window import Padding
from verify.ops.base import Defaults, OperatorSource
from verify.ops.registry import operators
from verify.tflite import read_model

SEEDS = st.integers(0, 2**16)


@st.composite
def windows(draw: st.DrawFn) -> Node:
    """A convolution, sometimes with a PAD made part of it, so that windows lie in the padding altogether."""
    node = node_of(draw(st.one_of(convs((1,)), depthwises((1,)))))
    _, height, width, channels = node.input_shapes[0]
    top, left = draw(st.integers(0, min(4, height - 1))), draw(st.integers(0, min(4, width - 1)))
    bottom, right = draw(st.integers(0, height - 1 - top)), draw(st.integers(0, width - 1 - left))
    op = node.op.absorb_padding(Padding(top, bottom, left, right, node.op.padding_zero))
    assert op is not None
    return dataclasses.replace(node, op=op, input_shapes=((1, height - top - bottom, width - left - right, channels),))


@settings(max_examples=150)
@given(windows(), st.data(), SEEDS)
def test_convolutions(node: Node, data: st.DataObject, seed: int) -> None:
    check_tiles(node, data, seed)


@pytest.mark.parametrize(
    "source",
    [
        conv((1, 7, 9, 3), (3, 3), 5),
        conv((1, 7, 9, 4), (3, 2), 6, groups=2, dilation_w_factor=2),
        conv((1, 7, 9, 3), (1, 3), 5),
        conv((1, 7, 9, 3), (1, 1), 5, stride_w=2),
        depthwise((1, 7, 9, 6), (3, 3)),
        depthwise((1, 7, 9, 6), (2, 4), stride_w=2),
        depthwise((1, 7, 9, 5), (3, 3), dilation_h_factor=2, dilation_w_factor=2),
        depthwise((1, 7, 9, 2), (3, 3), multiplier=2),
        pool("AVERAGE_POOL_2D", (1, 7, 9, 3), (3, 3)),
        pool("MAX_POOL_2D", (1, 7, 9, 3), (2, 3), (2, 2)),
        binary("ADD", *[(1, 7, 9, 3)] * 3),
    ],
)
def test_every_run_of_columns(source: OperatorSource) -> None:
    check_every_run(node_of(source))


@settings(max_examples=60)
@given(st.sampled_from(("AVERAGE_POOL_2D", "MAX_POOL_2D")).flatmap(lambda kind: pools(kind, (1,))), st.data(), SEEDS)
def test_pools(source: OperatorSource, data: st.DataObject, seed: int) -> None:
    check_tiles(node_of(source), data, seed)


@pytest.mark.parametrize("kind", sorted(operators()))
def test_every_operator(kind: str) -> None:
    """Whatever its sample makes of an image: operator and kernel agree, and regions have the reference's bits."""
    by_regions = []

    @settings(max_examples=12)
    @given(st.tuples(*[st.integers(1, 7)] * 3), SEEDS, st.data())
    def check(extents: tuple[int, int, int], seed: int, data: st.DataObject) -> None:
        net = Net(seed)
        x = net.input(1, *extents)
        samples()[kind](data.draw, net, x, [x])
        net.read_aliases()
        graph = net.graph() if net.sources else None
        for node in graph.nodes if graph else ():
            assert_agreement(node)
            if node.op.kind == kind and node.op.tile_wise:
                by_regions.append(node)
                dtypes = [graph.tensors[tensor].dtype.numpy.name for tensor in node.inputs]
                check_tiles(node, data, seed, regions=4, dtype=dtypes)

    check()
    can = operators()[kind].tile_wise is not Defaults.tile_wise
    assert bool(by_regions) == can, f"{kind}: its sample has to make some that compute regions, if there are any"


@pytest.mark.parametrize("region", [Region(2, 2, 0, 3), Region(0, 3, 4, 4), Region(3, 1, 0, 2), Region(0, 2, 2, 1)])
def test_empty_regions_write_nothing(region: Region) -> None:
    rng = np.random.default_rng(0)
    everything = Keeping(5, 6, 30)
    for source in (conv((1, 6, 5, 3)), depthwise((1, 6, 5, 3)), binary("ADD", *[(1, 6, 5, 3)] * 3)):
        node = node_of(source)
        inputs = [rng.integers(-128, 128, shape, np.int8) for shape in node.input_shapes]
        case = Case(region, (everything,) * len(inputs), everything)
        # run_tile checks that no byte changed; there is no result to compare.
        run_tile(node, inputs, case, 0)


def test_an_operand_may_be_one_pixel_for_all_positions() -> None:
    """A tile of 1 x 1 has the same slot for every position: how a planner may keep a constant of the channels."""
    rng = np.random.default_rng(0)
    node = node_of(binary("ADD", *[(1, 6, 5, 3)] * 3))
    image, one = rng.integers(-128, 128, (1, 6, 5, 3), np.int8), rng.integers(-128, 128, (1, 1, 1, 3), np.int8)
    inputs = [image, np.ascontiguousarray(np.broadcast_to(one, image.shape))]
    case = Case(Region(1, 5, 1, 4), (Keeping(5, 6, 30), Keeping(1, 1, 1)), Keeping(3, 4, 12))
    expected = node.op.reference(inputs, range(6))[0]
    np.testing.assert_array_equal(run_tile(node, inputs, case, 0).view(np.int8), expected[1:5, 1:4])


def assert_agreement(node: Node) -> None:
    """Where a kernel for regions is named, it is there, and the operator says that regions can be had by themselves."""
    call = emitted(node, "op_0")
    assert node.op.tile_wise or call.tile is None, f"{node.op.kind}: it has tiles, but no regions by themselves"
    if call.tile is not None:
        assert isinstance(getattr(load_kernel(call.kernel), call.tile), ctypes._CFuncPtr)
        assert node.op.row_wise
        assert all(len(shape) == 4 and shape[0] == 1 for shape in (*node.input_shapes, *node.output_shapes))


IMAGE, TWO = (1, 6, 5, 3), (2, 6, 5, 3)
NODES = [
    (conv(IMAGE), True),
    (conv((1, 6, 5, 4), groups=2), True),
    (conv(TWO), False),
    (depthwise(IMAGE, multiplier=2), True),
    (depthwise(TWO), False),
    (pool("MAX_POOL_2D", IMAGE), True),
    (pool("MAX_POOL_2D", TWO), False),
    (pool("AVERAGE_POOL_2D", IMAGE), True),
    (pool("AVERAGE_POOL_2D", TWO), False),
    (binary("ADD", IMAGE, IMAGE, IMAGE), True),
    (binary("SUB", IMAGE, IMAGE, IMAGE), True),
    (binary("MUL", IMAGE, IMAGE, IMAGE), True),
    (binary("ADD", TWO, TWO, TWO), False),
    (binary("ADD", IMAGE, (1, 1, 1, 3), IMAGE), False),
    (binary("MUL", (1, 6, 1, 1), IMAGE, IMAGE), False),
    (binary("ADD", (6, 5, 3), (6, 5, 3), (6, 5, 3)), False),
    (unary("RELU", (0.1, 0), (0.1, 0), IMAGE), True),
    (unary("RELU", (0.1, 0), (0.1, 0), TWO), False),
    (unary("RELU", (0.1, 0), (0.1, 0), (5, 3)), False),
    (unary("QUANTIZE", (0.1, 0), (0.1, 0), IMAGE, (DType.UINT8, DType.INT8)), True),
    (unary("QUANTIZE", (1.0, 0), (0.1, 0), IMAGE, (DType.FLOAT32, DType.INT8)), False),
    (unary("DEQUANTIZE", (0.1, 0), (1.0, 0), IMAGE, (DType.INT8, DType.FLOAT32)), False),
    (unary("SOFTMAX", (0.1, 0), (1 / 256, -128), IMAGE, beta=1.0), False),
]


@pytest.mark.parametrize(("source", "tiles"), NODES)
def test_which_operators_have_one(source: OperatorSource, tiles: bool) -> None:
    node = node_of(source)
    assert (emitted(node, "op_0").tile is not None) == tiles
    assert_agreement(node)


@settings(max_examples=30)
@given(networks())
def test_small_models_agree(net: Net) -> None:
    for node in net.graph().nodes:
        assert_agreement(node)


def test_zoo_agrees(models_dir: Path) -> None:
    paths = sorted((models_dir / "mcunet_zoo").glob("*.tflite"))
    assert paths
    for path in paths:
        nodes = read_model(path.read_bytes(), path.stem).nodes
        assert any(node.op.tile_wise for node in nodes)
        for node in nodes:
            assert_agreement(node)
