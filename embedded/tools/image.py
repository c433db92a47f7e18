"""What a linked image or an object file contains: section sizes, symbols and code, read with the board's binutils."""

import bisect
import functools
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from embedded.tools.board import Board


@dataclass(frozen=True)
class Symbol:
    """A symbol; `size_bytes` is 0 where the image does not say.

    `source` is the stem of the source file for symbols that are local to it, whose names need not be unique, else "".
    """

    name: str
    address: int
    size_bytes: int
    is_code: bool
    source: str = ""

    @property
    def label(self) -> str:
        return f"{self.source}:{self.name}" if self.source else self.name


def output_of(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def section_sizes(board: Board, paths: Iterable[Path]) -> dict[str, int]:
    """Sizes by section name, summed over files (an archive counts as its members)."""
    sizes: dict[str, int] = {}
    files = [str(path) for path in paths]
    if not files:
        return sizes
    for name, size in re.findall(r"^(\.\S+)\s+(\d+)\s+\d+$", output_of([f"{board.prefix}size", "-A", *files]), re.M):
        sizes[name] = sizes.get(name, 0) + int(size)
    return sizes


def sum_of(sizes: dict[str, int], *prefixes: str) -> int:
    """Bytes in all sections called like a prefix or below it: ".text" covers ".text" and ".text.main"."""
    return sum(size for name, size in sizes.items() if any(name == p or name.startswith(p + ".") for p in prefixes))


class Image:
    """The symbols of one linked image."""

    def __init__(self, board: Board, elf: Path) -> None:
        self.board = board
        self.elf = elf
        self.symbols = tuple(sorted(read_symbols(board, elf), key=lambda symbol: (symbol.address, symbol.size_bytes)))
        self.code = tuple(symbol for symbol in self.symbols if symbol.is_code)
        self.code_addresses = [symbol.address for symbol in self.code]

    @functools.cached_property
    def by_name(self) -> dict[str, Symbol]:
        return {symbol.name: symbol for symbol in self.symbols}

    def address(self, name: str) -> int:
        return self.by_name[name].address

    def function_at(self, address: int) -> Symbol | None:
        """The function whose code contains `address`, or the closest one before it."""
        position = bisect.bisect_right(self.code_addresses, address)
        return self.code[position - 1] if position else None


def read_symbols(board: Board, elf: Path) -> Iterable[Symbol]:
    """All symbols, in the order of the image's table: local ones follow the name of their source file."""
    command = [f"{board.prefix}nm", "--no-sort", "--debug-syms", "--defined-only", "--print-size", str(elf)]
    source = ""
    for address, size, kind, name in re.findall(r"^([0-9a-f]+) (?:([0-9a-f]+) )?(\w) (\S+)$", output_of(command), re.M):
        if kind == "a" and not size:
            source = Path(name).stem
        # Arm marks the starts of code and data in a section with symbols called $t, $d, ...
        elif not name.startswith(("$", ".")):
            yield Symbol(name, int(address, 16), int(size or "0", 16), kind in "tTwW", source if kind == "t" else "")
