"""Cycles on a Cortex-M7, estimated: what llvm-mca says of each stretch of code, times how often it was executed.

An estimate and no measurement. llvm-mca has a model of the core's two pipelines that nobody has calibrated here; it
takes every load for a hit in the nearest memory and every branch for foreseen, and each stretch for a loop of its own,
so that what one leaves unfinished does not hold up the next. Flash that waits, caches and buses come on top.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

BOARD = "mps2-an500"
CORE = ("--triple=thumbv7em-none-eabihf", "--mcpu=cortex-m7")
ITERATIONS = 100
TOOLS = ("llvm-mca", "llvm-objdump")

_INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\s+(\S.*)$", re.M)
_TARGET = re.compile(r"(#?0x[0-9a-f]+|#?-?\d+)\s*<.*>$|<.*>$")
_IT = re.compile(r"^it([te]*) [a-z]{2}$")
_CONDITION = re.compile(r"^([a-z]+?)(?:eq|ne|hs|cs|lo|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)((?:\.\w+)*) ")
_UNSUPPORTED = re.compile(r"unsupported instruction.*\n.*instruction:\s*(.*)$", re.M)
_BRANCH = re.compile(r"^(b(?!ic|fi|fc|kpt)\w*(\.[nw])?|cbn?z|tb[bh]|pop.*pc|ldm.*pc|bx|blx)\b")


@dataclass(frozen=True)
class Stretch:
    """Instructions that are always executed together: their text, and how often."""

    lines: tuple[str, ...]
    times: int


def available() -> bool:
    """Whether LLVM's tools are here (Debian: llvm)."""
    return all(shutil.which(tool) for tool in TOOLS)


def estimated_cycles(elf: Path, executed: Mapping[int, int]) -> int:
    """Cycles of everything that was executed.

    Args:
      elf: the image.
      executed: executions by the instruction's address.
    """
    found = [stretch for stretch in stretches(disassembled(elf), executed) if stretch.lines]
    return round(sum(s.times * c for s, c in zip(found, cycles_of(found), strict=True)))


def disassembled(elf: Path) -> dict[int, str]:
    """The text of every instruction, by address, as LLVM's assembler reads it."""
    text = _output(["llvm-objdump", "-d", "--no-show-raw-insn", *CORE, str(elf)])
    code: dict[int, str] = {}
    conditional = 0
    for address, line in _INSTRUCTION.findall(text):
        plain = readable(line)
        if conditional:
            plain, conditional = _CONDITION.sub(r"\1\2 ", plain), conditional - 1
        if block := _IT.match(plain):
            plain, conditional = "nop", 1 + len(block[1])
        code[int(address, 16)] = plain
    return code


def readable(line: str) -> str:
    """An instruction that stands by itself: branches lead to a name, and calls are branches.

    llvm-mca takes neither calls nor IT blocks; `disassembled` makes a NOP of IT and leaves its conditions out.
    """
    line = re.sub(r"\s+", " ", _TARGET.sub("elsewhere", line.split("@")[0].strip()))
    return re.sub(r"^(bl|blx) ", "b ", line) if "elsewhere" in line else re.sub(r"^blx ", "bx ", line)


def stretches(code: Mapping[int, str], executed: Mapping[int, int]) -> Iterator[Stretch]:
    """The code that was executed, cut behind branches and where counts change."""
    lines: list[str] = []
    times = 0
    for address in sorted(code):
        count = executed.get(address, 0)
        if count != times and lines:
            yield Stretch(tuple(lines), times)
            lines = []
        times = count
        if count:
            lines.append(code[address])
        if lines and _BRANCH.match(code[address]):
            yield Stretch(tuple(lines), times)
            lines = []
    if lines:
        yield Stretch(tuple(lines), times)


def cycles_of(found: list[Stretch]) -> list[float]:
    """Cycles of each stretch, as one turn of a loop of nothing else."""
    regions = [
        f"@ LLVM-MCA-BEGIN {number}\n" + "\n".join(stretch.lines) + "\n@ LLVM-MCA-END\n"
        for number, stretch in enumerate(found)
    ]
    text = analysed("".join(regions))
    totals = {
        int(number): int(total)
        for number, total in re.findall(r"Code Region - (\d+)$.*?^Total Cycles:\s+(\d+)$", text, re.M | re.S)
    }
    return [totals[number] / ITERATIONS for number in range(len(found))]


def analysed(text: str) -> str:
    """What llvm-mca prints; an instruction that its model of the core lacks counts as a NOP."""
    views = ["--instruction-info=false", "--resource-pressure=false", f"--iterations={ITERATIONS}"]
    command = ["llvm-mca", CORE[0].replace("--triple", "--mtriple"), CORE[1], *views]
    while True:
        result = subprocess.run(command, input=text, capture_output=True, text=True)
        lacking = _UNSUPPORTED.search(result.stderr)
        if lacking is None:
            result.check_returncode()
            return result.stdout
        words = r"\s+".join(map(re.escape, lacking[1].split()))
        text, replaced = re.subn(rf"^{words}$", "nop", text, flags=re.M)
        if not replaced:
            raise ValueError(f"llvm-mca refuses {lacking[1]!r}, which is no line of its input")


def _output(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
