"""Runs generated C on identities: what was emitted, not what was meant, decides.

The text is compiled for this host with kernels that move identities in place of values (shim.c), and driven through its
public functions: begun, and given its inputs row by row. A stream is given frames until model and memory are what they
were some frames before, so that what was seen is all that there is. Memory that the arena and the inputs seem to have
cannot be touched: whatever is neither a kernel nor a copy ends the run.
"""

import ctypes
import mmap
import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.identities.compiler import HERE, compiler, shared_library
from verify.identities.facts import Memory, facts_of
from verify.identities.machine import LONGEST, Machine
from verify.identities.messages import explain
from verify.targets.choice import kernels_of

_KERNEL = re.compile(r"void\s+(stj_\w+)\(const\s+\w+\s+\*params,\s*const\s+stj_(pixels_)?in\s+\*in")


class FaultError(Exception):
    """Something is wrong with generated C."""


def built(files: Mapping[str, str], prefix: str, options: tuple[str, ...] = ()) -> ctypes.CDLL:
    """Generated C as a library whose kernels are those of shim.c.

    Args:
      files: name -> text, what the emitter gave and the headers of the kernels that it calls.
      prefix: with which the generated names begin.
      options: for the compiler.

    Raises:
      FaultError: it does not compile.
      NoCompilerError: there is no C compiler here.
    """
    lines, macros = [], []
    for name in sorted(set(re.findall(r'#include "(stj_\w+\.h)"', files[f"{prefix}.c"])) & files.keys()):
        lines.append(f'#include "{name}"')
        for kernel, pixels in _KERNEL.findall(files[name]):
            region, seen = ("y0, y1", "IDENTITY_ROWS, y0, y1, 0, WHOLE_ROWS")
            if pixels:
                region, seen = "r", "IDENTITY_PIXELS, (r)->y0, (r)->y1, (r)->x0, (r)->x1"
            macros.append(f"#define {kernel}(params, in, out, {region}) IDENTITY_CALL(params, in, out, {seen})")
    # Constants are named as operands, but nobody looks at them.
    operands = sorted(set(re.findall(r"\btensor_\d+\b", files[f"{prefix}.c"])))
    constants = "".join(f"static const int8_t {name}[1];\n" for name in operands)
    arguments = f"({prefix} *model, void *arena, size_t bytes)"  # the header gives begin a name of its plan's own
    begin = f"stj_status identity_begin{arguments} {{ return {prefix}_begin(model, arena, bytes); }}"
    whole = "\n".join([*lines, '#include "shim.c"', *macros, f'#include "{prefix}.c"', begin, ""])
    with tempfile.TemporaryDirectory(prefix="stjax-identities-") as folder:
        for name, text in {**files, f"{prefix}_constants.h": constants, "all.c": whole}.items():
            (Path(folder) / name).write_text(text)
        command = [compiler(), "-std=gnu99", "-O1", "-w", "-shared", "-fPIC", f"-I{folder}", f"-I{HERE}", *options]
        command += [f"{folder}/all.c", str(shared_library()), "-o", f"{folder}/all.so"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise FaultError(f"the generated C does not compile for a run of identities: {done.stderr.strip()[:400]}")
        return ctypes.CDLL(f"{folder}/all.so")


class Text:
    """Generated C, and the memory that it believes to have."""

    def __init__(self, c: ctypes.CDLL, graph: Graph, plan: Plan, prefix: str):
        self.c, self.graph, self.plan, self.prefix, self.since = c, graph, plan, prefix, -1
        self.facts = facts_of(graph, kernels_of(graph, plan))
        self.memory = Memory.of(self.facts, plan.arena_bytes)
        self.machine = Machine(self.facts, self.memory)
        self._space = mmap.mmap(-1, self.memory.bytes, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self.base = ctypes.addressof(ctypes.c_char.from_buffer(self._space))
        self.protect(0)
        ctypes.c_void_p.in_dll(c, "identity_base").value = self.base
        ctypes.c_void_p.in_dll(c, "identity_machine").value = self.machine.numbers.ctypes.data
        self.inputs = [self.base + at for at in self.memory.inputs]
        self.rows, self.bytes, self.order = map(self._table, ("input_rows", "input_bytes", "push_order"))
        self.model = ctypes.create_string_buffer(4096 + 64 * len(self.inputs))

    def protect(self, rights: int) -> None:
        size = ctypes.c_size_t(self.memory.bytes)
        assert ctypes.CDLL(None).mprotect(ctypes.c_void_p(self.base), size, rights) == 0

    def has(self, name: str) -> bool:
        return hasattr(self.c, f"{self.prefix}_{name}")

    def _table(self, name: str) -> list[int]:
        return list((ctypes.c_int32 * len(self.inputs)).in_dll(self.c, f"{self.prefix}_{name}"))

    def call(self, name: str, *arguments: int, result: type = ctypes.c_int) -> int | None:
        """A function of the model; numbers and pointers alike are passed in 64 bits."""
        function = self.c["identity_begin" if name == "begin" else f"{self.prefix}_{name}"]
        function.restype = result
        return function(self.model, *map(ctypes.c_int64, arguments))

    def require(self, holds: bool, text: str) -> None:
        if not holds:
            raise FaultError(f"frame {self.since}: {text}")

    def do(self, name: str, *arguments: int) -> None:
        """A function that must not answer with an error."""
        status = self.call(name, *arguments)
        self.require(status == 0, f"{self.prefix}_{name} answers with the status {status}")

    def begin(self, again: bool = False) -> None:
        """Starts anew, in the same memory where `again`; what that holds is left there, as garbage."""
        self.since = -1
        if again and self.has("reset"):
            self.do("reset")
        else:
            self.do("begin", self.base, self.plan.arena_bytes)

    def next_frame(self) -> None:
        self.since += 1
        self.machine.next_frame(self.since == 0)

    def push(self, chunk: int = 1, until: str = "", margin: tuple[int, ...] = ()) -> None:
        """A frame's inputs in their order, `chunk` rows at a time, by functions whose names end with `until`."""
        for k in self.order:
            if self.has("set_input"):
                self.do("set_input", k, self.inputs[k])
                continue
            for y in range(0, self.rows[k], chunk):
                done = not self.graph.goes_on and self.output(0) is not None
                self.require(not done, "an output is ready before its inputs are there")
                row, count = self.inputs[k] + y * (self.bytes[k] // self.rows[k]), min(chunk, self.rows[k] - y)
                self.do(f"push_rows{until}", k, row, count, *margin)
        if self.has("set_input"):
            self.do(f"run{until}", *margin)

    def output(self, index: int) -> int | None:
        """Byte of the arena."""
        found = self.call("output", index, result=ctypes.c_void_p)
        return None if found is None else found - self.base

    @property
    def has_result(self) -> bool:
        late = self.since - self.graph.warm_up
        return not self.graph.goes_on or (late >= 0 and late % self.plan.time_step == 0)

    def check(self, only: int | None = None) -> None:
        """Outputs (or one) are there exactly where the model says, and this frame's; nothing went wrong on the way."""
        event = self.machine.event()
        for k, shape in enumerate(self.facts.outputs):
            at, ready = self.output(k), self.has_result and only in (None, k)
            self.require(event is not None or (at is not None) == ready, f"output {k} is {'not ' * ready}ready")
            event = event or (None if at is None else self.machine.output(shape, at))
        if event:
            raise FaultError(explain(self.graph, self.facts, self.machine.frame, event))

    def every_frame(self) -> None:
        """Row by row, frame after frame, until all later frames repeat what has been seen."""
        self.begin()
        turn, since, then, model = self.graph.warm_up + self.facts.kept, -1, self.machine.arena, b""
        for frame in range(min(LONGEST, (2**31 - 2) // self.facts.all)):
            self.next_frame()
            self.push()
            self.check()
            as_before = model == self.model.raw and self.machine.came_round(then, frame - since)
            if as_before or not self.graph.goes_on:
                return
            if frame == turn:
                then, model, since, turn = self.machine.arena.copy(), self.model.raw, frame, 2 * turn
        self.require(False, "memory never stands as it did some frames before")
