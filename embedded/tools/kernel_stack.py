"""Deepest use of the stack below a call of each kernel, over boards and optimisation levels.

    python -m embedded.tools.kernel_stack           prints a table, and writes stack.py of each target's folder
    python -m embedded.tools.kernel_stack --check   fails where these files say less than is needed now

A plan's stack reserve is made of these numbers (verify.targets.stack); the firmware build compares the sum with the
compiler's bound of the linked image.
"""

import argparse
import importlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from embedded.tools.board import BOARDS, Board, FirmwareError, board_names, check_tools, load_board
from embedded.tools.firmware import build_library, kernel_objects
from embedded.tools.stack_check import CallGraph, deepest, disassemble
from verify.targets.measured import LEVELS, Measured, package_of
from verify.targets.registry import targets

ROOT = Path(__file__).resolve().parents[2]


def measured(boards: Sequence[Board], levels: Sequence[str]) -> dict[str, dict[str, int]]:
    """Bytes by kernel function and by "board level"."""
    found: dict[str, dict[str, int]] = {}
    for board in boards:
        for level in levels:
            for name, size in depths(board, level).items():
                found.setdefault(name, {})[f"{board.name} {level}"] = size
    return dict(sorted(found.items()))


def depths(board: Board, level: str) -> dict[str, int]:
    """Frames along the deepest chain of calls from each kernel function, library routines included."""
    library = build_library(board, level)
    with tempfile.TemporaryDirectory() as folder:
        elf = Path(folder) / "kernels.elf"
        link(board, library, elf)
        graph = CallGraph(path.with_suffix(".ci").read_text() for path in kernel_objects(library))
        code = disassemble(f"{board.prefix}objdump", elf)
        names = [name for name in packages() if name in graph.frames]
        return {name: deepest(graph, [name], code.routine).size_bytes for name in names}


def packages() -> dict[str, str]:
    """The package in whose `stack` a kernel function's figure stands, by the function's name."""
    return {
        name: package_of(kernel)
        for target in targets().values()
        for kernel in target.kernels
        if isinstance(kernel, Measured)
        for name in (kernel.name, kernel.tile_name)
    }


def file_of(package: str) -> Path:
    return ROOT / package.replace(".", "/") / "stack.py"


def link(board: Board, library: Path, elf: Path) -> None:
    """All kernels in one image, so that the library routines that they call can be read."""
    flags = re.findall(r"^CFLAGS_BOARD := (.*)$", (BOARDS / board.name / "board.mk").read_text(), re.M)[0].split()
    everything = ["-Wl,--whole-archive", str(library / "libstj.a"), "-Wl,--no-whole-archive"]
    command = [board.compiler, *flags, "-nostartfiles", "-Wl,-e,0", *everything, "-lm", "-o", str(elf)]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise FirmwareError(f"the kernels do not link: {' '.join(command)}\n{result.stderr.strip()}")


def table(found: Mapping[str, Mapping[str, int]]) -> str:
    columns = list(dict.fromkeys(column for sizes in found.values() for column in sizes))
    width = max(map(len, found))
    lines = [f"{'':<{width}} " + " ".join(columns)]
    for name, sizes in found.items():  # a board that lacks a kernel's instructions has no function of it
        lines.append(f"{name:<{width}} " + " ".join(f"{sizes.get(column, ''):>{len(column)}}" for column in columns))
    return "\n".join(lines)


def written(text: str, found: Mapping[str, Mapping[str, int]]) -> str:
    """The text of a `stack` module with these numbers."""
    rows = "".join(f'    "{name}": {max(sizes.values())},\n' for name, sizes in found.items())
    return re.sub(r"(STACK_BYTES: .*= \{).*?\}\n", lambda m: f"{m[1]}\n{rows}}}\n", text, flags=re.DOTALL)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m embedded.tools.kernel_stack", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    options = parser.parse_args()
    boards = [board for board in map(load_board, board_names()) if board.is_device]
    try:
        for board in boards:
            check_tools(board, running=False)
        found = measured(boards, LEVELS)
    except FirmwareError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(table(found))
    owner, fits = packages(), True
    for package in sorted(set(owner.values())):
        own, path = {name: sizes for name, sizes in found.items() if owner[name] == package}, file_of(package)
        if not options.check:
            path.write_text(written(path.read_text(), own))
            continue
        stated = importlib.import_module(f"{package}.stack").STACK_BYTES
        for name, sizes in own.items():
            if max(sizes.values()) > stated.get(name, 0):
                fits = False
                print(f"error: {name} needs {max(sizes.values())} bytes, {path} has {stated.get(name, 0)}")
    return 0 if fits else 1


if __name__ == "__main__":
    sys.exit(main())
