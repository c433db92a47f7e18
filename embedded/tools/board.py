"""Boards, read from boards/<name>/board.mk: the same lines that make includes."""

import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

EMBEDDED = Path(__file__).resolve().parent.parent
BOARDS = EMBEDDED / "boards"


class FirmwareError(Exception):
    """Something that the caller can mend: a wrong input file, a missing tool, a model that does not compile or run."""


@dataclass(frozen=True)
class Board:
    """One board.

    Args:
      name: name of its folder.
      title: for people.
      compiler: the C compiler's command.
      prefix: prefix of the tools that read the image ("arm-none-eabi-"); empty on this computer.
      machine: QEMU's name for it, or None when programs run directly.
      packages: Debian packages that bring its tools.
      target: whose kernels a plan for it takes unless it is told otherwise (verify.targets).
    """

    name: str
    title: str
    compiler: str
    prefix: str
    machine: str | None
    packages: tuple[str, ...]
    target: str

    @property
    def is_device(self) -> bool:
        """Whether its figures are those of a microcontroller."""
        return self.machine is not None


def board_names() -> list[str]:
    return sorted(path.parent.name for path in BOARDS.glob("*/board.mk"))


def load_board(name: str) -> Board:
    """The board of this name.

    Raises:
      FirmwareError: if there is none.
    """
    if name not in board_names():
        raise FirmwareError(f'unknown board "{name}": choose one of {", ".join(board_names())}')
    values = {}
    for line in (BOARDS / name / "board.mk").read_text().splitlines():
        key, assigned, value = line.partition(":=")
        if assigned:
            values[key.strip()] = value.strip()
    return Board(
        name=name,
        title=values["TITLE"],
        compiler=values["CC"],
        prefix=values.get("BINUTILS", ""),
        machine=values.get("MACHINE"),
        packages=tuple(shlex.split(values["PACKAGES"])),
        target=values["BOARD_TARGET"],
    )


def check_tools(board: Board, running: bool = True) -> None:
    """Raises FirmwareError naming the packages to install when a command is missing."""
    needed = ["make", "gcc", board.compiler, f"{board.prefix}nm", f"{board.prefix}size"]
    if board.is_device:
        needed.append(f"{board.prefix}objdump")
        needed += [QEMU] if running else []
    missing = sorted({command for command in needed if shutil.which(command) is None})
    if missing:
        raise FirmwareError(
            f"board {board.name} needs {', '.join(missing)}, not found on PATH; "
            f"on Debian or Ubuntu: apt-get install make gcc {' '.join(p for p in board.packages if p != 'gcc')}"
        )


QEMU = "qemu-system-arm"
