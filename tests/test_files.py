"""Files are written over files only: whatever else stands in a target's place is left as it is, and named."""

import os
import stat
from pathlib import Path

import pytest

import export.__main__ as export_main
import verify.commands.check as check_main
import verify.commands.plan as plan_main
from embedded.tools.board import FirmwareError
from embedded.tools.samples import check_output_path, write_outputs
from verify.commands import cli
from verify.commands.files import FileError, place_of, read_at_most, replace_folder, write_file, write_into

DEMO = Path(__file__).parent / "data" / "demo_model.tflite"


def device(place: Path) -> None:
    try:
        os.mknod(place, 0o600 | stat.S_IFCHR, os.makedev(1, 3))
    except OSError:
        pytest.skip("making a device needs root")


SPECIAL = {
    "a folder": lambda place: place.mkdir(),
    "a pipe": os.mkfifo,
    "a device": device,
    "a link to what does not exist": lambda place: place.symlink_to(place.parent / "nowhere"),
}


@pytest.fixture(params=SPECIAL)
def special(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """Something that is no regular file, and what it is."""
    place = tmp_path / "target"
    SPECIAL[request.param](place)
    return place, request.param


def unchanged(place: Path, mode: int) -> bool:
    return place.lstat().st_mode == mode and [p.name for p in place.parent.iterdir()] == [place.name]


def test_what_is_no_file_is_not_written_over(special: tuple[Path, str]) -> None:
    place, kind = special
    mode = place.lstat().st_mode
    for write in (
        lambda: write_file(place, "new"),
        lambda: write_into(place.parent, {place.name: "new"}),
    ):
        with pytest.raises(FileError, match=f"is {kind}; only files are written over; nothing was written"):
            write()
    assert unchanged(place, mode)
    with pytest.raises(FileError, match="is no certificate" if kind != "a folder" else "nothing was written"):
        replace_folder(place, {"bad\0name": ""}, "manifest.json", "certificate")
    assert unchanged(place, mode)
    npz = place.rename(place.with_suffix(".npz"))
    for refuse in (lambda: check_output_path(npz), lambda: write_outputs(npz, [])):
        with pytest.raises(FirmwareError, match=f"is {kind}"):
            refuse()
    assert unchanged(npz, mode)


@pytest.mark.parametrize("flag", ["-o", "--report", "--plot", "--emit-tflm"])
def test_commands_refuse_such_targets_before_they_begin(
    special: tuple[Path, str], flag: str, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, kind = special
    target = place.rename(place.with_suffix(".svg"))
    mode = target.lstat().st_mode
    monkeypatch.setattr(cli, "read_file", lambda path: pytest.fail("the model was read first"))
    assert cli.guarded(lambda: plan_main.run([str(DEMO), flag, str(target)])) == cli.BAD_INPUT
    error = capsys.readouterr().err
    assert f"is {kind}" in error and error.count("\n") == 1
    assert unchanged(target, mode)


def test_generated_files_do_not_replace_a_device_or_a_pipe(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    plan, folder = tmp_path / "plan.json", tmp_path / "gen"
    assert cli.guarded(lambda: plan_main.run([str(DEMO), "-o", str(plan)])) == cli.PROVED
    folder.mkdir()
    os.mkfifo(folder / "stj_model.h")
    export = [str(DEMO), "--plan", str(plan), "--model-only"]
    assert cli.guarded(lambda: export_main.run([*export, "-o", str(folder)])) == cli.BAD_INPUT
    assert "is a pipe" in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["stj_model.h"] and (folder / "stj_model.h").is_fifo()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "cert").symlink_to(tmp_path / "elsewhere")
    arguments = [str(DEMO), str(plan), "--certificate", str(tmp_path / "cert")]
    assert cli.guarded(lambda: check_main.run(arguments)) == cli.BAD_INPUT
    assert (tmp_path / "cert").is_symlink() and not any((tmp_path / "elsewhere").iterdir())


def test_a_link_to_a_file_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_text("old")
    (tmp_path / "link").symlink_to("folder/file")
    write_file(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "folder" / "file").read_text() == "new"
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to("link")
    with pytest.raises(FileError, match="link"):
        place_of(tmp_path / "link")


@pytest.mark.parametrize("name", ["a\0b", "x" * 300, "folder/that/is/not/file"])
def test_names_that_no_file_can_have(tmp_path: Path, name: str) -> None:
    for act in (
        lambda: write_file(tmp_path / name, ""),
        lambda: write_into(tmp_path, {name: ""}),
        lambda: read_at_most(tmp_path / name, 1),
    ):
        with pytest.raises(FileError) as caught:
            act()
        assert "\0" not in str(caught.value)
    assert not any(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs /dev/zero")
def test_reading_a_device_ends() -> None:
    with pytest.raises(FileError, match="larger than 1 MiB"):
        read_at_most(Path("/dev/zero"), 1 << 20)
