"""Runs the C kernel of one node over a region of an image, on pixels kept in as little memory as the header allows.

Around what the kernel may read lies garbage; what it may write is compared, and that it wrote nothing else.
"""

import ctypes
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from export.c.text import call_text
from tests.kernel_harness import CANARY_BYTES, Guarded, emitted, kernel_of, load_call, load_kernel
from tests.operator_harness import random_inputs, whole
from verify.graph.graph import Node
from verify.graph.tensor import Axis
from verify.targets.call import KernelCall
from verify.targets.registry import PORTABLE
from verify.targets.target import Target


class Pixels(ctypes.Structure):
    """stj_pixels_in and stj_pixels_out, which have one layout."""

    _fields_ = (
        ("data", ctypes.c_void_p),
        ("pixel_bytes", ctypes.c_int32),
        ("columns", ctypes.c_int32),
        ("rows", ctypes.c_int32),
        ("pixels", ctypes.c_int32),
    )


class CRegion(ctypes.Structure):
    """stj_region."""

    _fields_ = tuple((name, ctypes.c_int32) for name in ("y0", "y1", "x0", "x1"))


@dataclass(frozen=True)
class Region:
    """Rows [y0, y1) by columns [x0, x1)."""

    y0: int
    y1: int
    x0: int
    x1: int

    @property
    def slices(self) -> tuple[slice, slice]:
        return slice(self.y0, self.y1), slice(self.x0, self.x1)

    @property
    def positions(self) -> list[tuple[int, int]]:
        return list(itertools.product(range(self.y0, self.y1), range(self.x0, self.x1)))


@dataclass(frozen=True)
class Keeping:
    """How an image is kept: the fields of stj_pixels_in that say which slot a pixel has."""

    columns: int
    rows: int
    pixels: int

    def slot(self, y: int, x: int) -> int:
        if self.rows == 0:
            return (y * self.columns + x) % self.pixels
        return y % self.rows * self.columns + x % self.columns


def smallest(part: Region, width: int, raster: bool, spare: tuple[int, int]) -> Keeping:
    """The least memory that holds all of `part` of an image, and `spare` rows (or pixels) and columns more."""
    height, columns = max(1, part.y1 - part.y0), max(1, part.x1 - part.x0)
    if raster:
        return Keeping(width, 0, (height - 1) * width + columns + spare[0])
    return Keeping(columns + spare[1], height + spare[0], (columns + spare[1]) * (height + spare[0]))


def needed(node: Node, operand: int, region: Region) -> Region:
    """The part of an operand's image that a region of the output reads."""
    _, height, width, _ = node.input_shapes[operand]
    spans = []
    for axis, lo, hi, extent in (
        (Axis.HEIGHT, region.y0, region.y1, height),
        (Axis.WIDTH, region.x0, region.x1, width),
    ):
        window = node.op.window(operand, axis)
        assert window is not None
        spans.append(window.need(lo, hi, extent))
    return Region(*spans[0], *spans[1])


class Image:
    """A guarded buffer of pixels, kept as `keeping` says."""

    def __init__(self, pixel_bytes: int, keeping: Keeping, rng: np.random.Generator) -> None:
        self.keeping = keeping
        self.buffer = Guarded(keeping.pixels * pixel_bytes, rng)
        self.slots = self.buffer.body.reshape(keeping.pixels, pixel_bytes)

    def view(self) -> Pixels:
        k = self.keeping
        return Pixels(self.buffer.body.ctypes.data, self.slots.shape[1], k.columns, k.rows, k.pixels)

    def put(self, image: np.ndarray, part: Region) -> None:
        for y, x in part.positions:
            self.slots[self.keeping.slot(y, x)] = image[0, y, x].view(np.uint8)


def library_of(node: Node, target: str | Target) -> ctypes.CDLL:
    """A library whose `run` makes this node's call for a region, by the target's kernel."""
    call = emitted(node, "op_0", target)
    load_kernel(call.kernel)
    return load_call(tile_source(call))


def tile_source(call: KernelCall) -> str:
    assert call.tile is not None
    arguments = "(const stj_pixels_in *in, const stj_pixels_out *out, const stj_region *region)"
    return (
        "#include <stddef.h>\n"
        f'#include "{call.kernel}.h"\n'
        f"{call_text(call, 'op_0')}"
        f"void run{arguments};\n"
        f"void run{arguments} {{\n"
        f"    {call.tile}(&op_0, in, out, region);\n"
        "}\n"
    )


@dataclass(frozen=True)
class Case:
    """One call: the region, how operands and result are kept, which operand lies where the result does."""

    region: Region
    operands: tuple[Keeping, ...]
    result: Keeping
    over: int | None = None


def run_tile(
    node: Node, inputs: Sequence[np.ndarray], case: Case, seed: int, target: str | Target = PORTABLE
) -> np.ndarray:
    """The region's results, [rows, columns, bytes of a pixel]; elements are as wide as the operands'."""
    kernel = kernel_of(node, target)
    assert max((kernel.reads_past(node, k) for k in range(len(inputs))), default=0) <= CANARY_BYTES
    rng = np.random.default_rng(seed)
    operands = [Image(a.shape[3] * a.itemsize, k, rng) for a, k in zip(inputs, case.operands, strict=True)]
    for i, (operand, array) in enumerate(zip(operands, inputs, strict=True)):
        operand.put(array, needed(node, i, case.region))
    pixel_bytes = node.output_shapes[0][3] * inputs[0].itemsize
    result = Image(pixel_bytes, case.result, rng) if case.over is None else operands[case.over]
    before = [image.buffer.memory.copy() for image in (*operands, result)]
    ins = (Pixels * len(operands))(*(image.view() for image in operands))
    region = CRegion(case.region.y0, case.region.y1, case.region.x0, case.region.x1)
    scratch = Image(kernel.scratch_bytes(node), Keeping(1, 1, 1), rng)
    library_of(node, target).run(ins, (Pixels * 2)(result.view(), scratch.view()), ctypes.byref(region))
    scratch.buffer.check("its working memory")
    for i, (operand, old) in enumerate(zip(operands, before, strict=False)):
        assert i == case.over or np.array_equal(operand.buffer.memory, old), f"the kernel wrote to operand {i}"
    result.buffer.check("the output")
    slots = [case.result.slot(y, x) for y, x in case.region.positions]
    got = result.slots[slots].copy()
    result.slots[slots] = before[-1][CANARY_BYTES : CANARY_BYTES + result.buffer.size_bytes].reshape(
        result.slots.shape
    )[slots]
    assert np.array_equal(result.buffer.memory, before[-1]), "the kernel wrote to pixels outside the region"
    height, width = case.region.y1 - case.region.y0, case.region.x1 - case.region.x0
    return got.reshape(height, width, pixel_bytes)


@st.composite
def cases(draw: st.DrawFn, node: Node, target: str | Target = PORTABLE) -> Case:
    """A random region, everything kept in as little memory as is legal or a little more."""
    _, height, width, _ = node.output_shapes[0]
    y0, x0 = draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))
    region = Region(y0, draw(st.integers(y0 + 1, height)), x0, draw(st.integers(x0 + 1, width)))
    spare = st.tuples(st.integers(0, 2), st.integers(0, 2))
    operands = tuple(
        smallest(needed(node, i, region), shape[2], draw(st.booleans()), draw(spare))
        for i, shape in enumerate(node.input_shapes)
    )
    over = draw(st.sampled_from((None, *sorted(kernel_of(node, target).in_place(node)))))
    if over is not None:
        return Case(region, operands, operands[over], over)
    return Case(region, operands, smallest(region, width, draw(st.booleans()), draw(spare)))


def check_every_run(node: Node, seed: int = 0, target: str | Target = PORTABLE, dtype: str = "int8") -> None:
    """All runs of columns in two rows of the output, each kept as tightly as can be: wraps fall everywhere."""
    inputs = random_inputs(node.input_shapes, seed, dtype)
    (expected,) = whole(node, inputs)
    _, height, width, _ = node.output_shapes[0]
    runs = itertools.combinations(range(width + 1), 2)
    for (x0, x1), raster, y0 in itertools.product(runs, (False, True), (0, height // 2)):
        region = Region(y0, min(y0 + 2, height), x0, x1)
        operands = [smallest(needed(node, i, region), s[2], raster, (0, 0)) for i, s in enumerate(node.input_shapes)]
        case = Case(region, tuple(operands), smallest(region, width, raster, (0, 0)))
        got = run_tile(node, inputs, case, seed, target).view(expected.dtype)
        np.testing.assert_array_equal(got, expected[0][region.slices], err_msg=str(case))


def check_tiles(
    node: Node,
    data: st.DataObject,
    seed: int,
    regions: int = 12,
    target: str | Target = PORTABLE,
    dtype: str | Sequence[str] = "int8",
) -> None:
    """The kernel for regions equals the reference on random regions of random inputs."""
    inputs = random_inputs(node.input_shapes, seed, dtype)
    (expected,) = whole(node, inputs)
    for _ in range(regions):
        case = data.draw(cases(node, target))
        got = run_tile(node, inputs, case, seed, target).view(expected.dtype)
        np.testing.assert_array_equal(got, expected[0][case.region.slices], err_msg=str(case))
