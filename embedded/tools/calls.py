"""Which instructions of an image call a kernel, and for which operator: for a profile per operator.

The generated functions call kernels with the parameters `&op_<index>` of one operator, in a statement of its own. The
image's line table says which instruction belongs to which line, and the line which operator it is.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from embedded.tools.board import Board
from embedded.tools.image import Image, Symbol, output_of, read_symbols

_BRANCH = re.compile(r"^ *([0-9a-f]+):\t[0-9a-f ]+\tb(?:l|l\.w|\.w|\.n|)\t([0-9a-f]+) <", re.M)
_OPERATOR = re.compile(r"\(&op_(\d+)\b")


@dataclass(frozen=True)
class Calls:
    """Calls of kernels in an image: operator's index by the address of the calling instruction, and the functions that
    these instructions are in."""

    operators: Mapping[int, int]
    callers: tuple[Symbol, ...]

    @property
    def text(self) -> str:
        """The file that the counting plugin reads."""
        callers = (f"caller {f.address:#x} {f.address + f.size_bytes:#x}" for f in self.callers)
        return "\n".join([*callers, *(f"call {address:#x}" for address in self.operators), ""])


def calls_of(image: Image, model_objects: Iterable[Path], kernel_objects: Iterable[Path]) -> Calls:
    """The calls of kernels in the functions of the model's own objects.

    Args:
      image: the linked image, with a line table for the model's functions.
      model_objects: object files of the generated model.
      kernel_objects: those of the kernels.
    """
    labels = _labels(image.board, model_objects)
    callers = tuple(symbol for symbol in image.code if symbol.label in labels and symbol.size_bytes > 0)
    kernels = {image.address(name) for name in _labels(image.board, kernel_objects) if name in image.by_name}
    sites = [site for caller in callers for site in _calls_in(image, caller, kernels)]
    lines = _lines_of(image, sites)
    found = ((site, _OPERATOR.search(line)) for site, line in zip(sites, lines, strict=True))
    return Calls({site: int(match[1]) for site, match in found if match}, callers)


def _labels(board: Board, objects: Iterable[Path]) -> frozenset[str]:
    """Names of the functions that object files define; those of local ones with their file's."""
    return frozenset(s.label for path in objects for s in read_symbols(board, path) if s.is_code)


def _calls_in(image: Image, caller: Symbol, targets: set[int]) -> list[int]:
    """Addresses of the branches to one of `targets`."""
    ends = [f"--start-address={caller.address:#x}", f"--stop-address={caller.address + caller.size_bytes:#x}"]
    text = output_of([f"{image.board.prefix}objdump", "-d", *ends, str(image.elf)])
    return [int(at, 16) for at, target in _BRANCH.findall(text) if int(target, 16) in targets]


def _lines_of(image: Image, addresses: list[int]) -> list[str]:
    """The source line of each instruction; empty where the image does not say."""
    if not addresses:
        return []
    text = output_of([f"{image.board.prefix}addr2line", "-e", str(image.elf), *map(hex, addresses)])
    sources: dict[str, list[str]] = {}
    lines = []
    for place in text.splitlines():
        file, _, number = place.split(" ")[0].rpartition(":")
        if file not in sources:
            sources[file] = Path(file).read_text().splitlines() if Path(file).is_file() else []
        index = int(number) - 1 if number.isdigit() else -1
        lines.append(sources[file][index] if 0 <= index < len(sources[file]) else "")
    return lines
