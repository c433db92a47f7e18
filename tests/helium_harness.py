"""Runs Helium kernels on an emulated Cortex-M55: any number of calls in one program, compiled and started once.

A call is recorded as memory before it and memory after it, which the reference says: operands and results between
canaries, garbage in all that must not be read. The program copies the first, calls the kernel, compares with the second
byte for byte, and looks after the canaries behind the working memory. So a wrong result, a write beside it and a read
of garbage that matters all fail.
"""

import functools
import hashlib
import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from embedded.tools import firmware
from embedded.tools.board import EMBEDDED, QEMU
from export.c.text import call_text
from tests.kernel_harness import CACHE, CANARY_BYTES, Rows, fill, needed, ring_capacity, row_bytes_of
from tests.operator_harness import whole
from tests.tile_harness import Case, Image
from tests.tile_harness import needed as needed_region
from verify.graph.graph import Node
from verify.targets.kernel import Kernel

BOARD = "mps3-an547"
FLAGS = ["-mthumb", "-mcpu=cortex-m55", "-mfloat-abi=hard", "-std=c99", "-O2", "-Wall", "-Wextra", "-Werror"]
FLAGS += ["-pedantic", "-ffunction-sections", "-fdata-sections"]
INCLUDES = [f"-I{EMBEDDED / folder}" for folder in ("include", "apps", "port", "port/semihosting")]
SUPPORT = ["boards/common/startup.c", "port/semihosting/main.c", "apps/stj_marker.c"]
LINK = ["-nostartfiles", f"-L{EMBEDDED}/boards/common", f"-T{EMBEDDED}/boards/{BOARD}/memory.ld", "-Wl,--gc-sections"]

PROGRAM = """
#include "stj_marker.h"
#include "stj_port.h"
#include "stj_tile.h"
#include <stddef.h>
#include <string.h>
typedef struct { uint32_t at; int32_t a, b, c, d; } view;
typedef struct {
    int32_t call, tile, operands, region[4];
    view in[3], out;
    uint32_t before, after, bytes, scratch;
} step;
extern const uint8_t blob[];
__asm__(".section .rodata.blob, \\"a\\"\\n.balign 8\\n.global blob\\nblob: .incbin \\"BLOB\\"\\n.previous\\n");
static uint8_t memory[MEMORY] __attribute__((aligned(16)));
static uint8_t scratch[SCRATCH + 64] __attribute__((aligned(16)));
static void put(const stj_port *port, const char *what, uint32_t number) {
    char text[12] = "";
    int at = 11;
    do { text[--at] = (char)('0' + number % 10); number /= 10; } while (number > 0);
    port->print(what); port->print(text + at); port->print("\\n");
}
"""
MAIN = """
int stj_app(const stj_port *port, int32_t count, const char *const *arguments) {
    (void)count; (void)arguments;
    for (uint32_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        const step *s = &steps[i];
        memcpy(memory, blob + s->before, s->bytes);
        memset(scratch, (int)(0xA5u ^ i), sizeof scratch);
        if (s->tile) {
            stj_pixels_in in[3];
            for (int k = 0; k < s->operands; k++) {
                const view *v = &s->in[k];
                in[k] = (stj_pixels_in){memory + v->at, v->a, v->b, v->c, v->d};
            }
            const stj_pixels_out out[2] = {{memory + s->out.at, s->out.a, s->out.b, s->out.c, s->out.d},
                                           {scratch, (int32_t)s->scratch, 1, 1, 1}};
            const stj_region region = {s->region[0], s->region[1], s->region[2], s->region[3]};
            tiles[s->call](in, out, &region);
        } else {
            stj_in in[3];
            for (int k = 0; k < s->operands; k++) {
                in[k] = (stj_in){memory + s->in[k].at, s->in[k].a, s->in[k].b};
            }
            const stj_out out[2] = {{memory + s->out.at, s->out.a, s->out.b}, {scratch, (int32_t)s->scratch, 1}};
            rows[s->call](in, out, s->region[0], s->region[1]);
        }
        uint32_t at = 0, behind = s->scratch;
        while (at < s->bytes && memory[at] == blob[s->after + at]) { at++; }
        while (behind < sizeof scratch && scratch[behind] == (uint8_t)(0xA5u ^ i)) { behind++; }
        if (at < s->bytes || behind < sizeof scratch) {
            put(port, "wrong ", i);
            put(port, "  differs at ", at);
            put(port, "  which holds ", memory[at]);
            put(port, "  instead of ", blob[s->after + at]);
            put(port, "  working memory is as it was from ", behind);
        }
    }
    port->print("done\\n");
    return 0;
}
"""


@dataclass(frozen=True)
class View:
    at: int
    fields: tuple[int, ...]

    @property
    def text(self) -> str:
        return "{" + ", ".join(map(str, (self.at, *self.fields))) + "}"


@dataclass(frozen=True, eq=False)
class Step:
    """One call: which, of what, and the memory before and after it."""

    title: str
    call: int
    region: tuple[int, ...]
    operands: tuple[View, ...]
    result: View
    before: bytes
    after: bytes
    scratch: int


@dataclass(eq=False)
class Tape:
    """Calls that are recorded, then made on the board."""

    nodes: list[tuple[Node, Kernel[Any]]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    def rows(
        self,
        node: Node,
        kernel: Kernel[Any],
        inputs: Sequence[np.ndarray],
        ring: bool = False,
        odd: int = 0,
        expected: np.ndarray | None = None,
        over: bool = False,
    ) -> None:
        """All rows in one call, or row by row in rings as small as can be; buffers `odd` bytes off their alignment.

        With `over`, the result lies where the first operand does.
        """
        call, rng = self._call(node, kernel), np.random.default_rng(len(self.steps))
        result = whole(node, inputs)[0] if expected is None else expected
        out_rows = row_bytes_of(result)
        raw = [row_bytes_of(array) for array in inputs]
        todo = range(len(out_rows))
        capacities = [ring_capacity(node, i, todo) if ring else len(rows) for i, rows in enumerate(raw)]
        for step in [range(y, y + 1) for y in todo] if ring else [todo]:
            ins = [Rows(a.shape, a.itemsize, n, rng) for a, n in zip(inputs, capacities, strict=True)]
            out = ins[0] if over else Rows(result.shape, result.itemsize, 1 if ring else len(out_rows), rng)
            for i, operand in enumerate(ins):
                fill(operand, raw[i], needed(node, i, step, len(raw[i])) if ring else range(len(raw[i])), rng)
            laid = ins if over else [*ins, out]
            before, places = _laid([x.buffer.memory for x in laid], odd)
            for y in step:
                out.slot(y)[:] = out_rows[y]
            after, _ = _laid([x.buffer.memory for x in laid], odd)
            views = [View(at, (x.row_bytes, x.capacity)) for at, x in zip(places, laid, strict=True)]
            views += views[:1] if over else []
            shapes = f"{node.input_shapes} -> {node.output_shapes}"
            title = f"{kernel.name} {shapes} rows {step} ring={ring} odd={odd}, case {call}"
            region = (step.start, step.stop)
            scratch = kernel.scratch_bytes(node)
            self.steps.append(Step(title, call, region, tuple(views[:-1]), views[-1], before, after, scratch))

    def tile(self, node: Node, kernel: Kernel[Any], inputs: Sequence[np.ndarray], case: Case, odd: int = 0) -> None:
        """One region, everything kept as `case` says."""
        call, rng = self._call(node, kernel), np.random.default_rng(len(self.steps))
        operands = [Image(a.shape[3], k, rng) for a, k in zip(inputs, case.operands, strict=True)]
        for i, (operand, array) in enumerate(zip(operands, inputs, strict=True)):
            operand.put(array, needed_region(node, i, case.region))
        result = Image(node.output_shapes[0][3], case.result, rng) if case.over is None else operands[case.over]
        images = [*operands, *([result] if case.over is None else [])]
        before, places = _laid([image.buffer.memory.copy() for image in images], odd)
        result.put(whole(node, inputs)[0], case.region)
        after, _ = _laid([image.buffer.memory for image in images], odd)
        at = dict(zip(map(id, images), places, strict=True))
        views = [_pixels(image, at[id(image)]) for image in (*operands, result)]
        part = case.region
        region = (part.y0, part.y1, part.x0, part.x1)
        title = f"{kernel.name} {node.input_shapes} -> {node.output_shapes} {case} odd={odd}, case {call}"
        scratch = kernel.scratch_bytes(node)
        self.steps.append(Step(title, call, region, tuple(views[:-1]), views[-1], before, after, scratch))

    def _call(self, node: Node, kernel: Kernel[Any]) -> int:
        if not self.nodes or self.nodes[-1][0] is not node:
            self.nodes.append((node, kernel))
        return len(self.nodes) - 1

    def play(self) -> list[int]:
        """Makes all calls on the board; returns how many instructions each took.

        Raises:
          AssertionError: one of them left another memory than the reference says; which.
        """
        with tempfile.TemporaryDirectory() as folder:
            image = _image(self, Path(folder))
            output, counts = _run(image, Path(folder))
        wrong = [self.steps[int(line.split()[1])].title for line in output.splitlines() if line.startswith("wrong")]
        assert not wrong, f"{len(wrong)} of {len(self.steps)} calls: " + "\n".join([*wrong[:9], output[:1500]])
        assert "done" in output, f"the program stopped: {output}"
        return counts


def _pixels(image: Image, at: int) -> View:
    k = image.keeping
    return View(at, (image.slots.shape[1], k.columns, k.rows, k.pixels))


def _laid(buffers: Sequence[np.ndarray], odd: int) -> tuple[bytes, list[int]]:
    """Guarded buffers one after the other, their bodies at multiples of 8 and `odd` more; and where these begin."""
    laid, places = bytearray(bytes(odd)), []
    for buffer in buffers:
        places.append(len(laid) + CANARY_BYTES)
        laid += buffer.tobytes() + bytes(-len(buffer) % 8)
    return bytes(laid), places


def _source(tape: Tape, blob: Path) -> str:
    """The program's C text; also writes the memory images."""
    data, where = bytearray(), []
    for step in tape.steps:
        where.append((len(data), len(data) + len(step.before)))
        data += step.before + step.after
    blob.write_bytes(data)
    sizes = {"MEMORY": max(len(s.before) for s in tape.steps), "SCRATCH": max(s.scratch for s in tape.steps)}
    text = [f"#define {name} {value}" for name, value in sizes.items()]
    text += [f'#include "{name}.h"' for name in sorted({kernel.name for _, kernel in tape.nodes})]
    text.append(PROGRAM.replace("BLOB", str(blob)))
    rows, tiles = [], []
    for i, (node, kernel) in enumerate(tape.nodes):
        call = kernel.call(node, f"op_{i}")
        text.append(call_text(call, f"op_{i}"))
        rows.append(f"rows_{i}")
        text.append(f"static void rows_{i}(const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {{")
        text.append(f"stj_marker_begin(); {call.kernel}(&op_{i}, in, out, y0, y1); stj_marker_end(); }}")
        tiles.append(f"tiles_{i}" if call.tile else "NULL")
        if call.tile:
            arguments = "const stj_pixels_in *in, const stj_pixels_out *out, const stj_region *region"
            text.append(f"static void tiles_{i}({arguments}) {{")
            text.append(f"stj_marker_begin(); {call.tile}(&op_{i}, in, out, region); stj_marker_end(); }}")
    text.append("static void (*const rows[])(const stj_in *, const stj_out *, int32_t, int32_t) = {")
    text.append(",\n".join(rows) + "};")
    text.append("static void (*const tiles[])(const stj_pixels_in *, const stj_pixels_out *, const stj_region *) = {")
    text.append(",\n".join(tiles) + "};\nstatic const step steps[] = {")
    for step, (before, after) in zip(tape.steps, where, strict=True):
        views = ", ".join(view.text for view in step.operands)
        region = ", ".join(map(str, step.region))
        head = f"{{{step.call}, {int(len(step.region) == 4)}, {len(step.operands)}, {{{region}}}, {{{views}}}, "
        text.append(f"{head}{step.result.text}, {before}, {after}, {len(step.before)}, {step.scratch}}},")
    text.append("};")
    return "\n".join(text) + MAIN


@functools.cache
def _object(source: Path) -> Path:
    """An object file of ours, compiled unless one of the same content is in the cache."""
    headers = sorted((EMBEDDED / "include").glob("*.h"))
    content = "\0".join([*FLAGS, source.read_text(), *(path.read_text() for path in headers)])
    out = CACHE / f"{source.stem}-m55-{hashlib.sha256(content.encode()).hexdigest()[:20]}.o"
    if not out.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            _compile(["-c", str(source), "-o", f"{folder}/out.o"])
            (Path(folder) / "out.o").replace(out)
    return out


def _compile(arguments: Sequence[str]) -> None:
    command = ["arm-none-eabi-gcc", *FLAGS, *INCLUDES, *arguments]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, f"{' '.join(command)}\n{result.stderr[:3000]}"


def _image(tape: Tape, folder: Path) -> Path:
    (folder / "app").mkdir()
    source = folder / "app" / "calls.c"
    source.write_text(_source(tape, folder / "blob"))
    kernels = [EMBEDDED / "kernels" / f"{name}.c" for name in sorted({kernel.name for _, kernel in tape.nodes})]
    objects = [str(_object(path)) for path in (*(EMBEDDED / name for name in SUPPORT), *kernels)]
    _compile(["-Wno-missing-field-initializers", str(source), *objects, *LINK, "-lm", "-o", str(folder / "calls.elf")])
    return folder / "calls.elf"


def _run(image: Path, folder: Path) -> tuple[str, list[int]]:
    """What the program printed, and the instructions between each pair of markers."""
    firmware.make("plugin")
    names = subprocess.run(["arm-none-eabi-nm", str(image)], capture_output=True, text=True, check=True).stdout
    addresses = {
        line.split()[2]: int(line.split()[0], 16) & ~1 for line in names.splitlines() if len(line.split()) == 3
    }
    begin, end = addresses["stj_marker_begin"], addresses["stj_marker_end"]
    plugin = f"{firmware.BUILD / 'qemu' / 'stj_count.so'},begin={begin:#x},end={end:#x},out={folder / 'counts'}"
    command = [QEMU, "-machine", BOARD, "-nographic", "-monitor", "none", "-serial", "none", "-kernel", str(image)]
    command += ["-semihosting-config", "enable=on,target=native", "-plugin", plugin]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, env={**os.environ})
    counts = [int(line.split()[1]) for line in (folder / "counts").read_text().splitlines() if line.startswith("count")]
    return result.stdout + result.stderr, counts
