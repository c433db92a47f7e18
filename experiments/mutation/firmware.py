"""Runs proved plans as C on this computer, under address and undefined-behaviour sanitizers, and compares every bit.

The kernels are compiled once; a plan costs its own .c and a link. C that is equal but for the plan's hash runs once.
"""

import hashlib
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from embedded.tools.firmware import build
from verify.graph.plan import Plan
from verify.targets.registry import target_named

ROOT = Path(__file__).resolve().parent.parent.parent
DRIVER = Path(__file__).with_suffix(".c")
EMBEDDED = ROOT / "embedded"
LIBRARY = "libkernels.a"
WARNINGS = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic")
SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
COMPILER = ("gcc", *WARNINGS, *SANITIZERS, f"-I{EMBEDDED / 'include'}")
TIMEOUT_S = 30
BOARD_TARGET = "cortex-m-dsp"
"""Its kernels have twins in plain C, which run here; it has the portable ones, too."""
DEVICE = "mps2-an500"
"""A Cortex-M7."""


@dataclass(frozen=True)
class Samples:
    """What a model is run on, and what it has to answer.

    Args:
      inputs: per sample one array per network input; frames of one stream for a model that runs frame by frame.
      outputs: per sample the bytes of each output, or None where none is due.
    """

    inputs: list[list[np.ndarray]]
    outputs: list[list[bytes] | None]


def compile_kernels(folder: Path) -> None:
    """All kernels that run here, with sanitizers, into the folder's library."""
    sources = sorted({EMBEDDED / "kernels" / f"{kernel.name}.c" for kernel in target_named(BOARD_TARGET).kernels})

    def compiled(source: Path) -> Path:
        output = folder / f"{source.stem}.o"
        subprocess.run([*COMPILER, "-O1", "-c", source, "-o", output], check=True)
        return output

    with ThreadPoolExecutor(2) as pool:
        objects = list(pool.map(compiled, sources))
    subprocess.run(["ar", "rcs", folder / LIBRARY, *objects], check=True)


class Firmware:
    """Compiles and runs generated C beside the library in `folder`."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.known: dict[str, str] = {}
        self.compiled = 0

    def judge(self, files: Mapping[str, str], samples: Samples, step: int = 1) -> str:
        """ "right", or what is wrong: it does not compile, a sanitizer's report, an output that differs.

        `step`: of a model that runs frame by frame, every so many results only are due.
        """
        text = "".join(files[name] for name in sorted(files))
        for digest in set(re.findall(r"\b[0-9a-f]{64}\b", text)):
            text = text.replace(digest, "").replace(digest[:12], "")  # names hold its beginning
        key = hashlib.sha256(f"{step} {text}".encode()).hexdigest()
        if key not in self.known:
            self.compiled += 1
            self.known[key] = self._judge(files, samples, step)
        return self.known[key]

    def _judge(self, files: Mapping[str, str], samples: Samples, step: int) -> str:
        with tempfile.TemporaryDirectory(dir=self.folder) as name:
            folder = Path(name)
            for file, text in files.items():
                (folder / file).write_text(text)
            program = folder / "firmware"
            repeats = ["-DREPEATS"] if "stj_model_repeat_frame(" in files["stj_model.h"] else []
            command = [*COMPILER, *repeats, "-O0", f"-I{folder}", DRIVER, self.folder / LIBRARY, "-lm", "-o", program]
            compiled = subprocess.run(command, capture_output=True, text=True)
            if compiled.returncode:
                return f"does not compile: {first_error(compiled.stderr)}"
            (folder / "input").write_bytes(b"".join(a.tobytes() for sample in samples.inputs for a in sample))
            arguments = [program, folder / "input", folder / "output", str(len(samples.inputs))]
            environment = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}
            try:
                run = subprocess.run(
                    arguments, capture_output=True, text=True, errors="replace", timeout=TIMEOUT_S, env=environment
                )
            except subprocess.TimeoutExpired:
                return f"does not end within {TIMEOUT_S} s"
            if run.returncode:
                return f"ends with {run.returncode}: {first_error(run.stderr)}"
            return compare((folder / "output").read_bytes(), samples, step)


def stack_problem(files: Mapping[str, str], plan: Plan, folder: Path) -> str:
    """Whether the stack that GCC's own figures add up to on a Cortex-M7 is more than the plan reserves; "" if not."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        generated = Path(name) / "generated"
        generated.mkdir()
        for file, text in files.items():
            (generated / file).write_text(text)
        bound = build(generated, DEVICE, Path(name) / DEVICE).stack_bound
    if bound.size_bytes is None:
        return f"no bound of the stack: {bound.reason}"
    if bound.size_bytes > plan.stack_bytes:
        return f"stack of {bound.size_bytes} bytes, {plan.stack_bytes} are reserved"
    return ""


def structure(plan: Plan) -> tuple[object, ...]:
    """What the stack of a plan's C may depend on."""
    tiled = {buffer.tensor for buffer in plan.buffers if buffer.tiled}
    return tuple(
        (
            len(stage.firings),
            stage.ticks > 1,
            stage.columns > 1,
            stage.axis,
            bool(stage.feeds),
            tuple((firing.op, firing.demand, firing.columns is None) for firing in stage.firings),
        )
        for stage in plan.stages
    ) + (frozenset(tiled),)


def first_error(text: str) -> str:
    """The line that says what happened."""
    lines = [line for line in text.splitlines() if re.search(r"error|ERROR|firmware:", line)]
    return re.sub(r"/\S*/|0x[0-9a-f]+|==\d+==", "", lines[0])[:200] if lines else text[:200]


def compare(found: bytes, samples: Samples, step: int) -> str:
    """Every output that is due, bit for bit; "right" if all are equal."""
    place, due = 0, 0
    sizes = [len(part) for part in next(outputs for outputs in samples.outputs if outputs is not None)]
    for number, outputs in enumerate(samples.outputs):
        wanted = outputs is not None and due % step == 0
        due += outputs is not None
        for k, size in enumerate(sizes):
            ready, data = found[place], found[place + 1 : place + 1 + size]
            place += 1 + size
            if not wanted:
                continue
            assert outputs is not None
            if not ready:
                return f"output {k} of sample {number} is missing"
            if data != outputs[k]:
                wrong = sum(a != b for a, b in zip(data, outputs[k], strict=True))
                return f"{wrong} of {size} bytes of output {k} of sample {number} differ"
    return "right"


def samples_of(inputs: Sequence[Sequence[np.ndarray]], outputs: Sequence[Sequence[np.ndarray] | None]) -> Samples:
    return Samples(
        [[np.ascontiguousarray(array) for array in sample] for sample in inputs],
        [None if arrays is None else [np.ascontiguousarray(a).tobytes() for a in arrays] for arrays in outputs],
    )
