"""With STJ_CHECK_CONSTANTS `begin` finds a bit that has changed in any array of weights or tables."""

import ctypes
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from export.c.emit import emit
from export.c.readback import differences
from export.c.text import check_text
from export.projects import kinds
from export.projects.project import Project
from export.sources import kernel_files
from tests.export.test_project import CASES
from tests.export.test_projects import expected, missing, written
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.program.lower import lower
from verify.proof.check import ProvedPlan, check
from verify.targets.call import Constant
from verify.targets.choice import kernels_of
from verify.targets.flash import kernel_calls

OK, ORDER, CONSTANTS = 0, -2, -5
WARNINGS = ("-std=c99", "-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Werror")
FLAG = "-DSTJ_CHECK_CONSTANTS"


@pytest.fixture(scope="module")
def proved() -> ProvedPlan:
    graph = CASES["two outputs"].graph()
    _, found = check(graph, make_plan(graph, Request()))
    assert found
    return found


def library(proved: ProvedPlan, folder: Path, *flags: str) -> Path:
    files = emit(proved)
    for name, text in {**kernel_files(files), **files}.items():
        (folder / name).write_text(text)
    out = folder / "it.so"
    subprocess.run(["cc", *WARNINGS, "-O1", *flags, "-shared", "-fPIC", *folder.glob("*.c"), "-o", out], check=True)
    return out


def begin(path: Path, proved: ProvedPlan) -> tuple[int, int]:
    """Status of `begin`, and then of `push_rows`, of a struct that ran before."""
    it = ctypes.CDLL(str(path))
    tag = re.search(r"PLAN_(\w+) 1 ", emit(proved)["stj_model.h"])
    assert tag
    model, arena = (ctypes.c_uint64 * 64)(), (ctypes.c_uint64 * (proved.plan.arena_bytes // 8 + 1))()
    model[0] = ctypes.addressof(arena)
    status = getattr(it, f"stj_model_begin_{tag[1]}")(model, arena, ctypes.c_size_t(proved.plan.arena_bytes))
    return status, it.stj_model_push_rows(model, 0, arena, 0)


def test_a_changed_bit_of_any_array_is_found_where_it_is_asked_for(proved: ProvedPlan, tmp_path: Path) -> None:
    image = library(proved, tmp_path, FLAG).read_bytes()
    assert begin(tmp_path / "it.so", proved) == (OK, OK)
    changed = 0
    calls = kernel_calls(proved.graph, kernels_of(proved.graph, proved.plan))
    for stored in {constant.values.tobytes() for call in calls.values() for constant in call.constants}:
        if image.count(stored) != 1:
            continue  # few bytes are elsewhere, too
        for at, bit in ((0, 1), (len(stored) - 1, 128)):
            flipped = bytearray(image)
            flipped[image.index(stored) + at] ^= bit
            (copy := tmp_path / f"{changed}.so").write_bytes(flipped)
            assert begin(copy, proved) == (CONSTANTS, ORDER)
            changed += 1
    assert changed >= 20


def test_without_the_request_nothing_of_it_is_compiled(proved: ProvedPlan, tmp_path: Path) -> None:
    files = emit(proved)
    for name, text in {**kernel_files(files), **files}.items():
        (tmp_path / name).write_text(text)
    plain = re.sub(r"#ifdef STJ_CHECK_CONSTANTS\n.*?#endif\n", "", files["stj_model.c"], flags=re.DOTALL)
    assert len(plain) < len(files["stj_model.c"])
    (tmp_path / "plain.c").write_text(plain)
    objects = [
        subprocess.run(["cc", "-O2", "-S", "-o", "-", tmp_path / name], check=True, capture_output=True).stdout
        for name in ("stj_model.c", "plain.c")
    ]
    assert objects[0].replace(b"stj_model.c", b"plain.c") == objects[1]


@missing("make", "arm-none-eabi-gcc", "qemu-system-arm")
def test_a_board_begins_with_whole_constants_and_refuses_others(proved: ProvedPlan, tmp_path: Path) -> None:
    project = Project(proved, emit(proved))
    written(kinds()["cmake"], project, tmp_path)
    command = ["make", "-s", "-C", tmp_path, "run", "BOARD=cortex-m7", f"CFLAGS=-O2 {FLAG}"]
    whole = subprocess.run(command, check=True, capture_output=True, text=True)
    assert whole.stdout.splitlines()[:-1] == expected(project, tmp_path, "example/main.c")
    header = tmp_path / "model/stj_model_constants.h"
    header.write_text(
        re.sub(r"(_weights\[\d+\] = \{\n +)(-?\d+)", lambda m: f"{m[1]}{int(m[2]) ^ 1}", header.read_text(), count=1)
    )
    refused = subprocess.run(command, capture_output=True, text=True)
    assert refused.returncode != 0 and "the model answered with status -5" in refused.stdout


def test_the_table_and_its_sum_are_read_back(proved: ProvedPlan) -> None:
    files, program = emit(proved), lower(proved.graph, proved.plan)
    text = files["stj_model_constants.h"]

    def wrong(changed: str) -> list[str]:
        assert changed != text
        return differences(files | {"stj_model_constants.h": changed}, proved, program)

    line = re.search(r"    \{op_0_weights, .*\n", text)
    assert line
    assert any("the check of the constants is of" in fault for fault in wrong(text.replace(line[0], "")))
    assert any(
        "CRC-32 is" in fault
        for fault in wrong(re.sub(r"CRC32 0x.", lambda m: m[0][:-1] + ("1" if m[0][-1] == "0" else "0"), text))
    )
    assert any("no table" in fault for fault in wrong(text.replace("size_t count", "int count")))


def test_the_sum_is_that_of_the_little_endian_bytes() -> None:
    text = check_text(
        [Constant("a", np.array([0x3231, 0x3433], np.int16)), Constant("b", np.frombuffer(b"56789", np.uint8))]
    )
    assert "CHECKED_CRC32 0xCBF43926u" in text  # of "123456789", as every description of this CRC has it
