"""The generated C as text, and what a caller may rely on: names, checks at compile time, two models in one image."""

import re
import subprocess
from pathlib import Path

import pytest

from export.c.emit import ExportError, emit
from tests.export.golden import FOLDER, files, image
from tests.kernel_harness import called_kernels
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check

EMBEDDED = Path(__file__).parents[2] / "embedded"
WARNINGS = ("-Wall", "-Wextra", "-Werror", "-pedantic")
GOLDEN = {path.name: path.read_text() for path in sorted(FOLDER.iterdir())}


def compiles(folder: Path, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Compiles `text` beside the golden files."""
    for name, golden in GOLDEN.items():
        (folder / name).write_text(golden)
    (folder / "caller.c").write_text(text)
    sources = [folder / "caller.c", *(folder / name for name in GOLDEN if name.endswith(".c"))]
    kernels = called_kernels(FOLDER)
    command = ["gcc", *WARNINGS, *options, f"-I{EMBEDDED / 'include'}", *sources, *kernels, "-lm", "-o", folder / "run"]
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", GOLDEN)
def test_the_text_is_the_one_that_was_read(name: str) -> None:
    assert files()[name] == GOLDEN[name], "read the difference, then: python -m tests.export.golden"


@pytest.mark.parametrize("name", GOLDEN)
def test_lines_fit_a_page(name: str) -> None:
    assert [line for line in GOLDEN[name].splitlines() if len(line) > 120] == []


def test_nothing_is_cast_to_void() -> None:
    assert not any(re.search(r"\(void\)\s*\w", text) for text in GOLDEN.values())


def test_equal_regions_are_computed_once() -> None:
    stages = re.findall(r"static STJ_NOINLINE void (?:step|stage)_\d+\(.*?\n\}\n", GOLDEN["block.c"], re.DOTALL)
    assert any(text.count("_tile(&op_") > text.count("stj_region region_") > 0 for text in stages)
    for text in stages:
        regions = re.findall(r"stj_region region_\d+ = \{(.*?)\};", text, re.DOTALL)
        assert len(set(regions)) == len(regions)


TWO = """
#include "block.h"
#include "gesture.h"
BLOCK_CHECK_ARENA(sizeof(uint64_t[(BLOCK_ARENA_BYTES + 7) / 8]));
static uint64_t arenas[2][4096];
static block image;
static gesture clip;
int main(void) {
    static const int8_t frame[GESTURE_INPUT_0_BYTES + BLOCK_INPUT_0_BYTES];
    static const int32_t shape[BLOCK_INPUT_0_RANK] = BLOCK_INPUT_0_SHAPE;
    BLOCK_CHECK_ARENA(sizeof arenas[0]);
    GESTURE_CHECK_ARENA(sizeof arenas[1]);
    if (block_push_rows(&image, 0, frame, 1) != STJ_ERROR_ORDER) {
        return 1; /* nothing is taken before begin */
    }
    if (gesture_push_frame(&clip, frame) != STJ_ERROR_ORDER) {
        return 1;
    }
    if (block_begin(&image, arenas[0], sizeof arenas[0]) || gesture_begin(&clip, arenas[1], sizeof arenas[1])) {
        return 2;
    }
    if (shape[1] != BLOCK_INPUT_0_ROWS || shape[1] != BLOCK_INPUT_0_DIM_1) {
        return 3;
    }
    if (block_push_rows(&image, 0, frame, shape[1]) != STJ_OK) {
        return 3;
    }
    return block_output(&image, 0) && gesture_push_frame(&clip, frame) == STJ_OK ? 0 : 4;
}
"""


@pytest.mark.parametrize("standard", ["c99", "c11"])
def test_two_models_in_one_program(tmp_path: Path, standard: str) -> None:
    built = compiles(tmp_path, TWO, f"-std={standard}", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    assert built.returncode == 0, built.stderr
    assert subprocess.run([tmp_path / "run"], check=False).returncode == 0


@pytest.mark.parametrize("standard", ["c99", "c11"])
@pytest.mark.parametrize("scope", ["at file scope", "in a function"])
def test_an_arena_too_small_does_not_compile(tmp_path: Path, standard: str, scope: str) -> None:
    check_line = "BLOCK_CHECK_ARENA(BLOCK_ARENA_BYTES - 1);"
    if scope == "at file scope":
        text = f'#include "block.h"\n{check_line}\nint main(void) {{ return 0; }}\n'
    else:
        text = f'#include "block.h"\nint main(void) {{\n    {check_line}\n    return 0;\n}}\n'
    assert "too_small" in (error := compiles(tmp_path, text, f"-std={standard}").stderr) or "too small" in error


def test_a_header_of_another_plan_neither_compiles_with_the_program_nor_links_with_it(tmp_path: Path) -> None:
    graph = image()
    _, proved = check(graph, make_plan(graph, Request("layer")))
    assert proved is not None
    other = tmp_path / "other"
    other.mkdir()
    (other / "block.h").write_text(emit(proved, prefix="block")["block.h"])
    call = '#include "other/block.h"\nint main(void) { return block_begin(0, 0, 0); }\n'
    assert "undefined reference to `block_begin_" in compiles(tmp_path, call, "-std=c99").stderr
    (tmp_path / "block.h").write_text((other / "block.h").read_text())
    command = ["gcc", f"-I{EMBEDDED / 'include'}", "-fsyntax-only", str(tmp_path / "block.c")]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "are of different plans" in refused.stderr


@pytest.mark.parametrize("prefix", ["", "9lives", "two words", "ünicode", "x" * 41, "a-b", "a;b"])
def test_a_name_that_is_no_identifier_is_refused(prefix: str) -> None:
    graph = image()
    _, proved = check(graph, make_plan(graph, Request("layer")))
    assert proved is not None
    with pytest.raises(ExportError, match="cannot begin C names"):
        emit(proved, prefix=prefix)
