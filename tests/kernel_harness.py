"""Runs one node's C kernel on the host and checks that it keeps to the rows it was given.

Each kernel becomes a shared library, built once per content of its source; each call becomes a tiny second library that
holds its constants, made from the same text that `export` writes. Set `STJAX_SANITIZE` to gcc's list
("undefined", or "address,undefined" together with LD_PRELOAD=libasan.so) to compile both with sanitizers.

Memory around each buffer is filled with canaries and checked afterwards; what a kernel must not read holds garbage
that differs between runs, so that a kernel that reads it gives different results.
"""

import ctypes
import functools
import hashlib
import math
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from export.c.text import call_text
from export.sources import kernel_files
from verify.graph.graph import Node
from verify.graph.tensor import Axis, row_count
from verify.targets.call import KernelCall
from verify.targets.kernel import Kernel
from verify.targets.registry import PORTABLE, target_named
from verify.targets.target import Target

EMBEDDED = Path(__file__).parent.parent / "embedded"
CACHE = Path(os.environ.get("STJAX_TEST_CACHE", Path(tempfile.gettempdir()) / f"stjax-kernels-{os.getuid()}"))
SANITIZE = os.environ.get("STJAX_SANITIZE", "")
WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-Werror", "-pedantic"]
FLAGS = ["-std=c99", *WARNINGS, "-fPIC", "-shared", f"-I{EMBEDDED / 'include'}"]
CANARY_BYTES = 64


def called_kernels(folder: Path) -> list[Path]:
    """Sources of the kernels that generated C in a folder calls."""
    generated = {path.name: path.read_text() for path in folder.glob("*.[ch]")}
    return [EMBEDDED / "kernels" / name for name in kernel_files(generated) if name.endswith(".c")]


class View(ctypes.Structure):
    """stj_in and stj_out, which have one layout."""

    _fields_ = (("data", ctypes.c_void_p), ("row_bytes", ctypes.c_int32), ("capacity", ctypes.c_int32))


def build(output: Path, options: list[str], sources: list[Path]) -> None:
    """Compiles `sources` into the shared library `output`."""
    extra = [f"-fsanitize={SANITIZE}", "-fno-sanitize-recover=all"] if SANITIZE else []
    command = ["gcc", *FLAGS, *options, *extra, "-o", str(output), *map(str, sources)]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise AssertionError(f"{' '.join(command)}\n{result.stderr}")


@functools.cache
def load_kernel(kernel: str) -> ctypes.CDLL:
    """The library of embedded/kernels/<kernel>.c; built unless one of the same content is in the cache."""
    source = EMBEDDED / "kernels" / f"{kernel}.c"
    headers = sorted((EMBEDDED / "include").glob("*.h"))
    content = "\0".join([SANITIZE, *FLAGS, source.read_text(), *(path.read_text() for path in headers)])
    library = CACHE / f"{kernel}-{hashlib.sha256(content.encode()).hexdigest()[:20]}.so"
    if not library.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        # Written under another name first: parallel test processes may build the same library.
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            build(Path(folder) / "out.so", ["-O2"], [source])
            (Path(folder) / "out.so").replace(library)
    return ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)


@functools.lru_cache(maxsize=32)
def load_call(text: str) -> ctypes.CDLL:
    """The library of one call's text; the files are gone when this returns."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "call.c"
        source.write_text(text)
        build(Path(folder) / "call.so", ["-O0"], [source])
        return ctypes.CDLL(str(Path(folder) / "call.so"))


def kernel_of(node: Node, target: str | Target) -> Kernel[Any]:
    """The preferred kernel of a node."""
    return (target_named(target) if isinstance(target, str) else target).choose(node)


def emitted(node: Node, prefix: str, target: str | Target = PORTABLE) -> KernelCall:
    """The call of a target's kernel of this node."""
    return kernel_of(node, target).call(node, prefix)


def call_source(call: KernelCall) -> str:
    """C text of a function `run` that makes one call."""
    return (
        "#include <stddef.h>\n"
        f'#include "{call.kernel}.h"\n'
        f"{call_text(call, 'op_0')}"
        "void run(const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);\n"
        "void run(const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {\n"
        f"    {call.kernel}(&op_0, in, out, y0, y1);\n"
        "}\n"
    )


def ring_capacity(node: Node, position: int, rows: range) -> int:
    """Rows that a ring needs so that any single output row of `rows` finds its input rows; all without a window."""
    extent = row_count(node.input_shapes[position])
    window = node.op.window(position, Axis.HEIGHT)
    if window is None:
        return extent
    needs = (window.need(y, y + 1, extent) for y in rows)
    return max(1, *(hi - lo for lo, hi in needs))


class Guarded:
    """A buffer between canaries, filled with garbage."""

    def __init__(self, size_bytes: int, rng: np.random.Generator) -> None:
        self.size_bytes = size_bytes
        self.memory = rng.integers(0, 256, size_bytes + 2 * CANARY_BYTES, dtype=np.uint8)
        self.canaries = self.edges()

    @property
    def body(self) -> np.ndarray:
        return self.memory[CANARY_BYTES : CANARY_BYTES + self.size_bytes]

    def edges(self) -> bytes:
        return self.memory[:CANARY_BYTES].tobytes() + self.memory[CANARY_BYTES + self.size_bytes :].tobytes()

    def check(self, what: str) -> None:
        assert self.edges() == self.canaries, f"the kernel wrote outside {what}"


class Rows:
    """One operand or result as rows in a guarded buffer of `capacity` rows."""

    def __init__(self, shape: tuple[int, ...], itemsize: int, capacity: int, rng: np.random.Generator) -> None:
        self.rows = row_count(shape)
        self.row_bytes = math.prod(shape) * itemsize // self.rows
        self.capacity = capacity
        self.buffer = Guarded(capacity * self.row_bytes, rng)

    def slot(self, row: int) -> np.ndarray:
        start = (row % self.capacity) * self.row_bytes
        return self.buffer.body[start : start + self.row_bytes]

    def view(self) -> View:
        return View(self.buffer.body.ctypes.data, self.row_bytes, self.capacity)


def row_bytes_of(array: np.ndarray) -> np.ndarray:
    """The array's rows as raw bytes, [rows, row_bytes]."""
    return np.frombuffer(np.ascontiguousarray(array).tobytes(), np.uint8).reshape(row_count(array.shape), -1)


def run_kernel(
    node: Node,
    inputs: list[np.ndarray],
    rows: range | None = None,
    ring: bool = False,
    dtype: str = "int8",
    target: str | Target = PORTABLE,
) -> list[np.ndarray]:
    """Computes output rows `rows` with the kernel that `export` would call.

    Args:
      node: the operator.
      inputs: the operands in full, in the node's own view shapes.
      rows: output rows (all where None); every output has the same count.
      ring: keep only the rows that each output row needs, in rings as small as possible, one output row per call;
        the slots of all other rows hold garbage. Runs twice with different garbage and compares.
      dtype: element type of the outputs.
      target: whose preferred kernel for the node is called; it must run on this host. One that is not registered can
        be given as it is.

    Returns:
      One array per output: of the output's shape when `rows` is None, else [len(rows), ...row shape].
    """
    kernel = kernel_of(node, target)
    call = kernel.call(node, "op_0")
    load_kernel(call.kernel)
    library = load_call(call_source(call))
    todo = range(row_count(node.output_shapes[0])) if rows is None else rows
    needs = Needs(kernel.scratch_bytes(node), [kernel.reads_past(node, k) for k in range(len(inputs))])
    runs = [run_once(library, node, needs, inputs, todo, ring, dtype, seed) for seed in range(2)]
    for first, second in zip(*runs, strict=True):
        assert np.array_equal(first, second), "the result depends on memory that the kernel must not read"
    if rows is None:
        return [out.reshape(shape) for out, shape in zip(runs[0], node.output_shapes, strict=True)]
    return runs[0]


class Needs(NamedTuple):
    """Bytes of working memory, and that may be read behind each operand."""

    scratch: int
    past: list[int]


def run_once(
    library: ctypes.CDLL,
    node: Node,
    needs: Needs,
    inputs: list[np.ndarray],
    todo: range,
    ring: bool,
    dtype: str,
    seed: int,
) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    raw = [row_bytes_of(array) for array in inputs]
    capacities = [ring_capacity(node, i, todo) if ring else len(rows) for i, rows in enumerate(raw)]
    ins = [Rows(a.shape, a.itemsize, capacity, rng) for a, capacity in zip(inputs, capacities, strict=True)]
    itemsize = np.dtype(dtype).itemsize
    outs = [Rows(s, itemsize, 1 if ring else row_count(s), rng) for s in node.output_shapes]
    assert max(needs.past, default=0) <= CANARY_BYTES, "what lies behind an operand is canaries"
    scratch = Rows((1, 1, needs.scratch), 1, 1, rng)
    in_views = (View * len(ins))(*(x.view() for x in ins))
    out_views = (View * (len(outs) + 1))(*(x.view() for x in outs), scratch.view())
    results = [np.empty((len(todo), x.row_bytes), np.uint8) for x in outs]
    steps = [range(y, y + 1) for y in todo] if ring else [todo]
    for step in steps:
        for i, operand in enumerate(ins):
            fill(operand, raw[i], needed(node, i, step, len(raw[i])) if ring else range(len(raw[i])), rng)
        before = [x.buffer.memory.copy() for x in ins]
        library.run(in_views, out_views, ctypes.c_int32(step.start), ctypes.c_int32(step.stop))
        for i, operand in enumerate(ins):
            assert np.array_equal(operand.buffer.memory, before[i]), f"the kernel wrote to operand {i}"
        scratch.buffer.check("its working memory")
        for j, result in enumerate(outs):
            result.buffer.check(f"output {j}")
            for y in step:
                results[j][y - todo.start] = result.slot(y)
    shapes = [row_shape(shape) for shape in node.output_shapes]
    return [r.view(dtype).reshape(len(todo), *shape) for r, shape in zip(results, shapes, strict=True)]


def row_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """What one row of a tensor of this shape looks like (verify.graph.tensor)."""
    return shape if len(shape) < 2 else shape[1:] if len(shape) == 2 else shape[-2:]


def needed(node: Node, position: int, step: range, extent: int) -> range:
    window = node.op.window(position, Axis.HEIGHT)
    return range(extent) if window is None else range(*window.need(step.start, step.stop, extent))


def fill(operand: Rows, raw: np.ndarray, present: range, rng: np.random.Generator) -> None:
    """Puts the rows `present` into their slots and fresh garbage into all others."""
    operand.buffer.body[:] = rng.integers(0, 256, operand.buffer.size_bytes, dtype=np.uint8)
    for y in present:
        operand.slot(y)[:] = raw[y]
