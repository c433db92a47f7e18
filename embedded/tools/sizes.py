"""Code, constants and stack frames of every kernel, as compiled for one board."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from embedded.tools.board import Board, FirmwareError
from embedded.tools.image import section_sizes, sum_of
from embedded.tools.report import number


@dataclass(frozen=True)
class KernelSize:
    """One kernel's object file; `frame` is its largest stack frame, calls not included."""

    name: str
    code: int
    constants: int
    static: int
    frame: int


def kernel_sizes(board: Board, objects: Iterable[Path]) -> list[KernelSize]:
    """The kernels of these object files."""
    return [kernel_size(board, path) for path in objects]


def kernel_size(board: Board, path: Path) -> KernelSize:
    sizes = section_sizes(board, [path])
    usage = path.with_suffix(".su").read_text()
    return KernelSize(
        name=path.stem,
        code=sum_of(sizes, ".text"),
        constants=sum_of(sizes, ".rodata"),
        static=sum_of(sizes, ".data", ".bss"),
        frame=max((int(size) for size in re.findall(r"\t(\d+)\t", usage)), default=0),
    )


def sizes_text(kernels: list[KernelSize]) -> str:
    """Aligned columns with a line of sums."""
    if not kernels:
        raise FirmwareError("there is no kernel to measure")
    width = max(len(kernel.name) for kernel in kernels)
    lines = [f"{'kernel':<{width}} {'code':>9} {'constants':>9} {'static':>9} {'frame':>9}"]
    for kernel in kernels:
        columns = (kernel.code, kernel.constants, kernel.static, kernel.frame)
        lines.append(f"{kernel.name:<{width}} " + " ".join(f"{number(value):>9}" for value in columns))
    sums = [sum(getattr(kernel, column) for kernel in kernels) for column in ("code", "constants", "static")]
    lines.append(f"{'all':<{width}} " + " ".join(f"{number(value):>9}" for value in sums))
    return "\n".join(lines)
