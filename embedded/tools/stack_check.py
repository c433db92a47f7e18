# SPDX-License-Identifier: Apache-2.0
"""Compares the stack that generated code needs at most, as the compiler says, with what its plan reserves.

    gcc -c ... -fstack-usage -fcallgraph-info=su    a .ci file per object; gcc 10 or newer
    python3 stack.py --header model.h --image model.elf --objdump arm-none-eabi-objdump *.ci

The bound is the deepest chain of calls from any function of the model's interface. Routines that the compiler did not
compile, memcpy and the helpers of libgcc, are read from the machine code of a linked image (Thumb). What has no bound
(recursion, calls through pointers, frames of varying size) is named, and fails.

Exit codes: 0 fits, 1 does not fit or has no bound, 2 wrong arguments. Nothing but Python 3.7 is needed: every exported
folder has this file as stack.py, and `make -C embedded` uses it as a module.
"""

from __future__ import annotations

import argparse
import bisect
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

INDIRECT = "__indirect_call"
DEVICE_POINTER_BYTES = 4


class UnboundedError(Exception):
    """Why there is no bound."""


class Bound(NamedTuple):
    """Bytes of stack at most, and the functions along which, outermost first."""

    size_bytes: int
    chain: tuple[str, ...]


class CallGraph:
    """Frame bytes and callees by function; frames that vary are in `dynamic`. Static functions are "file.c:name"."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Reads the compiler's .ci files."""
        self.frames: dict[str, int] = {}
        self.dynamic: set[str] = set()
        self.calls: dict[str, set[str]] = {}
        for text in texts:
            for name, size, kind in re.findall(
                r'node: \{ title: "([^"]+)" label: "[^"]*?(\d+) bytes \(([^)]*)\)', text
            ):
                self.frames[name] = max(int(size), self.frames.get(name, 0))
                if kind.startswith("dynamic") and "bounded" not in kind:
                    self.dynamic.add(name)
            for caller, callee in re.findall(r'edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"', text):
                self.calls.setdefault(caller, set()).add(callee)


class Routine(NamedTuple):
    """Frame and callees of a function that the compiler did not compile."""

    frame: int
    callees: set[str]


def deepest(graph: CallGraph, entries: Iterable[str], routine: Callable[[str], Routine]) -> Bound:
    """The deepest chain from any of `entries`; `routine` answers for functions that are not in the graph.

    Raises:
      UnboundedError: there is no bound, or no entry.
    """
    walk = _Walk(graph, routine)
    found = [walk.depth(name, ()) for name in entries]
    if not found:
        raise UnboundedError("the compiler left no call graph")
    size_bytes, chain = max(found)
    return Bound(size_bytes, tuple(name.rsplit(":", 1)[-1] for name in chain))


class _Walk:
    """Depth-first over compiled functions, then over library routines."""

    def __init__(self, graph: CallGraph, routine: Callable[[str], Routine]) -> None:
        self.graph = graph
        self.routine = routine
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
            frame, callees = self.routine(name)
        below = max((self.depth(callee, callers) for callee in sorted(callees)), default=(0, ()))
        return frame + below[0], (name, *below[1])


# -- Machine code -----------------------------------------------------------------------------------------------


class _Symbol(NamedTuple):
    address: int
    size_bytes: int
    name: str


class MachineCode:
    """Functions of a linked image, as `objdump --syms --disassemble --no-show-raw-insn` prints them."""

    def __init__(self, text: str) -> None:
        self.is_arm = re.search(r"file format elf32-(little|big)?arm", text) is not None
        self.by_name: dict[str, _Symbol] = {}
        for address, flags, size, name in re.findall(
            r"^([0-9a-f]+) (.{7}) \S+\t([0-9a-f]+) (?:\.hidden )?(\S+)$", text, re.M
        ):
            # Sections, files, and the marks of code and data that are called $t, $d, ...
            if not set("df") & set(flags) and not name.startswith("$"):
                self.by_name[name] = _Symbol(int(address, 16), int(size, 16), name)
        instructions = re.findall(r"^\s*([0-9a-f]+):\t(.*)$", text, re.M)
        self.code = [(int(address, 16), " ".join(what.split())) for address, what in instructions]
        self.addresses = [address for address, _ in self.code]
        self.labels = sorted(symbol for symbol in self.by_name.values() if self.is_code(symbol))
        self.starts = [label.address for label in self.labels]

    def is_code(self, symbol: _Symbol) -> bool:
        place = bisect.bisect_left(self.addresses, symbol.address)
        return place < len(self.addresses) and self.addresses[place] == symbol.address

    def routine(self, name: str) -> Routine:
        """Frame and callees of a function.

        Raises:
          UnboundedError: it is not there, or does what is not followed.
        """
        symbol = self.by_name.get(name)
        if symbol is None or not self.is_code(symbol):
            raise UnboundedError(f"{name} is not in the image")
        if not self.is_arm:
            raise UnboundedError(f"{name} is machine code of another processor than Arm's, which is not read")
        first, end = bisect.bisect_left(self.addresses, symbol.address), self.end_of(symbol)
        frame, callees = 0, set()
        for _, instruction in self.code[first : bisect.bisect_left(self.addresses, end)]:
            frame += _pushed_bytes(instruction, name)
            target = _branch_target(instruction, name)
            if target is not None and not symbol.address <= target < end:
                callees.add(self.function_at(target, name))
        return Routine(frame, callees)

    def end_of(self, symbol: _Symbol) -> int:
        """Address one past a function; assembly functions without a size end where the next one starts."""
        if symbol.size_bytes:
            return symbol.address + symbol.size_bytes
        place = bisect.bisect_right(self.starts, symbol.address)
        return self.starts[place] if place < len(self.starts) else self.addresses[-1] + 4

    def function_at(self, address: int, where: str) -> str:
        place = bisect.bisect_right(self.starts, address)
        if place == 0:
            raise UnboundedError(f"{where} branches to {address:#x}, where no function is")
        return self.labels[place - 1].name


def _register_bytes(registers: str) -> int:
    """Bytes of a register list such as "r4, r5, lr" or "d8-d15"."""
    total = 0
    for part in registers.replace(" ", "").split(","):
        first, _, last = part.partition("-")
        count = int(last[1:]) - int(first[1:]) + 1 if last else 1
        total += count * (8 if first.startswith("d") else 4)
    return total


def _pushed_bytes(instruction: str, where: str) -> int:
    """By how much one Thumb instruction lowers the stack pointer."""
    found = re.match(r"(?:v?push|v?stmdb(?:\.w)? sp!,|vstmdb sp!,)(?:\.w)? ?\{([^}]*)\}", instruction)
    if found:
        return _register_bytes(found[1])
    found = re.match(r"sub(?:w|\.w)? sp, (?:sp, )?#(\d+)", instruction)
    if found:
        return int(found[1])
    found = re.match(r"strd?(?:\.w)? .*\[sp, #-(\d+)\]!", instruction)
    if found:
        return int(found[1])
    if re.match(r"(?:mov|msr|sub|ldr)\S* (?:sp|msp|psp),", instruction):
        raise UnboundedError(f"{where} moves the stack pointer in a way that is not followed: {instruction}")
    return 0


def _branch_target(instruction: str, where: str) -> int | None:
    """Where one Thumb instruction may go, other than onwards or back to its caller."""
    if re.match(r"blx? r\d|bx r\d|bx ip|blx ip|mov(?:\.w)? pc,", instruction):
        raise UnboundedError(f"{where} calls through a pointer")
    found = re.match(r"(?:b\w*(?:\.[nw])?|cbn?z) (?:\w+, )?([0-9a-f]+) <", instruction)
    return int(found[1], 16) if found else None


def disassemble(objdump: str, image: Path) -> MachineCode:
    command = [objdump, "--syms", "--disassemble", "--no-show-raw-insn", str(image)]
    return MachineCode(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


# -- Command ----------------------------------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    options = _parse(arguments)
    try:
        reserve = _reserve(options.header.read_text())
        graph = CallGraph(path.read_text() for path in options.files)
        code = disassemble(options.objdump, options.image) if options.image else None
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    entries = sorted(name for name in graph.frames if name.startswith(f"{options.header.stem}_"))
    left_out: set[str] = set()

    def not_read(name: str) -> Routine:
        left_out.add(name)
        return Routine(0, set())

    try:
        bound = deepest(graph, entries, code.routine if code else not_read)
    except UnboundedError as error:
        print(f"error: stack: no bound: {error}", file=sys.stderr)
        return 1
    besides = f", and what {', '.join(sorted(left_out))} of the C library need" if left_out else ""
    print(f"stack: {bound.size_bytes} bytes at most{besides}: {' > '.join(bound.chain)}")
    if options.pointers > DEVICE_POINTER_BYTES:
        print("stack: not compared: with such pointers, frames are not those that the plan reserves for a device")
    elif left_out:
        print("error: stack: nobody looked at the C library's routines; give --image and --objdump", file=sys.stderr)
        return 1
    elif bound.size_bytes > reserve:
        print(
            f"error: stack: the plan reserves {reserve} bytes, so its sum of SRAM does not hold; optimise otherwise, "
            f'or write "stack_bytes": {bound.size_bytes} in the plan and export again',
            file=sys.stderr,
        )
        return 1
    else:
        print(f"stack: fits the {reserve} bytes that the plan reserves")
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE.ci", help="of the model and of its kernels")
    parser.add_argument("--header", type=Path, required=True, help="the generated header, which says the reserve")
    parser.add_argument("--image", type=Path, help="linked from the objects, for the C library's routines")
    parser.add_argument("--objdump", default="objdump", help="the image's disassembler")
    parser.add_argument(
        "--pointers", type=int, default=DEVICE_POINTER_BYTES, metavar="N", help="bytes of a pointer (4)"
    )
    return parser.parse_args(arguments)


def _reserve(header: str) -> int:
    found = re.search(r"^#define \w+_STACK_BYTES (\d+)", header, re.MULTILINE)
    if found is None:
        raise ValueError("the header does not define ..._STACK_BYTES, so it is none that was generated")
    return int(found[1])


if __name__ == "__main__":
    sys.exit(main())
