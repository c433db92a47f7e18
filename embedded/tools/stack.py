"""An upper bound of the stack that the model's functions need: the compiler's frames along the deepest chain of calls.

Frames and calls come from the compiler (-fcallgraph-info=su: one .ci file per object, frames those of -fstack-usage).
Routines that the compiler did not compile, memcpy and the helpers of libgcc, are read from the image's machine code.
What cannot be bounded (recursion, calls through pointers, frames of varying size) gives no bound but the reason.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from embedded.tools.image import Image

ENTRY_POINTS = (
    "stj_model_begin",
    "stj_model_push_rows",
    "stj_model_push_frame",
    "stj_model_push_frame_rows",
    "stj_model_repeat_frame",
    "stj_model_push_rows_until",
    "stj_model_push_frame_until",
    "stj_model_run_until",
    "stj_model_set_input",
    "stj_model_run",
    "stj_model_output",
)
INDIRECT = "__indirect_call"


class UnboundedError(Exception):
    """Why there is no bound."""


@dataclass(frozen=True)
class StackBound:
    """`size_bytes` along `chain` (function names, outermost first), or None and the reason why."""

    size_bytes: int | None
    chain: tuple[str, ...] = ()
    reason: str = ""


@dataclass
class CallGraph:
    """Frame bytes and callees by function; frames that vary are in `dynamic`."""

    frames: dict[str, int] = field(default_factory=dict)
    dynamic: set[str] = field(default_factory=set)
    calls: dict[str, set[str]] = field(default_factory=dict)


def read_call_graph(paths: Iterable[Path]) -> CallGraph:
    """Reads the compiler's .ci files. Static functions are called "file.c:name" in them."""
    graph = CallGraph()
    for path in paths:
        text = path.read_text()
        for name, size, kind in re.findall(r'node: \{ title: "([^"]+)" label: "[^"]*?(\d+) bytes \(([^)]*)\)', text):
            graph.frames[name] = max(int(size), graph.frames.get(name, 0))
            if kind.startswith("dynamic") and "bounded" not in kind:
                graph.dynamic.add(name)
        for caller, callee in re.findall(r'edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"', text):
            graph.calls.setdefault(caller, set()).add(callee)
    return graph


def stack_bound(image: Image, call_graph_files: Iterable[Path]) -> StackBound:
    """The deepest chain of calls from any function of the model's interface."""
    walk = Walk(image, read_call_graph(call_graph_files))
    # What nothing calls, the linker has left out.
    entries = [name for name in ENTRY_POINTS if name in walk.graph.frames and name in image.by_name]
    if not entries:
        return StackBound(None, reason="the compiler left no call graph")
    try:
        size_bytes, chain = max(walk.depth(name, ()) for name in entries)
    except UnboundedError as error:
        return StackBound(None, reason=str(error))
    return StackBound(size_bytes, tuple(name.rsplit(":", 1)[-1] for name in chain))


class Walk:
    """Depth-first over compiled functions, then over library routines in machine code."""

    def __init__(self, image: Image, graph: CallGraph) -> None:
        self.image = image
        self.graph = graph
        self.known: dict[str, tuple[int, tuple[str, ...]]] = {}

    def depth(self, name: str, callers: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
        """Bytes and chain of the deepest path that starts in `name`."""
        if name in callers:
            raise UnboundedError(f"{name} calls itself")
        if name not in self.known:
            self.known[name] = self.compute(name, (*callers, name))
        return self.known[name]

    def compute(self, name: str, callers: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
        if name == INDIRECT:
            raise UnboundedError(f"{callers[-2]} calls through a pointer")
        if name in self.graph.dynamic:
            raise UnboundedError(f"the frame of {name} varies in size")
        if name in self.graph.frames:
            frame, callees = self.graph.frames[name], self.graph.calls.get(name, set())
        else:
            frame, callees = self.machine_code(name)
        below = max((self.depth(callee, callers) for callee in sorted(callees)), default=(0, ()))
        return frame + below[0], (name, *below[1])

    def machine_code(self, name: str) -> tuple[int, set[str]]:
        """Frame and callees of a routine that came from a library."""
        symbol = self.image.by_name.get(name)
        if symbol is None or not symbol.is_code:
            raise UnboundedError(f"{name} is not in the image")
        frame = 0
        callees = set()
        for instruction in self.image.disassembly(symbol):
            frame += pushed_bytes(instruction, name)
            target = branch_target(instruction, name)
            if target is not None and not symbol.address <= target < self.image.end_of(symbol):
                called = self.image.function_at(target)
                if called is None:
                    raise UnboundedError(f"{name} branches to {target:#x}, where no function is")
                callees.add(called.name)
        return frame, callees


def register_bytes(registers: str) -> int:
    """Bytes of a register list such as "r4, r5, lr" or "d8-d15"."""
    total = 0
    for part in registers.replace(" ", "").split(","):
        first, _, last = part.partition("-")
        count = int(last[1:]) - int(first[1:]) + 1 if last else 1
        total += count * (8 if first.startswith("d") else 4)
    return total


def pushed_bytes(instruction: str, where: str) -> int:
    """By how much one Thumb instruction lowers the stack pointer."""
    if found := re.match(r"(?:v?push|v?stmdb(?:\.w)? sp!,|vstmdb sp!,)(?:\.w)? ?\{([^}]*)\}", instruction):
        return register_bytes(found[1])
    if found := re.match(r"sub(?:w|\.w)? sp, (?:sp, )?#(\d+)", instruction):
        return int(found[1])
    if found := re.match(r"strd?(?:\.w)? .*\[sp, #-(\d+)\]!", instruction):
        return int(found[1])
    if re.match(r"(?:mov|msr|sub|ldr)\S* (?:sp|msp|psp),", instruction):
        raise UnboundedError(f"{where} moves the stack pointer in a way that is not followed: {instruction}")
    return 0


def branch_target(instruction: str, where: str) -> int | None:
    """Where one Thumb instruction may go, other than onwards or back to its caller."""
    if re.match(r"blx? r\d|bx r\d|bx ip|blx ip|mov(?:\.w)? pc,", instruction):
        raise UnboundedError(f"{where} calls through a pointer")
    found = re.match(r"(?:b\w*(?:\.[nw])?|cbn?z) (?:\w+, )?([0-9a-f]+) <", instruction)
    return int(found[1], 16) if found else None
