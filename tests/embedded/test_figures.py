"""Memory figures and instruction counts of firmware under QEMU."""

import pytest

from embedded.tools import firmware
from embedded.tools.signature import proved_of_header
from embedded.tools.stack import StackBound
from export.c.emit import emit
from tests.embedded.firmware_harness import CORTEX_M7, DEVICES, MODELS, build, frames, loops, needs_device
from tests.report.plans import graph_and_plan
from verify.commands.camera import Asked, with_camera
from verify.proof.check import check


@pytest.mark.parametrize("board", DEVICES)
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


@pytest.mark.parametrize("board", DEVICES)
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


@needs_device
def test_a_build_is_compared_without_being_run(variant, tmp_path):
    """Stack and flash, the latter with the code that no plan knows."""
    fine = build(MODELS / "rows", CORTEX_M7, tmp_path / "fine").figures
    assert fine.problems == () and fine.sram.stack == fine.stack_bound.size_bytes
    assert fine.flash.total is not None and fine.flash.code is not None
    budget = "#define STJ_MODEL_FLASH_BUDGET_BYTES"
    for name, spare in (("fits", 0), ("too_large", -1)):
        gen = variant(
            "rows",
            {"#define STJ_MODEL_INPUTS 1": f"{budget} {fine.flash.total + spare}\n#define STJ_MODEL_INPUTS 1"},
            folder=name,
        )
        problems = build(gen, CORTEX_M7, tmp_path / f"{name}-build").figures.problems
        expected = (
            f"weights ({fine.flash.weights}) and code ({fine.flash.code}) take {fine.flash.total} bytes of flash, "
        )
        assert problems == ((expected + f"but the plan's flash budget is {fine.flash.total - 1}",) if spare else ())
    small = variant("rows", {"STACK_BYTES 1024": "STACK_BYTES 24", "SRAM_BYTES 1072": "SRAM_BYTES 72"}, folder="small")
    (problem,) = build(small, CORTEX_M7, tmp_path / "small-build").figures.problems
    assert problem.startswith(
        f"the compiler's bound of the stack is {fine.sram.stack} bytes, but the plan reserves 24;"
    )


@needs_device
@pytest.mark.parametrize("reserve", [24, 1024])
def test_stack_beyond_the_reserve_is_a_problem(reserve, variant, tmp_path):
    changed = {"STACK_BYTES 1024": f"STACK_BYTES {reserve}", "SRAM_BYTES 1072": f"SRAM_BYTES {reserve + 48}"}
    gen = variant("rows", changed)
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
    assert reason in program.figures.problems[0], "what is not known is no success"


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


@needs_device
def test_functions_of_one_name_are_told_apart(variant, tmp_path):
    helper = "__attribute__((noinline)) static int32_t helper(int32_t n) { return n / 7; }\n"
    other = "int32_t other(int32_t n);\n"
    gen = variant("loop", work=f"{other}{helper}int32_t work(int32_t n) {{ return other(n) + helper(n) + 1; }}")
    # One more instruction per call than its namesake.
    twice = helper.replace("return n / 7", '__asm__ volatile("nop"); return n / 7')
    (gen / "other.c").write_text(
        f'#include "work.h"\n\n{other}{twice}int32_t other(int32_t n) {{ return helper(n) + 1; }}\n'
    )
    profile = firmware.run(build(gen, CORTEX_M7, tmp_path), loops(70, 700), profile=True).profile
    assert profile is not None
    assert profile["other:helper"] == profile["work:helper"] + 2


def test_a_header_with_a_camera_counts_its_fifo():
    graph, plan = graph_and_plan()
    plan, _ = with_camera(graph, plan, Asked(16, 64, 15_000, 12_000_000))
    _, proved = check(graph, plan)
    assert proved is not None and plan.fifo_bytes
    found = proved_of_header(emit(proved)["stj_model.h"])
    assert (found.sram.fifo, found.sram.total) == (plan.fifo_bytes, plan.sram_bytes)
