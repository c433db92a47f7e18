"""The checks of embedded/eva as sanitized programs, on all shapes that they list, and with a fault planted."""

import os
import re
import subprocess
from pathlib import Path

import pytest

EMBEDDED = Path(__file__).parents[2] / "embedded"
FLAGS = ("-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-pedantic")
SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
CHECKS = {
    "scalars": (),
    "windows": ("conv_2d_s8", "depthwise_conv_2d_s8", "max_pool_2d_s8", "average_pool_2d_s8"),
    "rows": (
        *("add_s8", "dequantize_s8", "fully_connected_s8", "lookup_s8", "mean_s8", "move", "mul_s8", "pad_s8"),
        *("quantize_s8", "resize_nearest_neighbor", "softmax_s8"),
    ),
}
"""Each check, and the kernels that it calls; "scalars" has softmax's inner function besides."""


def run_check(check: str, folder: Path, replaced: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Builds one check and runs it, with text of the kernels' headers replaced."""
    include = folder / "include"
    include.mkdir()
    for header in (EMBEDDED / "include").glob("*.h"):
        text = header.read_text()
        for old, new in (replaced or {}).items():
            text = text.replace(old, new)
        (include / header.name).write_text(text)
    sources = [EMBEDDED / "eva" / f"{check}.c", *(EMBEDDED / "kernels" / f"stj_{name}.c" for name in CHECKS[check])]
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
        ("windows", "return offset < taps->ring ?", "return offset <= taps->ring ?", "heap-buffer-overflow"),
        ("windows", "slot = slot % in->columns;", "", "heap-buffer-overflow"),
        ("rows", "(y % in->capacity)", "y", "heap-buffer-overflow"),
        ("scalars", "(int64_t)a * b", "(int64_t)(a * b)", "signed integer overflow"),
    ],
)
def test_sanitizers_find(check: str, old: str, new: str, found: str, tmp_path: Path) -> None:
    result = run_check(check, tmp_path, {old: new})
    assert result.returncode != 0 and found in result.stderr


def test_every_kernel_is_checked() -> None:
    kernels = {path.stem.removeprefix("stj_") for path in (EMBEDDED / "kernels").glob("*.c")}
    assert {name for names in CHECKS.values() for name in names} == kernels
    for check, names in CHECKS.items():
        text = (EMBEDDED / "eva" / f"{check}.c").read_text()
        assert all(re.search(rf"\bstj_{name}\(", text) for name in names)
