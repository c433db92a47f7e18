"""`python -m experiments.linked`: builds exported projects for several cores and compares the images with the proof.

A project of `--project cmake` is built for each board by its own Makefile; what the network takes is read from the
image's symbols. RAM: arena and struct (the stack is a reserve, which `make -C embedded build` compares). Flash:
what the model's constants take, and code. Beside it the arena that TensorFlow Lite Micro's interpreter records on a
64-bit host.
"""

import argparse
import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from export.c.emit import emit
from export.projects.kinds.cmake import KIND
from export.projects.project import Project
from verify.channels.reduced import reduced
from verify.clip import NotAClipError, per_frame
from verify.commands import cli
from verify.graph.graph import Graph
from verify.plan.bursts import searched
from verify.plan.left_out import constant_channels
from verify.plan.request import Request
from verify.proof.check import ProvedPlan, check
from verify.targets.choice import kernels_of
from verify.targets.flash import constant_bytes
from verify.tflite import read_model
from verify.tflm.run import TflmError, run_tflm

ROOT = Path(__file__).resolve().parents[2]
BOARDS = ("cortex-m4", "cortex-m7", "cortex-m55", "riscv32")
MODELS = (ROOT / "tests/data/demo_model.tflite", ROOT / "experiments/demo_camera/clip.tflite")


@dataclass(frozen=True)
class Linked:
    """What an image holds of a network, in bytes.

    Args:
      model, board: which.
      arena, state: proved; `ram` is what is linked for both.
      static: initialised and zeroed data of the network's own objects; none is proved.
      weights: proved; `constants` is what is linked for the model and its kernels' parameters.
      code: of the network's objects.
      tflm: arena that TensorFlow Lite Micro records, None where it does not run the model.
    """

    model: str
    board: str
    arena: int
    state: int
    ram: int
    static: int
    weights: int
    constants: int
    code: int
    tflm: int | None

    @property
    def agrees(self) -> bool:
        """Whether the image is what was proved."""
        return self.ram == self.arena + self.state and self.static == 0 and self.constants <= self.weights


def proved_plan(path: Path) -> ProvedPlan:
    """The plan of `verify.plan` with its defaults.

    Raises:
      RuntimeError: it is not proved.
    """
    graph: Graph = read_model(path.read_bytes(), path.stem)
    with contextlib.suppress(NotAClipError):
        graph = per_frame(graph)
    graph = reduced(graph, constant_channels(graph))
    search, plan = searched(graph, Request())
    report, proved = check(search.uses.graph, plan)
    if proved is None:
        raise RuntimeError(f"{path.name} is not proved: {report.verdicts}")
    return proved


def linked(path: Path, folder: Path) -> Iterator[Linked]:
    """One model on every board."""
    proved = proved_plan(path)
    for name, contents in KIND.files(Project(proved, emit(proved))).items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(contents.encode() if isinstance(contents, str) else contents)
    plan, weights = proved.plan, constant_bytes(proved.graph, kernels_of(proved.graph, proved.plan))
    recorded = tflm_arena(path)
    for board in BOARDS:
        subprocess.run(["make", "-s", "-C", str(folder), "all", f"BOARD={board}"], check=True, capture_output=True)
        tools = (folder / "boards" / board / "compiler").read_text().strip()
        build = folder / "build" / f"make-{board}"
        sizes = symbol_sizes(tools, build / "example.elf")
        objects = sorted((build / "model").glob("*.o"))
        sections = section_sizes(tools, objects)
        used = set(sizes)
        yield Linked(
            model=path.stem,
            board=board,
            arena=plan.arena_bytes,
            state=plan.state_bytes,
            ram=sizes["arena"] + sizes["model"],
            static=sections(".data") + sections(".bss"),
            weights=weights,
            constants=sum(size for name, size in sizes.items() if name.startswith(("op_", "tensor_"))),
            code=sections(".text", used),
            tflm=recorded,
        )


def symbol_sizes(tools: str, image: Path) -> dict[str, int]:
    """Symbol -> bytes of a linked image."""
    text = subprocess.run([f"{tools}nm", "--print-size", str(image)], check=True, capture_output=True, text=True).stdout
    rows = [line.split() for line in text.splitlines()]
    return {row[3]: int(row[1], 16) for row in rows if len(row) == 4}


def section_sizes(tools: str, objects: list[Path]):
    """Sums of sections of object files; of those of a function each, only where an image has kept the function."""
    text = subprocess.run([f"{tools}size", "-A", *map(str, objects)], check=True, capture_output=True, text=True).stdout
    rows = [line.split() for line in text.splitlines()]
    found = [(row[0], int(row[1])) for row in rows if len(row) == 3 and row[1].isdecimal()]

    def total(kind: str, kept: set[str] | None = None) -> int:
        return sum(
            size
            for name, size in found
            if name == kind or (name.startswith(f"{kind}.") and (kept is None or name[len(kind) + 1 :] in kept))
        )

    return total


def tflm_arena(path: Path) -> int | None:
    """Of the interpreter on one sample."""
    graph = read_model(path.read_bytes(), path.stem)
    dtypes = [graph.tensors[tensor].dtype.numpy for tensor in graph.inputs]
    samples = [np.zeros((1, *shape), dtype) for shape, dtype in zip(graph.input_shapes, dtypes, strict=True)]
    try:
        return run_tflm(path, samples).arena_bytes
    except TflmError:
        return None


def markdown(rows: list[Linked]) -> str:
    lines = [
        "# Linked images beside the proof",
        "",
        "Made by `python -m experiments.linked MODEL.tflite ... -o experiments/linked/results.md`; bytes. RAM:",
        "arena and struct, proved and linked; other data of the network's objects: none. Constants: weights, tables",
        "and parameters, proved (each array from a word's boundary on) and linked. TFLM: the arena that its",
        "interpreter records on a 64-bit host, where pointers take twice as much as on a board.",
        "",
        "| model | board | RAM proved | linked | other data | constants proved | linked | code | TFLM's arena |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        tflm = "does not run it" if row.tflm is None else f"{row.tflm:,}"
        lines.append(
            f"| {row.model} | {row.board} | {row.arena + row.state:,} | {row.ram:,} | {row.static} | {row.weights:,} | "
            f"{row.constants:,} | {row.code:,} | {tflm} |"
        )
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(
        "python -m experiments.linked", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("models", type=Path, nargs="*", metavar="MODEL.tflite", help="default: two of this project")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE.md")
    options = parser.parse_args()
    rows: list[Linked] = []
    for path in options.models or MODELS:
        with tempfile.TemporaryDirectory(prefix="stjax-linked-") as folder:
            for row in linked(path, Path(folder)):
                print(", ".join(f"{key} {value}" for key, value in asdict(row).items()), flush=True)
                rows.append(row)
    if options.output:
        cli.write_beside(options.output, markdown(rows))
    wrong = [row for row in rows if not row.agrees]
    for row in wrong:
        print(f"FAILED: {row.model} on {row.board} is not what was proved")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(cli.guarded(main))
