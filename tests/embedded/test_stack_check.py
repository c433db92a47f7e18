"""The check of the stack that exported folders have: a program of its own, by compiler output and machine code."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from embedded.tools import stack_check
from tests.embedded.firmware_harness import ROOT, needs_device

GCC = "arm-none-eabi-gcc"
M7 = ("-mthumb", "-mcpu=cortex-m7")
SCRIPT = ROOT / "embedded/tools/stack_check.py"


def objects(folder: Path, compiler: str, *flags: str) -> list[str]:
    """Compiles all of a folder; returns the object files."""
    made = []
    for source in sorted(folder.glob("*.c")):
        made.append(str(source.with_suffix(".o")))
        command = [compiler, "-std=c99", *flags, "-fstack-usage", "-fcallgraph-info=su", f"-I{ROOT}/embedded/include"]
        subprocess.run([*command, "-c", str(source), "-o", made[-1]], check=True)
    return made


def check(folder: Path, *options: str) -> tuple[int, str, str]:
    """Runs the program as a user does, where this project cannot be imported."""
    files = sorted(map(str, folder.glob("*.ci")))
    command = [sys.executable, "-I", str(SCRIPT), "--header", str(folder / "stj_model.h"), *options, *files]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return result.returncode, result.stdout, result.stderr


def linked(folder: Path, *flags: str) -> tuple[int, str, str]:
    """Compiles, links and checks for a Cortex-M7."""
    made = objects(folder, GCC, *M7, *flags)
    image = str(folder / "stack.elf")
    subprocess.run([GCC, *M7, "-nostartfiles", "-Wl,-e,stj_model_begin", *made, "-lm", "-o", image], check=True)
    return check(folder, "--image", image, "--objdump", "arm-none-eabi-objdump")


@needs_device
def test_what_fits_and_what_does_not(variant) -> None:
    """The largest reserve that is too small, and the least that is not."""
    status, said, _ = linked(variant("rows"), "-O2")
    assert status == 0 and "stack: fits the 1024 bytes that the plan reserves" in said
    needed = int(re.match(r"stack: (\d+) bytes at most: stj_model_push_rows", said)[1])  # type: ignore[index]
    for reserve in (needed, needed - 1):
        gen = variant("rows", {"STACK_BYTES 1024": f"STACK_BYTES {reserve}"}, folder=str(reserve))
        status, said, error = linked(gen, "-O2")
        assert (status, f"the plan reserves {reserve} bytes" in error) == ((0, False), (1, True))[reserve < needed]
    assert f'"stack_bytes": {needed} in the plan' in error


@needs_device
@pytest.mark.parametrize(
    ("work", "reason"),
    [
        ("int32_t work(int32_t n) { return n < 2 ? n : work(n - 1) + work(n - 2); }", "work calls itself"),
        ("int32_t (*p)(int32_t);\nint32_t work(int32_t n) { return p(n) + 1; }", "work calls through a pointer"),
        ("int32_t work(int32_t n) { volatile char v[n]; v[0] = 1; return v[0]; }", "the frame of work varies in size"),
    ],
)
def test_what_has_no_bound_fails(work: str, reason: str, variant) -> None:
    status, _, error = linked(variant("loop", work=work), "-O2")
    assert (status, error) == (1, f"error: stack: no bound: {reason}\n")


@needs_device
def test_routines_of_the_library_count(variant) -> None:
    """64-bit division is machine code, which is read from the image; without one, nobody looked."""
    work = "int32_t work(int32_t n) { return (int32_t)(INT64_C(0x7fffffffffff) / (n * INT64_C(3))) + 1; }"
    gen = variant("loop", work=work)
    status, said, _ = linked(gen, "-O2")
    assert status == 0 and "> work > __aeabi_ldivmod" in said
    status, said, error = check(gen)
    assert status == 1 and "and what __aeabi_ldivmod of the C library need" in said and "nobody looked" in error


def test_the_host_is_measured_and_not_compared(variant) -> None:
    gen = variant("rows", {"STACK_BYTES 1024": "STACK_BYTES 8"})
    objects(gen, "gcc", "-O2")
    status, said, _ = check(gen, "--pointers", "8")
    assert status == 0 and "stack: not compared" in said and "reserves 8" not in said
    assert re.match(r"stack: \d+ bytes at most(, and what \S+ of the C library need)?: stj_model_push_rows", said)


def test_what_is_no_export_is_refused(tmp_path: Path) -> None:
    (tmp_path / "stj_model.h").write_text("int x;\n")
    (tmp_path / "a.ci").write_text("")
    status, _, error = check(tmp_path)
    assert (status, "the header does not define ..._STACK_BYTES" in error) == (2, True)
    (tmp_path / "stj_model.h").write_text("#define STJ_MODEL_STACK_BYTES 100\n")
    assert check(tmp_path)[0] == 1, "no function, no bound"


def test_machine_code_of_another_processor_is_not_read() -> None:
    text = "x: file format elf64-x86-64\n00000010 g     F .text\t00000004 f\n\n00000010 <f>:\n 10:\tret\n"
    code = stack_check.MachineCode(text)
    with pytest.raises(stack_check.UnboundedError, match="another processor"):
        code.routine("f")
    with pytest.raises(stack_check.UnboundedError, match="g is not in the image"):
        code.routine("g")


@needs_device
@pytest.mark.parametrize("level", ["-O0", "-O1", "-O2", "-O3", "-Os"])
def test_a_model_is_compiled_without_optimisation_for_no_device(level: str, tmp_path: Path) -> None:
    source = tmp_path / "model.c"
    source.write_text('#include "stj_optimised.h"\n\nint x;\n')

    def error_of(compiler: str, *flags: str) -> str:
        command = [compiler, *flags, level, f"-I{ROOT}/embedded/include", "-fsyntax-only", str(source)]
        return subprocess.run(command, capture_output=True, text=True).stderr

    assert ("without optimisation the stack can exceed" in error_of(GCC, *M7)) == (level == "-O0")
    assert error_of(GCC, *M7, "-DSTJ_STACK_UNCHECKED") == error_of("gcc") == ""
