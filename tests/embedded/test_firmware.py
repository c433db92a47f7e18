"""Building and running firmware: outputs, memory figures, instruction counts, and what goes wrong with a clear message.

The models are small hand-written stand-ins with the interface of generated ones (models/).
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from embedded.tools import firmware
from embedded.tools.board import FirmwareError, board_names, load_board
from embedded.tools.firmware import Firmware
from embedded.tools.stack import StackBound

ROOT = Path(__file__).resolve().parents[2]
MODELS = Path(__file__).parent / "models"
DEVICES = [name for name in board_names() if load_board(name).is_device]
MISSING = [tool for tool in ("arm-none-eabi-gcc", "qemu-system-arm") if shutil.which(tool) is None]
needs_device = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)} (make system)")
BOARDS = ["host", *(pytest.param(name, marks=needs_device) for name in DEVICES)]
CORTEX_M7 = "mps2-an500"

Variant = Callable[..., Path]


@pytest.fixture
def variant(tmp_path: Path) -> Variant:
    """A function (model, {old: new}, work) that copies a stand-in with texts in it, or all of work.c, replaced."""

    def make(model: str, replace: dict[str, str] | None = None, work: str | None = None) -> Path:
        folder = tmp_path / "gen"
        shutil.copytree(MODELS / model, folder)
        if work is not None:
            (folder / "work.c").write_text(f'#include "work.h"\n\n{work}\n')
        for old, new in (replace or {}).items():
            files = [path for path in folder.iterdir() if old in path.read_text()]
            assert files, f"no file of {model} contains {old!r}"
            for path in files:
                path.write_text(path.read_text().replace(old, new))
        return folder

    return make


def build(gen: Path, board: str, folder: Path, **options: bool) -> Firmware:
    return firmware.build(gen, board, folder / board, **options)


def frames(samples: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(-128, 128, (samples, 1, 6, 5, 3), np.int8)


def loops(*times: int) -> list[np.ndarray]:
    return [np.array(times, np.int32)[:, None]]


def rows_model(samples: np.ndarray) -> list[np.ndarray]:
    """What models/rows computes."""
    weights = np.array(
        [int(n) for n in re.findall(r"-?\d+(?=,)", (MODELS / "rows/stj_model_weights.c").read_text())], np.int32
    ).reshape(4, 15)
    sums = samples.reshape(-1, 6, 15).astype(np.int32) @ weights.T
    steps = np.sign(sums) * (np.abs(sums) // 64)  # C divides towards zero
    out = np.zeros_like(steps)
    for y in range(6):
        out[:, y] = np.clip(steps[:, y] + (out[:, y - 1] if y else 0), -128, 127)
    totals = samples.reshape(len(samples), -1).astype(np.int32).sum(axis=1, keepdims=True, dtype=np.int32)
    return [out.astype(np.int8)[:, None], totals]


@pytest.mark.parametrize("board", BOARDS)
def test_outputs_and_sizes(board, tmp_path):
    samples = frames(3)
    result = firmware.run(build(MODELS / "rows", board, tmp_path), [samples])
    expected = rows_model(samples)
    assert [(a.shape, a.dtype) for a in result.outputs] == [((3, 1, 6, 4), np.int8), ((3, 1), np.int32)]
    assert all(np.array_equal(a, b) for a, b in zip(result.outputs, expected, strict=True))
    assert (result.sram.arena, result.sram.static, result.problems) == (40, 0, ())
    # Four tables of sizes lie beside the 60 weights; alignment may add to them.
    assert 80 <= result.flash.weights <= 104


@pytest.mark.parametrize("board", [pytest.param(name, marks=needs_device) for name in DEVICES])
def test_device_figures(board, tmp_path):
    result = firmware.run(build(MODELS / "rows", board, tmp_path), [frames(2)], profile=True)
    assert result.sram.state == 8
    assert result.stack is not None
    assert result.stack_bound.size_bytes is not None
    # The model copies a row of 15 bytes to its stack.
    assert 16 <= result.stack <= result.stack_bound.size_bytes <= 1024
    assert result.stack_bound.chain[0] == "stj_model_push_rows"
    assert result.sram.total == 48 + result.stack
    assert result.flash.code is not None
    assert 100 < result.flash.code < 4096
    # 6 rows of 60 products, at least one instruction each.
    assert result.instructions is not None
    assert min(result.instructions) > 360
    assert result.profile is not None
    assert sum(result.profile.values()) == sum(result.instructions)
    assert next(iter(result.profile)) == "stj_model_push_rows"


@pytest.mark.parametrize("board", [pytest.param(name, marks=needs_device) for name in DEVICES])
def test_instruction_count_is_exact(board, tmp_path):
    program = build(MODELS / "loop", board, tmp_path)
    times = (1, 2, 3, 1000, 1, 250_000)
    result = firmware.run(program, loops(*times))
    assert result.outputs[0][:, 0].tolist() == list(times)
    counts = result.instructions
    assert counts is not None
    # Two instructions per turn; everything around the loop is the same for every sample.
    assert [count - counts[0] for count in counts] == [2 * (n - times[0]) for n in times]
    again = firmware.run(program, loops(*times), profile=True)
    assert again.instructions == counts
    assert again.profile is not None
    # The result is made and returned in a few more.
    assert again.profile["work"] in [2 * sum(times) + len(times) * extra for extra in (2, 3, 4)]


@needs_device
def test_one_more_instruction_in_the_loop_is_seen(variant, tmp_path):
    plain = firmware.run(build(MODELS / "loop", CORTEX_M7, tmp_path), loops(7))
    longer = variant("loop", {"1: subs": "1: nop\\n subs"})
    result = firmware.run(build(longer, CORTEX_M7, tmp_path / "longer"), loops(7))
    assert plain.instructions is not None
    assert result.instructions == (plain.instructions[0] + 7,)


def test_sanitizers_accept_the_model(tmp_path):
    samples = frames(2)
    result = firmware.run(build(MODELS / "rows", "host", tmp_path, sanitize=True), [samples])
    assert np.array_equal(result.outputs[0], rows_model(samples)[0])
    assert (result.stack, result.sram.static, result.sram.total) == (None, None, None)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        # One byte beyond the row that was pushed.
        ("total += row[i];", "total += row[i] + ((const int8_t *)pushed)[15];", "heap-buffer-overflow"),
        # One byte beyond the arena.
        ("out[c] = ", "out[c + 40] = ", "global-buffer-overflow"),
        ("sum = sum / 64", "sum = (sum << 31) / 64", "left shift"),
    ],
)
def test_sanitizers_find(old, new, message, variant, tmp_path):
    pushed = {
        "static void compute_row(stj_model *model, const int8_t *row)": "static void compute_row(stj_model *model, "
        "const int8_t *row, const void *pushed)",
        "    int8_t *out =": "    (void)pushed;\n    int8_t *out =",
        "compute_row(model, row);": "compute_row(model, row, rows);",
    }
    program = build(variant("rows", pushed | {old: new}), "host", tmp_path, sanitize=True)
    with pytest.raises(FirmwareError, match=message):
        firmware.run(program, [frames(1)])


@needs_device
@pytest.mark.parametrize("reserve", [24, 1024])
def test_stack_beyond_the_reserve_is_a_problem(reserve, variant, tmp_path):
    gen = variant("rows", {"STACK_BYTES 1024": f"STACK_BYTES {reserve}"})
    result = firmware.run(build(gen, CORTEX_M7, tmp_path), [frames(1)])
    if reserve == 1024:
        assert result.problems == ()
        return
    painted, bound = result.problems
    assert painted.startswith(f"the model used {result.stack} bytes of stack, but the plan reserves 24")
    assert "compiler's bound" in bound
    assert "deepest chain: stj_model_push_rows" in bound


@needs_device
@pytest.mark.parametrize(
    ("work", "reason"),
    [
        ("int32_t work(int32_t n) { return n < 2 ? n : work(n - 1) + work(n - 2); }", "work calls itself"),
        (
            "int32_t (*volatile pointer)(int32_t);\nint32_t work(int32_t n) { return pointer(n) + 1; }",
            "work calls through a pointer",
        ),
        ("int32_t work(int32_t n) { volatile char v[n]; v[0] = 1; return v[0]; }", "the frame of work varies in size"),
    ],
)
def test_a_stack_without_a_bound_says_why(work, reason, variant, tmp_path):
    program = build(variant("loop", work=work), CORTEX_M7, tmp_path)
    assert program.stack_bound == StackBound(None, reason=reason)


@needs_device
def test_stack_of_library_routines_is_in_the_bound(variant, tmp_path):
    """64-bit division is machine code of libgcc, whose frames no compiler output tells."""
    work = "int32_t work(int32_t n) { return (int32_t)(INT64_C(0x7fffffffffff) / (n * INT64_C(3))) + 1; }"
    result = firmware.run(build(variant("loop", work=work), CORTEX_M7, tmp_path), loops(77_777_777))
    assert result.outputs[0].tolist() == [[0x7FFFFFFFFFFF // (3 * 77_777_777) + 1]]
    assert "__aeabi_ldivmod" in result.stack_bound.chain
    assert result.stack is not None
    assert result.stack_bound.size_bytes is not None
    assert 24 < result.stack <= result.stack_bound.size_bytes < 200


@needs_device
def test_static_data_of_the_model_is_a_problem(variant, tmp_path):
    work = "int32_t work(int32_t n) { static int32_t calls[5]; return ++calls[n % 5]; }"
    result = firmware.run(build(variant("loop", work=work), CORTEX_M7, tmp_path), loops(3, 4, 3))
    assert result.outputs[0][:, 0].tolist() == [1, 1, 2]
    assert result.sram.static == 20
    assert "20 bytes of static data" in result.problems[0]


@pytest.mark.parametrize("board", [pytest.param(name, marks=needs_device) for name in DEVICES])
@pytest.mark.parametrize(
    "work",
    [
        "int32_t work(int32_t n) { *(volatile int32_t *)0xF0000000u = n; return n; }",
        # Beyond the 64 KiB of stack that the harness gives.
        "int32_t work(int32_t n) { volatile char v[70000]; v[0] = (char)n; return v[0]; }",
    ],
    ids=["address", "stack"],
)
def test_a_fault_is_reported(work, board, variant, tmp_path):
    with pytest.raises(FirmwareError, match=r"ended with status 70(.|\n)*stopped by a processor fault"):
        firmware.run(build(variant("loop", work=work), board, tmp_path), loops(1))


@pytest.mark.parametrize("board", ["host", pytest.param(CORTEX_M7, marks=needs_device)])
def test_an_error_of_the_model_stops_the_run(board, variant, tmp_path):
    gen = variant("rows", {"> STJ_MODEL_INPUT_0_ROWS": ">= STJ_MODEL_INPUT_0_ROWS"})
    with pytest.raises(FirmwareError, match=r"status=-2(.|\n)*the model returned an error"):
        firmware.run(build(gen, board, tmp_path), [frames(1)])


def test_a_program_that_does_not_end(variant, tmp_path):
    gen = variant("loop", work="int32_t work(int32_t n) { for (volatile int32_t i = n;; ++i) {} }")
    with pytest.raises(FirmwareError, match=r"did not end within 0\.5 s"):
        firmware.run(build(gen, "host", tmp_path), loops(1), timeout_s=0.5)


def test_begin_is_called_once_for_a_stream(variant, tmp_path):
    """The model counts its runs in its state; garbage in the arena is none of its business."""
    counting = {
        "    const int32_t *input;\n": "    const int32_t *input;\n    int32_t runs;\n",
        "    model->arena = arena;\n": "    model->arena = arena;\n    model->runs = 0;\n",
        "*model->arena = work(*model->input);": "*model->arena = ++model->runs;",
    }
    program = build(variant("loop", counting), "host", tmp_path)
    assert firmware.run(program, loops(5, 5, 5)).outputs[0][:, 0].tolist() == [1, 1, 1]
    assert firmware.run(program, loops(5, 5, 5), stream=True).outputs[0][:, 0].tolist() == [1, 2, 3]


def test_memory_holds_other_garbage_for_every_sample(variant, tmp_path):
    gen = variant("rows", {"    memset(arena, 0, STJ_MODEL_ARENA_BYTES);\n": ""})
    sample = frames(1)
    result = firmware.run(build(gen, "host", tmp_path), [np.concatenate([sample, sample])])
    assert result.outputs[1][0, 0] != result.outputs[1][1, 0]


@pytest.mark.parametrize(
    ("replace", "message"),
    [
        ({"return STJ_OK;": "return STJ_OKAY;"}, "STJ_OKAY"),
        ({"(void)arena_bytes;": ""}, "unused parameter"),
        ({"#define STJ_MODEL_OUTPUTS 1": ""}, "does not define STJ_MODEL_OUTPUTS as a number"),
        ({"INPUT_0_SHAPE (1)": "INPUT_0_SHAPE (2)"}, r"INPUT_0_BYTES is 4, but int32\[2\] has 8"),
        ({"INPUT_0_DTYPE int32": "INPUT_0_DTYPE complex"}, 'not known: "complex"'),
    ],
)
def test_models_that_do_not_build(replace, message, variant, tmp_path):
    with pytest.raises(FirmwareError, match=message):
        build(variant("loop", replace), "host", tmp_path)


def test_wrong_arguments(tmp_path):
    with pytest.raises(FirmwareError, match=r'unknown board "abacus": choose one of host, mps2-an386'):
        build(MODELS / "rows", "abacus", tmp_path)
    with pytest.raises(FirmwareError, match=r"there is no stj_model\.h"):
        build(MODELS, "host", tmp_path)
    with pytest.raises(FirmwareError, match="cannot handle blanks"):
        build(MODELS / "rows", "host", tmp_path / "a b")
    if not MISSING:
        with pytest.raises(FirmwareError, match="sanitizers exist on the host only"):
            build(MODELS / "rows", CORTEX_M7, tmp_path, sanitize=True)
    program = build(MODELS / "rows", "host", tmp_path)
    with pytest.raises(FirmwareError, match=r"in0 has type int16, but the model's input 0 has type int8"):
        firmware.run(program, [frames(1).astype(np.int16)])
    with pytest.raises(FirmwareError, match="choose a board under QEMU"):
        firmware.run(program, [frames(1)], profile=True)


def test_a_missing_tool_names_its_package(tmp_path, monkeypatch):
    for tool in ("make", "gcc", "nm", "size"):
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FirmwareError, match=r"arm-none-eabi-gcc.* apt-get install .*gcc-arm-none-eabi"):
        build(MODELS / "rows", CORTEX_M7, tmp_path)


def test_builds_and_runs_side_by_side(tmp_path):
    def once(seed: int) -> bool:
        samples = frames(2, seed)
        result = firmware.run(build(MODELS / "rows", "host", tmp_path), [samples])
        return np.array_equal(result.outputs[0], rows_model(samples)[0])

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(once, range(6)))


def make_run(*variables: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "-s", "-C", "embedded", "run", f"PYTHON={sys.executable}", *variables]
    environment = {**os.environ, "PWD": str(ROOT)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("board", ["host", pytest.param(CORTEX_M7, marks=needs_device)])
def test_make_run(board, tmp_path):
    samples = frames(2)
    np.savez(tmp_path / "in.npz", in0=samples)
    files = [f"INPUT={tmp_path}/in.npz", f"OUTPUT={tmp_path}/out.npz"]
    result = make_run("GEN=tests/embedded/models/rows", f"BOARD={board}", *files)
    assert result.returncode == 0, result.stderr
    for line in (r"  arena +40$", r"  static data +0$", r"samples +2$", rf"board +{board}$"):
        assert re.search(line, result.stdout, re.MULTILINE), f"{line} is not in\n{result.stdout}"
    with np.load(tmp_path / "out.npz") as outputs:
        assert sorted(outputs.files) == ["out0", "out1"]
        assert np.array_equal(outputs["out0"], rows_model(samples)[0])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.npz", "out.npz"]


@needs_device
def test_make_run_prints_json_and_fails_on_a_problem(variant):
    gen = variant("rows", {"STACK_BYTES 1024": "STACK_BYTES 24"})
    result = make_run(f"GEN={gen}", f"BOARD={CORTEX_M7}", "JSON=1", "SAMPLES=3", "PROFILE=1")
    assert result.returncode == 2  # make's own status for a failed recipe
    figures = json.loads(result.stdout)
    assert (figures["board"], figures["samples"], len(figures["instructions"])) == (CORTEX_M7, 3, 3)
    assert figures["sram"]["total"] == 48 + figures["sram"]["stack"]
    assert sum(figures["profile"].values()) == sum(figures["instructions"])
    assert len(figures["problems"]) == 2


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (["BOARD=abacus"], 'unknown BOARD "abacus": choose one of host'),
        ([], r"which model\? Give MODEL="),
        (["MODEL=nowhere.tflite"], r"nowhere\.tflite does not exist"),
        (["GEN=tests/embedded/models/rows", "INPUT=nowhere.npz"], r"nowhere\.npz does not exist"),
        (["GEN=tests/embedded/models/rows", "OUTPUT=/nowhere/out.npz"], r"folder of output file .* does not exist"),
        (["GEN=tests/embedded/models/rows", "OUTPUT=out.txt"], r"out\.txt must end in \.npz"),
        (["GEN=tests/embedded/models/rows", "SAMPLES=0"], r"samples \(=0\) must be at least 1"),
    ],
)
def test_make_run_says_what_is_wrong(variables, message):
    result = make_run(*variables)
    assert result.returncode != 0
    assert re.search(message, result.stderr), result.stderr


def test_make_help_lists_targets_and_boards():
    result = subprocess.run(
        ["make", "-s", "-C", "embedded", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for word in ("make run", "make build", "make sizes", "make clean", "MODEL", "PROFILE", *board_names()):
        assert word in result.stdout
