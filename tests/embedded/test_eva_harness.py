"""The checks of embedded/eva as sanitized programs, on all shapes that they list, and with a fault planted."""

import os
import re
import subprocess
from pathlib import Path

import pytest

EMBEDDED = Path(__file__).parents[2] / "embedded"
FLAGS = ("-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-pedantic")
SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
CHECKS = sorted(path.stem for path in (EMBEDDED / "eva").glob("*.c"))
"""Checks, each called like the kernel that it calls; "scalars" is about what the kernels' headers compute."""


def kernel_of(check: str) -> list[Path]:
    return list((EMBEDDED / "kernels").glob(f"{check}.c"))


def run_check(check: str, folder: Path, replaced: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Builds one check and runs it, with text of the kernels' headers replaced."""
    include = folder / "include"
    include.mkdir()
    for header in (EMBEDDED / "include").glob("*.h"):
        text = header.read_text()
        for old, new in (replaced or {}).items():
            text = text.replace(old, new)
        (include / header.name).write_text(text)
    sources = [EMBEDDED / "eva" / f"{check}.c", *kernel_of(check)]
    paths = [f"-I{include}", f"-I{EMBEDDED / 'eva'}", *map(str, sources), "-o", str(folder / check)]
    subprocess.run(["gcc", *FLAGS, *SANITIZERS, *paths], check=True)
    environment = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}
    return subprocess.run([str(folder / check)], capture_output=True, text=True, env=environment)


@pytest.mark.parametrize("check", CHECKS)
def test_sanitizers_accept_all_shapes(check: str, tmp_path: Path) -> None:
    result = run_check(check, tmp_path)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("check", "old", "new", "found"),
    [
        ("stj_max_pool_2d_s8", "return offset < taps->ring ?", "return offset <= taps->ring ?", "heap-buffer-overflow"),
        ("stj_conv_2d_s8", "slot = slot % in->columns;", "", "heap-buffer-overflow"),
        ("stj_lookup_s8", "(y % in->capacity)", "y", "heap-buffer-overflow"),
        ("scalars", "(int64_t)a * b", "(int64_t)(a * b)", "signed integer overflow"),
    ],
)
def test_sanitizers_find(check: str, old: str, new: str, found: str, tmp_path: Path) -> None:
    result = run_check(check, tmp_path, {old: new})
    assert result.returncode != 0 and found in result.stderr


KERNELS = sorted((EMBEDDED / "kernels").glob("*.c"))
HELIUM = [path for path in KERNELS if path.stem.endswith("_mve")]
"""Kernels that no host compiles: they run on an emulated Cortex-M55, between canaries (tests/targets/test_mve.py)."""


@pytest.mark.parametrize("kernel", HELIUM, ids=lambda path: path.stem)
def test_every_kernel_for_helium_runs_on_the_emulator(kernel: Path) -> None:
    tests = (EMBEDDED.parent / "tests/targets/test_mve.py").read_text()
    pooling = kernel.stem.removesuffix("_s8_mve").removeprefix("stj_").upper()
    assert f'"{kernel.stem}"' in tests or f'"{pooling}"' in tests


@pytest.mark.parametrize("kernel", [path for path in KERNELS if path not in HELIUM], ids=lambda path: path.stem)
def test_every_kernel_is_checked(kernel: Path) -> None:
    """All its public functions, by the check that is called like it."""
    check = EMBEDDED / "eva" / kernel.name
    assert check.is_file(), f"write embedded/eva/{kernel.name}, which calls the kernel with memory of just its size"
    header = EMBEDDED / "include" / f"{kernel.stem}.h"
    functions = re.findall(r"^void (stj_\w+)\(", header.read_text(), re.MULTILINE)
    assert functions and all(re.search(rf"\b{name}\(", check.read_text()) for name in functions)
