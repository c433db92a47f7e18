"""Runs the commands of the README's first screen and writes what they print below them:   python -m tools.readme

Seconds, a solver's version and hashes are written anew only where something else differs, too. The commands run in
a temporary folder in which `tests` and `embedded` are those of this tree.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "README.md"
COMPILER = "12.2.1"
"""Version of arm-none-eabi-gcc that the committed figures of firmware are of."""

_SCREEN = re.compile(r"(?<=^```\n)\$ .*?(?=^```$)", re.DOTALL | re.MULTILINE)
_NOT_RUN = "make setup"
_VARIES = re.compile(r"in [\d.]+ s \(z3 [\d.]+\)|[0-9a-f]{64}")


class ReadmeError(Exception):
    """The README has no first screen, or a command of it fails."""


@dataclass(frozen=True)
class Shown:
    """A command of the first screen, and the lines that stand below it."""

    command: str
    lines: tuple[str, ...]

    @property
    def runs(self) -> bool:
        return not self.command.startswith(_NOT_RUN)

    @property
    def of_firmware(self) -> bool:
        return "-C embedded" in self.command


def screen(document: str) -> list[Shown]:
    """The commands of the first block of code that begins with one."""
    block = _SCREEN.search(document)
    if block is None:
        raise ReadmeError(f"{DOCUMENT.name} has no block that begins with a command, '$ '")
    shown: list[Shown] = []
    for line in block[0].splitlines():
        if line.startswith("$ "):
            shown.append(Shown(line.removeprefix("$ "), ()))
        else:
            shown[-1] = Shown(shown[-1].command, (*shown[-1].lines, line))
    return shown


def printed(commands: list[str]) -> Iterator[tuple[str, ...]]:
    """What the commands print, one after the other, without blanks at the ends of lines.

    Raises:
      ReadmeError: one fails.
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    with tempfile.TemporaryDirectory(prefix="readme-") as name:
        for folder in ("tests", "embedded"):
            (Path(name) / folder).symlink_to(ROOT / folder)
        environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "COLUMNS")}
        environment |= {"PATH": path, "PYTHONPATH": str(ROOT), "PWD": name}
        for command in commands:
            result = subprocess.run(["bash", "-c", command], cwd=name, env=environment, capture_output=True, text=True)
            if result.returncode != 0:
                raise ReadmeError(f"{command}: status {result.returncode}\n{result.stdout}{result.stderr}")
            yield tuple(line.rstrip() for line in result.stdout.splitlines())


def comparable(shown: Shown) -> tuple[str, ...]:
    """Its lines without what differs from run to run; figures of firmware only for the compiler that they are of."""
    lines = tuple(_VARIES.sub("...", line) for line in shown.lines)
    if shown.of_firmware and compiler() != COMPILER:
        return tuple(re.split(r"  +", line)[0] for line in lines)
    return lines


def compiler() -> str:
    """The version of the compiler for devices, "" where there is none."""
    if shutil.which("arm-none-eabi-gcc") is None:
        return ""
    command = ["arm-none-eabi-gcc", "-dumpfullversion"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def updated(document: str) -> str:
    """The document with what its commands print today."""
    old = screen(document)
    results = printed([shown.command for shown in old if shown.runs])
    new = [Shown(shown.command, next(results)) if shown.runs else shown for shown in old]
    kept = [b if comparable(a) != comparable(b) else a for a, b in zip(old, new, strict=True)]
    text = "".join(f"$ {shown.command}\n" + "".join(f"{line}\n" for line in shown.lines) for shown in kept)
    return _SCREEN.sub(lambda _: text, document, count=1)


def main() -> int:
    old = DOCUMENT.read_text()
    try:
        new = updated(old)
    except ReadmeError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    DOCUMENT.write_text(new)
    print(f"readme: {DOCUMENT.name} {'was up to date' if new == old else 'has been brought up to date'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
