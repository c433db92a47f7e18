"""Building and running firmware: outputs, faults, sanitizers, and clear messages for what goes wrong."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from embedded.tools import firmware
from embedded.tools.board import FirmwareError
from tests.embedded.firmware_harness import (
    BOARDS,
    CORTEX_M7,
    DEVICES,
    HOST_AND_M7,
    MISSING,
    MODELS,
    build,
    frames,
    loops,
    rows_model,
)


@pytest.mark.parametrize("board", BOARDS)
def test_outputs_and_sizes(board, tmp_path):
    samples = frames(3)
    result = firmware.run(build(MODELS / "rows", board, tmp_path), [samples])
    expected = rows_model(samples)
    assert [(a.shape, a.dtype) for a in result.outputs] == [((3, 1, 6, 4), np.int8), ((3, 1), np.int32)]
    assert all(np.array_equal(a, b) for a, b in zip(result.outputs, expected, strict=True))
    assert (result.sram.arena, result.sram.static, result.problems) == (40, 0, ())
    if not result.board.is_device:  # what is not comparable is not there
        assert (result.sram.state, result.stack, result.sram.total) == (None,) * 3
        assert (result.flash.total, result.stack_bound.size_bytes) == (None, None)
        return
    # Four tables of sizes lie beside the 60 weights; alignment may add to them.
    assert result.flash.weights in range(80, 105)
    assert result.flash.code is not None and result.flash.total == result.flash.weights + result.flash.code


def test_sanitizers_accept_the_model(tmp_path):
    samples = frames(2)
    result = firmware.run(build(MODELS / "rows", "host", tmp_path, sanitize=True), [samples])
    assert np.array_equal(result.outputs[0], rows_model(samples)[0])
    assert (result.stack, result.sram.static, result.sram.total, result.flash.weights) == (None,) * 4


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


@pytest.mark.parametrize("board", DEVICES)
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


@pytest.mark.parametrize("board", HOST_AND_M7)
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
        ({"SRAM_BYTES ": "SRAM_BYTES 1"}, r"SRAM_BYTES is 1\d+, but its parts add up to \d+"),
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
    with pytest.raises(FirmwareError, match='"-O2 -g" is not one optimisation option'):
        firmware.build(MODELS / "rows", "host", tmp_path, opt="-O2 -g")
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


@pytest.mark.parametrize("board", HOST_AND_M7)
def test_folders_with_any_name(board, tmp_path):
    """Blanks and signs that mean something to make or to a shell, in the model's folder and in that of the build."""
    place = tmp_path / "it's 100% $HOME; #1 (a, b)"
    place.mkdir()
    shutil.copytree(MODELS / "rows", place / "the model")
    samples = frames(2)
    program = build(place / "the model", board, place)
    assert np.array_equal(firmware.run(program, [samples]).outputs[0], rows_model(samples)[0])
    times = [path.stat().st_mtime_ns for path in program.objects]
    again = build(place / "the model", board, place)
    assert [path.stat().st_mtime_ns for path in again.objects] == times, "nothing is compiled again"
