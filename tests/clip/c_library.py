"""A generated model as a shared library with its own arena, called frame by frame from Python."""

import ctypes
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.kernel_harness import called_kernels
from verify.proof.check import ProvedPlan

EMBEDDED = Path(__file__).parent.parent.parent / "embedded"
WARNINGS = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic")
CHECKS = ("-fsanitize=undefined", "-fno-sanitize-recover=all")


def begin(library: ctypes.CDLL, folder: Path) -> Callable[..., int]:
    """`stj_model_begin` of a model in `folder`: its header renames the function after the plan."""
    name = re.search(r"#define stj_model_begin (\w+)", (folder / "stj_model.h").read_text())
    assert name is not None
    return getattr(library, name[1])


class Library:
    """The model in `folder`, begun. The arena is full of garbage; `spoil` does that again to what no frame keeps."""

    def __init__(self, folder: Path, proved: ProvedPlan):
        self.graph, self.plan = proved.graph, proved.plan
        output = folder / "model.so"
        output.unlink(missing_ok=True)  # the loader would give the library that was there before
        output = folder / f"model{len(list(folder.glob('model*.so')))}.so"
        sources = [*sorted(folder.glob("*.c")), *called_kernels(folder)]
        options = [*WARNINGS, *CHECKS, "-O1", "-shared", "-fPIC", "-lm", f"-I{EMBEDDED / 'include'}", f"-I{folder}"]
        subprocess.run(["gcc", *map(str, sources), *options, "-o", str(output)], check=True)
        self.c = ctypes.CDLL(str(output))
        self._begin = begin(self.c, folder)
        self.c.stj_model_output.restype = ctypes.c_void_p
        self.arena = np.random.default_rng(0).integers(0, 2**63, self.plan.arena_bytes // 8 + 1, np.uint64)
        self.state = ctypes.create_string_buffer(256)
        self.begin()

    def begin(self) -> None:
        assert self._begin(self.state, self.pointer(self.arena), ctypes.c_size_t(self.arena.nbytes)) == 0

    @staticmethod
    def pointer(array: np.ndarray) -> ctypes.c_void_p:
        assert array.flags.c_contiguous
        return array.ctypes.data_as(ctypes.c_void_p)

    def push(self, frame: np.ndarray) -> int:
        return self.c.stj_model_push_frame(self.state, self.pointer(np.ascontiguousarray(frame)))

    def push_rows_of(self, frame: np.ndarray, first: int, last: int) -> int:
        return self.c.stj_model_push_frame_rows(self.state, self.pointer(np.ascontiguousarray(frame)), first, last)

    def output(self, index: int) -> np.ndarray | None:
        place = self.c.stj_model_output(self.state, index)
        size = self.graph.tensors[self.graph.outputs[index]].size_bytes
        return None if place is None else np.frombuffer(ctypes.string_at(place, size), np.int8)

    def spoil(self, seed: int) -> None:
        """Fills all bytes with garbage but the frames that are kept and the outputs."""
        memory = self.arena.view(np.uint8)
        spoilt = np.ones(len(memory), bool)
        for buffer in self.plan.buffers:
            if buffer.frames > 1 or buffer.tensor in self.graph.outputs:
                size = buffer.frames * self.graph.tensors[buffer.tensor].size_bytes
                spoilt[buffer.offset : buffer.offset + size] = False
        memory[spoilt] = np.random.default_rng(seed).integers(0, 256, int(spoilt.sum()), np.uint8)
