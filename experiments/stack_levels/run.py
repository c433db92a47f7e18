"""Compiles generated networks per device and optimisation level, and bounds their stack as `make stack` does.

Kernels are compiled once per device and level, where an exported folder compiles its own each time.
"""

import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from embedded.tools.board import EMBEDDED, load_board
from embedded.tools.firmware import build_library, kernel_objects
from embedded.tools.stack import INTERFACE
from embedded.tools.stack_check import CallGraph, Routine, UnboundedError, deepest, disassemble
from export.c.emit import emit
from tests.clip.test_per_frame import conv3d, streamtinynet
from tests.random_models import Net
from verify.clip import per_frame
from verify.graph.early_exit import exit_first
from verify.graph.graph import Graph
from verify.graph.plan import InputMode
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.tflite import read_model

LEVELS = ("-O0", "-O1", "-O2", "-O3", "-Os")
RESERVED = LEVELS[1:]
"""Those that the reserve is for."""

DEVICES = {
    "M4": ("mps2-an386", "-mthumb -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard"),
    "M7": ("mps2-an500", "-mthumb -mcpu=cortex-m7 -mfpu=fpv5-d16 -mfloat-abi=hard"),
    "M55": ("mps3-an547", "-mthumb -mcpu=cortex-m55 -mfloat-abi=hard"),
}
"""Device -> the board that has it, and the compiler's options for it."""

GCC = "arm-none-eabi-gcc"


@dataclass(frozen=True)
class Case:
    """A network, how it is planned, and the emitter's options besides."""

    name: str
    graph: Callable[[Path], Graph]
    request: Request
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """What one network needs: bytes by (device, level), or why there is no bound."""

    name: str
    scheme: str
    reserve: int
    needs: dict[tuple[str, str], int | str]

    def spare(self, device: str, level: str) -> int | None:
        """What is left of the reserve; None without a bound."""
        need = self.needs[device, level]
        return self.reserve - need if isinstance(need, int) else None


def of_file(name: str) -> Callable[[Path], Graph]:
    def read(models: Path) -> Graph:
        path = models / f"{name}.tflite"
        return read_model(path.read_bytes(), path.stem)

    return read


def two_outputs(_: Path) -> Graph:
    """With an early exit after the first."""
    net = Net(4)
    x = net.conv(net.input(1, 10, 8, 2), 4, (3, 3), (2, 2), (1, 1))
    net.dense(net.mean(x), 3)
    net.dense(net.mean(net.conv(x, 4, (3, 3), (1, 1), (1, 1))), 5)
    return exit_first(net.graph(), 0)[0]


def cases() -> tuple[Case, ...]:
    """Networks of third parties by rows, tiles and patches, and small ones of ours for clips and early exits."""
    vww, larger = "mcunet-5fps_vww", ("mcunet-320kb-1mb_vww", "mcunet-512kb-2mb_imagenet")
    corpus = ("mlperf_kws_dscnn_int8", "mlperf_ic_resnet8_int8", "tflm_person_detect_int8")
    small = of_file(f"mcunet_zoo/{vww}")
    return (
        *(Case(vww, small, Request(scheme)) for scheme in ("auto", "layer", "stream", "patch", "stream-2d")),
        Case(f"{vww}, input by patches", small, Request(mode=InputMode.PATCHES)),
        *(Case(name, of_file(f"mcunet_zoo/{name}"), Request()) for name in larger),
        *(Case(name, of_file(f"corpus/{name}"), Request()) for name in corpus),
        Case("clip, rows reused", lambda _: per_frame(streamtinynet()), Request("stream"), {"reuse_rows": True}),
        Case("clip of causal 3-D convolutions", lambda _: per_frame(conv3d()), Request()),
        Case("two outputs, early exit", two_outputs, Request("layer"), {"early_exit": 0}),
    )


def measure(case: Case, models: Path, work: Path) -> Row:
    """Everything about one network.

    Raises:
      RuntimeError: its plan is not proved, or it does not compile.
    """
    graph = case.graph(models)
    report, proved = check(graph, make_plan(graph, case.request))
    if proved is None:
        raise RuntimeError(f"{case.name}: {report.verdicts}")
    folder = work / re.sub(r"\W+", "-", f"{case.name} {proved.plan.scheme}")
    folder.mkdir()
    for name, text in emit(proved, **case.options).items():
        (folder / name).write_text(text)
    combinations = [(device, level) for device in DEVICES for level in LEVELS]
    with ThreadPoolExecutor(2) as pool:
        needs = pool.map(lambda at: bound_of(folder, *at), combinations)
        return Row(case.name, proved.plan.scheme, proved.plan.stack_bytes, dict(zip(combinations, needs, strict=True)))


def bound_of(folder: Path, device: str, level: str) -> int | str:
    """Bytes of stack of the network in a folder, or why there is no bound."""
    board, flags = DEVICES[device]
    kernels = kernel_objects(build_library(load_board(board), level))
    options = [level, *flags.split(), "-fcallgraph-info=su", f"-I{EMBEDDED / 'include'}"]
    unchecked = [] if level in RESERVED else ["-DSTJ_STACK_UNCHECKED"]
    target = folder / f"{device}{level}"
    target.mkdir()
    objects = [target / f"{source.stem}.o" for source in folder.glob("*.c")]
    for made in objects:
        source = str(folder / f"{made.stem}.c")
        subprocess.run([GCC, "-std=c99", *options, *unchecked, "-c", source, "-o", str(made)], check=True)
    files = [*objects, *kernels]
    image = target / "stack.elf"
    whole = ["-nostartfiles", "-Wl,--entry=0", *map(str, files), "-lm", "-o", str(image)]
    subprocess.run([GCC, *options, *whole], check=True)
    graph = CallGraph(path.with_suffix(".ci").read_text() for path in files)
    entries = [name for name in graph.frames if name.startswith(INTERFACE)]
    try:
        return deepest(graph, entries, disassemble("arm-none-eabi-objdump", image).routine).size_bytes
    except UnboundedError as error:
        return str(error)


def kernel_needs() -> dict[str, dict[str, int]]:
    """Kernel -> level -> the most bytes on any device, of its functions for rows and for regions alike."""
    needs: dict[str, dict[str, int]] = {}
    for level in RESERVED:
        for board, _ in DEVICES.values():
            objects = kernel_objects(build_library(load_board(board), level))
            graph = CallGraph(path.with_suffix(".ci").read_text() for path in objects)
            for entry in (name for name in graph.frames if ":" not in name):
                most = needs.setdefault(entry, {})
                most[level] = max(most.get(level, 0), depth(graph, entry))
    return dict(sorted(needs.items()))


def depth(graph: CallGraph, entry: str) -> int:
    """Bytes below a kernel's call, without what the C library's routines need (at most a few registers)."""
    try:
        return deepest(graph, [entry], lambda _: Routine(0, set())).size_bytes
    except UnboundedError as error:
        raise RuntimeError(f"{entry}: {error}") from None


def least_spare(rows: Sequence[Row], level: str) -> tuple[int, float, str]:
    """(bytes spared, share of the reserve, where) of the network that comes closest to its reserve."""
    found = [
        (spare, 1 - spare / row.reserve, f"{row.name}, {row.scheme}, {device}")
        for row in rows
        for device in DEVICES
        if (spare := row.spare(device, level)) is not None
    ]
    return min(found)
