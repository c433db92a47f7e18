"""Rows taken and work done apart give the bits of rows pushed, in any portions, and after frames that did not end."""

import ctypes
import random
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from export.c.emit import emit
from export.sources import kernel_files
from tests.export.test_project import CASES
from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.graph.tensor import DType
from verify.plan.request import Patches, Request
from verify.plan.search import make_plan
from verify.proof.check import check

OK, ORDER = 0, -2
APART = ("demo", "two inputs", "floats", "two outputs", "clip", "every other frame", "clip that reuses rows")
TOGETHER = ("two inputs of the caller", "early exit")


@dataclass(frozen=True)
class Network:
    """Generated C of a network, compiled for this computer."""

    graph: Graph
    plan: Plan
    code: str
    library: ctypes.CDLL

    @property
    def order(self) -> list[int]:
        return list((ctypes.c_int32 * len(self.graph.inputs)).in_dll(self.library, "stj_model_push_order"))

    @property
    def rows(self) -> list[int]:
        return list((ctypes.c_int32 * len(self.graph.inputs)).in_dll(self.library, "stj_model_input_rows"))


def network(name: str, folder: Path) -> Network:
    case = CASES[name]
    graph = case.graph()
    plan = make_plan(graph, Request(case.scheme, case.mode, time_step=case.step, patches=Patches()))
    _, proved = check(graph, plan)
    assert proved
    files = emit(proved, *case.options)
    for file, text in {**kernel_files(files), **files}.items():
        (folder / file).write_text(text)
    sanitizers = ("-fsanitize=undefined", "-fno-sanitize-recover=all")
    command = ["cc", "-std=c99", "-O1", "-Wall", "-Wextra", "-Wconversion", "-Werror", *sanitizers, "-shared", "-fPIC"]
    subprocess.run([*command, *map(str, folder.glob("*.c")), "-o", str(folder / "it.so")], check=True)
    library = ctypes.CDLL(str(folder / "it.so"))
    library.stj_model_output.restype = ctypes.c_void_p
    return Network(graph, plan, files["stj_model.c"], library)


class Model:
    """A running network: its struct, its arena, and the functions of either way to run it."""

    def __init__(self, of: Network):
        self.of, library = of, of.library
        self.struct, self.arena = (ctypes.c_uint64 * 64)(), (ctypes.c_uint64 * (of.plan.arena_bytes // 8 + 1))()
        tag = re.search(r"stj_model_PLAN_(\w+)", of.code.replace("STJ_MODEL_PLAN", "stj_model_PLAN"))
        assert tag
        begin = getattr(library, f"stj_model_begin_{tag[1]}")
        assert begin(self.struct, self.arena, ctypes.c_size_t(of.plan.arena_bytes)) == OK

    def push(self, input_: int, row: bytes) -> int:
        return self.of.library.stj_model_push_rows(self.struct, input_, row, 1)

    def take(self, input_: int, row: bytes) -> int:
        return self.of.library.stj_model_take_row(self.struct, input_, row)

    def work(self, ticks: int) -> int:
        return self.of.library.stj_model_work(self.struct, ticks)

    def drop(self) -> None:
        self.of.library.stj_model_drop_frame(self.struct)

    def outputs(self) -> list[bytes | None]:
        found = [self.of.library.stj_model_output(self.struct, k) for k in range(len(self.of.graph.outputs))]
        sizes = [self.of.graph.tensors[tensor].size_bytes for tensor in self.of.graph.outputs]
        return [None if at is None else ctypes.string_at(at, size) for at, size in zip(found, sizes, strict=True)]


def frame(of: Network, rng: np.random.Generator) -> list[list[bytes]]:
    """Rows of every input."""
    found = []
    for tensor, rows in zip(of.graph.inputs, of.rows, strict=True):
        data = of.graph.tensors[tensor]
        count = data.size_bytes // data.dtype.size_bytes
        real = data.dtype is DType.FLOAT32
        values = rng.random(count, np.float32) if real else rng.integers(-128, 128, count, np.int8)
        whole = values.tobytes()
        found.append([whole[k * len(whole) // rows : (k + 1) * len(whole) // rows] for k in range(rows)])
    return found


def pushed(model: Model, rows: list[list[bytes]]) -> list[bytes | None]:
    for k in model.of.order:
        for row in rows[k]:
            assert model.push(k, row) == OK
    return model.outputs()


def worked(
    model: Model, rows: list[list[bytes]], random_: random.Random, most: int | None = None
) -> list[bytes | None]:
    """The same frame in portions of any size, or the first `most` rows of it and some of their work."""
    for k in model.of.order:
        for row in rows[k]:
            if most == 0:
                model.work(random_.choice((0, 1, 3)))
                return []
            most = None if most is None else most - 1
            while model.work(random_.choice((1, 1, 2, 7))):
                assert model.take(k, row) == ORDER
            assert model.take(k, row) == OK
    ready = False
    while model.work(1):
        ready |= model.of.graph.clip_frames == 1 and None not in model.outputs()
        assert model.take(0, rows[0][0]) == ORDER
    assert not ready, "an output was given before its work was done"
    return model.outputs()


@pytest.mark.parametrize("name", APART)
def test_work_apart_from_rows_gives_the_same_bits(name: str, tmp_path: Path) -> None:
    of = network(name, tmp_path)
    rng, random_ = np.random.default_rng(1), random.Random(2)
    whole, apart = Model(of), Model(of)
    results = 0
    for _ in range(2 * of.graph.clip_frames + 2):
        rows = frame(of, rng)
        if of.graph.clip_frames == 1:
            whole, apart = Model(of), Model(of)
        wanted = pushed(whole, rows)
        assert worked(apart, rows, random_) == wanted
        results += wanted[0] is not None
    assert results > 1


@pytest.mark.parametrize("name", APART)
def test_a_frame_that_does_not_end_leaves_no_trace(name: str, tmp_path: Path) -> None:
    of = network(name, tmp_path)
    rng, random_ = np.random.default_rng(3), random.Random(4)
    whole, apart = Model(of), Model(of)
    for number in range(3 * of.graph.clip_frames + 9):
        rows = frame(of, rng)
        if of.graph.clip_frames == 1:  # an inference begins anew
            apart.drop()
        if number % 3 == 1:
            worked(apart, frame(of, rng), random_, random_.randrange(sum(of.rows)))
            apart.drop()
            assert apart.outputs() == [None] * len(of.graph.outputs)
        if of.graph.clip_frames == 1:
            whole = Model(of)
        assert worked(apart, rows, random_) == pushed(whole, rows)


@pytest.mark.parametrize("name", TOGETHER)
def test_programs_that_cannot_be_halved_have_no_such_functions(name: str, tmp_path: Path) -> None:
    of = network(name, tmp_path)
    assert not hasattr(of.library, "stj_model_work") and "stj_model_take_row" not in of.code
