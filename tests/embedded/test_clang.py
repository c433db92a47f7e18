"""Another compiler than gcc: kernels, feed and generated C are clean under clang, for each family of processors, and
their headers under every C++ from 11 to 20. The clang is that of PyPI's ziglang, which brings its own C headers."""

import subprocess
from pathlib import Path

import pytest
import ziglang

from export.sources import EMBEDDED

LIB = Path(ziglang.__file__).parent / "lib"
GOLDEN = Path(__file__).parents[1] / "export/golden"
WARNINGS = ("-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-Wno-overlength-strings")
"""Assembly is one long string, which ISO C, that has no assembly, has a limit for."""
INCLUDE = (f"-I{EMBEDDED}/include", f"-I{EMBEDDED}/feed", f"-I{GOLDEN}", "-nostdinc")
SYSTEM = ("include", "libc/include/{}-linux-musl", "libc/include/generic-musl")
CORTEX_M0 = ("arm", "--target=thumbv6m-none-eabi", "-mcpu=cortex-m0")
CORTEX_M7 = ("arm", "--target=thumbv7em-none-eabihf", "-mcpu=cortex-m7")
CORTEX_M55 = ("arm", "--target=thumbv8.1m.main-none-eabihf", "-mcpu=cortex-m55")
RISCV32 = ("riscv32", "--target=riscv32-none-elf", "-march=rv32imc", "-mabi=ilp32")
X86_64 = ("x86_64", "--target=x86_64-linux-gnu")
KERNELS = sorted((EMBEDDED / "kernels").glob("*.c"))
FAST = ("_dsp", "_mve")
PORTABLE = [
    *(path for path in KERNELS if not path.stem.endswith(FAST)),
    *sorted((EMBEDDED / "feed").glob("*.c")),
    *sorted(GOLDEN.glob("*.c")),
]
FILES = {
    "Cortex-M0": (CORTEX_M0, PORTABLE),
    "RV32": (RISCV32, PORTABLE),
    "x86-64": (X86_64, PORTABLE),
    "Cortex-M7": (CORTEX_M7, [path for path in KERNELS if path.stem.endswith("_dsp")]),
}


def clang(processor: tuple[str, ...], *arguments: object, text: str = "") -> str:
    """What clang says of some source, `text` where it is "-"; nothing if that is clean."""
    arch, *target = processor
    system = [word for folder in SYSTEM for word in ("-isystem", str(LIB / folder.format(arch)))]
    command = [str(LIB.parent / "zig"), "clang", *target, *INCLUDE, *system, "-fsyntax-only", *WARNINGS]
    result = subprocess.run([*command, *map(str, arguments)], input=text, capture_output=True, text=True)
    assert (result.returncode != 0) == bool(result.stderr)
    return result.stderr


@pytest.mark.parametrize("name", FILES)
def test_all_c_is_clean_under_clang(name: str) -> None:
    """With everything that can be asked for."""
    processor, files = FILES[name]
    assert files and clang(processor, "-std=c99", "-O2", "-DSTJ_CHECK_CONSTANTS", *files) == ""


@pytest.mark.parametrize("standard", ["c++11", "c++14", "c++17", "c++20"])
def test_headers_are_clean_in_cpp(standard: str) -> None:
    headers = ["block.h", "gesture.h", *sorted(path.name for path in (EMBEDDED / "feed").glob("*.h"))]
    text = "".join(f'#include "{header}"\n' for header in headers) + "BLOCK_CHECK_ARENA(BLOCK_ARENA_BYTES);\n"
    text += "STJ_FEED_NETWORK(gesture);\nconst stj_network *network() { return &gesture_network; }\n"
    assert clang(X86_64, "-x", "c++", f"-std={standard}", "-Wno-missing-prototypes", "-", text=text) == ""


def test_helium_kernels_say_that_they_are_for_gcc() -> None:
    helium = [path for path in KERNELS if path.stem.endswith("_mve")]
    found = clang(CORTEX_M55, "-std=c99", "-O2", "-ferror-limit=1", *helium)
    assert found.count('error: "the Helium kernels are for gcc') == len(helium)


def test_a_narrowing_is_found() -> None:
    found = clang(
        CORTEX_M7, "-x", "c", "-std=c99", "-", text="short narrow(int wide);\nshort narrow(int wide) { return wide; }\n"
    )
    assert "-Wimplicit-int-conversion" in found
