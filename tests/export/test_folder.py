"""The exported folder is written whole or not at all, and only over an export that nobody has touched."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import export.__main__ as export_main
import verify.commands.plan as plan_main
from export.projects.folder import SUMS, write_project
from verify.commands import cli
from verify.commands.files import FileError

DEMO = Path(__file__).parents[1] / "data/demo_model.tflite"
OLD = {"main.c": "int main(void) { return 0; }\n", "gone.h": "\n"}
NEW = {"main.c": "int main(void) { return 1; }\n", "new.h": "\n"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_project(tmp_path / "out", OLD)
    return tmp_path / "out"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_checksums_are_those_that_sha256sum_reads(folder: Path) -> None:
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", SUMS], cwd=folder, check=True)
    (folder / "main.c").write_text("")
    assert subprocess.run(["sha256sum", "--check", "--status", SUMS], cwd=folder).returncode == 1


def test_an_untouched_export_is_replaced_whole_with_what_its_build_left(folder: Path) -> None:
    for built in ("main.o", "example", "stj_model.su"):
        (folder / built).touch()
    (folder / "gone.h").unlink()
    write_project(folder, NEW)
    assert names(folder) == [SUMS, "main.c", "new.h"]
    assert (folder / "main.c").read_text() == NEW["main.c"]
    assert names(folder.parent) == ["out"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write_project(tmp_path / "out", NEW)
    assert names(tmp_path / "out") == [SUMS, "main.c", "new.h"]


@pytest.mark.parametrize(
    ("touch", "found"),
    [
        (lambda out: (out / "main.c").write_text("mine"), "main.c"),
        (lambda out: (out / "camera.c").write_text("mine"), "camera.c"),
        (lambda out: (out / ".git").mkdir(), ".git"),
        (lambda out: (out / "gone.h").unlink() or (out / "gone.h").symlink_to("main.c"), "gone.h"),
        (lambda out: (out / SUMS).unlink(), "gone.h, main.c"),
        (lambda out: (out / SUMS).write_text("no checksums"), f"{SUMS}, gone.h, main.c"),
    ],
)
def test_what_somebody_else_wrote_stays(folder: Path, touch: Callable[[Path], object], found: str) -> None:
    touch(folder)
    before = {path.name: path.is_file() and path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(FileError, match=f"holds what python -m export did not write.*: {found}; name a new folder"):
        write_project(folder, NEW)
    assert {path.name: path.is_file() and path.read_bytes() for path in folder.iterdir()} == before
    assert names(folder.parent) == ["out"]


@pytest.mark.parametrize("make", [Path.touch, lambda place: place.symlink_to(place.parent), os.mkfifo])
def test_a_place_that_is_no_folder_is_refused(tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(tmp_path / "out")
    with pytest.raises(FileError, match="exists and is no folder of python -m export; name a new folder"):
        write_project(tmp_path / "out", NEW)


def test_the_folder_that_one_is_in_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    with pytest.raises(FileError, match="you are in it"):
        write_project(Path(), NEW)


@pytest.mark.parametrize("failing", [1, 2])
def test_a_failure_on_the_way_leaves_the_old_folder(
    folder: Path, failing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the first renaming, of the old folder, or at the second, of the new one."""
    count, real = 0, os.replace

    def replace(source: Path, target: Path) -> None:
        nonlocal count
        count += 1
        if count == failing:
            raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(FileError, match="No space left on device; nothing was written"):
        write_project(folder, NEW)
    assert (folder / "main.c").read_text() == OLD["main.c"]
    assert names(folder.parent) == ["out"]


def test_the_command_refuses_before_it_proves(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    (folder / "camera.c").touch()
    monkeypatch.setattr(export_main, "load_plan", lambda path, model: pytest.fail("the plan was read first"))
    arguments = [str(DEMO), "--plan", "plan.json", "-o", str(folder)]
    assert cli.guarded(lambda: export_main.run(arguments)) == cli.BAD_INPUT
    assert "camera.c" in capsys.readouterr().err


def test_the_generated_files_alone_go_beside_what_is_there(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    plan, out = tmp_path / "plan.json", tmp_path / "out"
    assert plan_main.run([str(DEMO), "-o", str(plan)]) == cli.PROVED
    out.mkdir()
    (out / "camera.c").touch()
    assert export_main.run([str(DEMO), "--plan", str(plan), "--model-only", "-o", str(out)]) == cli.PROVED
    assert names(out) == ["camera.c", "stj_model.c", "stj_model.h", "stj_model_constants.h"]
    assert "make -C" not in capsys.readouterr().out
