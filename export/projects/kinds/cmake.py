"""CMake and plain Make: this computer, and bare-metal boards under QEMU, each a folder of `templates/cmake/boards`."""

from collections.abc import Iterator
from pathlib import Path

from export.projects.project import Files, Kind, Project
from verify.targets.registry import target_named

BOARDS = Path(__file__).resolve().parent.parent / "templates" / "cmake" / "boards"
COMMON = "common"
TEXTS = ("CMakeLists.txt", "Makefile", "README.md")
PROGRAMS = ("main.c", "serial.c")


def files(project: Project) -> Files:
    boards = [board for board in _folders() if board.name != COMMON and _fits(project, board)]
    table = [
        {"name": board.name, "core": _word(board / "core"), "machine": _word(board / "qemu").split()[2]}
        for board in boards
    ]
    programs = {name: project.text(f"cmake/{name}.j2") for name in PROGRAMS}
    copied = [path for board in (BOARDS / COMMON, *boards) for path in sorted(board.iterdir())]
    return {
        **project.under("model"),
        **project.extras(),
        **{f"boards/{path.relative_to(BOARDS)}": path.read_text(encoding="utf-8") for path in copied},
        "model/CMakeLists.txt": project.text("cmake/model.cmake.j2"),
        **{f"example/{name}": text for name, text in programs.items()},
        **{f"feed/{name}": text for name, text in project.beside(*programs.values()).items()},
        **{name: project.text(f"cmake/{name}.j2", boards=table) for name in TEXTS},
    }


def _folders() -> Iterator[Path]:
    yield from (path for path in sorted(BOARDS.iterdir()) if path.is_dir())


def _fits(project: Project, board: Path) -> bool:
    """Whether a board has what the plan's kernels are for."""
    features = set(_word(board / "features").split()) if (board / "features").exists() else set()
    return target_named(project.proved.plan.target).features <= features


def _word(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()


KIND = Kind(
    "cmake",
    "CMake and plain Make, for this computer and bare-metal boards",
    files,
    lambda folder, archive: (f"make -C {folder} run", f"make -C {folder} run BOARD=cortex-m7"),
)
