"""Deepest use of the stack below a call of each portable kernel, over boards and optimisation levels.

    python -m embedded.tools.kernel_stack           prints a table, and writes verify/targets/portable/stack.py
    python -m embedded.tools.kernel_stack --check   fails where that file says less than is needed now

A plan's stack reserve is made of these numbers (verify.targets.stack); the firmware build compares the sum with the
compiler's bound of the linked image.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from embedded.tools.board import BOARDS, Board, FirmwareError, board_names, check_tools, load_board
from embedded.tools.firmware import build_library, kernel_objects
from embedded.tools.stack_check import CallGraph, deepest, disassemble
from verify.targets.portable.stack import LEVELS, STACK_BYTES
from verify.targets.registry import PORTABLE, target_named

OUTPUT = Path(__file__).resolve().parents[2] / "verify/targets/portable/stack.py"


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
        kernels = target_named(PORTABLE).kernels
        names = [name for kernel in kernels for name in (kernel.name, kernel.tile_name) if name in graph.frames]
        return {name: deepest(graph, [name], code.routine).size_bytes for name in names}


def link(board: Board, library: Path, elf: Path) -> None:
    """All kernels in one image, so that the library routines that they call can be read."""
    flags = re.findall(r"^CFLAGS_BOARD := (.*)$", (BOARDS / board.name / "board.mk").read_text(), re.M)[0].split()
    everything = ["-Wl,--whole-archive", str(library / "libstj.a"), "-Wl,--no-whole-archive"]
    command = [board.compiler, *flags, "-nostartfiles", "-Wl,-e,0", *everything, "-lm", "-o", str(elf)]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise FirmwareError(f"the kernels do not link: {' '.join(command)}\n{result.stderr.strip()}")


def table(found: Mapping[str, Mapping[str, int]]) -> str:
    columns = list(next(iter(found.values())))
    width = max(map(len, found))
    lines = [f"{'':<{width}} " + " ".join(columns)]
    for name, sizes in found.items():
        lines.append(f"{name:<{width}} " + " ".join(f"{sizes[column]:>{len(column)}}" for column in columns))
    return "\n".join(lines)


def written(text: str, found: Mapping[str, Mapping[str, int]]) -> str:
    """The text of verify/targets/portable/stack.py with these numbers."""
    rows = "".join(f'    "{name}": {max(sizes.values())},\n' for name, sizes in found.items())
    return re.sub(
        r"(STACK_BYTES: .*= \{\n).*?(\n\}\n)", lambda m: m[1] + rows.rstrip("\n") + m[2], text, flags=re.DOTALL
    )


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
    if not options.check:
        OUTPUT.write_text(written(OUTPUT.read_text(), found))
        return 0
    wrong = [name for name, sizes in found.items() if max(sizes.values()) > STACK_BYTES.get(name, 0)]
    for name in wrong:
        print(f"error: {name} needs {max(found[name].values())} bytes, {OUTPUT.name} has {STACK_BYTES.get(name, 0)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
