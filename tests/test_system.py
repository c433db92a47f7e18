"""tools/system.sh on machines that lack something, played by a PATH of stand-ins: what it installs and says."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "tools/system.sh"
PROJECTS = ("cmake", "arduino-builder", "arduino-ctags", "avr-gcc", "riscv64-unknown-elf-gcc", "qemu-system-riscv32")
TOOLS = ("make", "gcc", "arm-none-eabi-gcc", "qemu-system-arm", *PROJECTS)
ROOT, OTHER = 0, 1000


def run(folder: Path, here: set[str], user: int, *arguments: str, provides: bool = True) -> tuple[int, str]:
    """Runs the script where only the commands `here` exist; apt-get makes each package's command if it `provides`."""
    programs = folder / "bin"
    programs.mkdir()
    for name in ("bash", "cat", "chmod"):
        (programs / name).symlink_to(str(shutil.which(name)))
    install = f'for package; do printf "#!/bin/sh\\n" > {programs}/$package; chmod +x {programs}/$package; done'
    scripts = dict.fromkeys(here, "") | {
        "id": f"echo {user}",
        "sleep": "",
        "apt-get": f"echo apt-get: $*; {install if provides else 'exit 100'}",
    }
    for name, text in scripts.items():
        (programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (programs / name).chmod(0o755)
    environment = {**os.environ, "PATH": str(programs)}
    result = subprocess.run([SCRIPT, *arguments], env=environment, capture_output=True, text=True)
    return result.returncode, result.stdout + result.stderr


def test_tests_install_a_browser_as_root(tmp_path: Path) -> None:
    status, text = run(tmp_path, {*TOOLS}, ROOT, "--tests")
    assert status == 0 and "apt-get: " in text and (tmp_path / "bin/chromium").exists()
    assert "NOTE" not in text and "compilers and emulator are here" in text


@pytest.mark.parametrize("browser", ["chromium", "chromium-browser", "google-chrome"])
def test_a_browser_that_is_here_is_enough(browser: str, tmp_path: Path) -> None:
    status, text = run(tmp_path, {*TOOLS, browser}, ROOT, "--tests")
    assert (status, text) == (0, "system: compilers and emulator are here\n")


@pytest.mark.parametrize(("user", "purpose"), [(OTHER, ["--tests"]), (ROOT, []), (OTHER, [])])
def test_otherwise_a_missing_browser_is_only_named(user: int, purpose: list[str], tmp_path: Path) -> None:
    status, text = run(tmp_path, {*TOOLS}, user, *purpose)
    assert status == 0 and "apt-get: " not in text
    assert "NOTE: no Chromium" in text and text.count("install -y --no-install-recommends chromium") == 1


def test_a_browser_that_cannot_be_had_does_not_keep_the_tools_out(tmp_path: Path) -> None:
    status, text = run(tmp_path, {*TOOLS}, ROOT, "--tests", provides=False)
    assert status == 0 and "attempt 2 of 3 failed" in text and "NOTE: no Chromium" in text


@pytest.mark.parametrize(("user", "provides"), [(OTHER, True), (ROOT, False)])
def test_what_builds_projects_is_only_named_where_it_cannot_be_had(user: int, provides: bool, tmp_path: Path) -> None:
    here = {*TOOLS, "chromium"} - {"cmake"}
    status, text = run(tmp_path, here, user, "--tests", provides=provides)
    assert status == 0 and "NOTE: tests of exported projects that need cmake are skipped" in text
    assert "compilers and emulator are here" in text


def test_what_builds_projects_is_installed_for_tests_alone(tmp_path: Path) -> None:
    for name, purpose in (("a", ["--tests"]), ("b", [])):
        (tmp_path / name).mkdir()
        status, text = run(tmp_path / name, {*TOOLS, "chromium"} - {"cmake"}, ROOT, *purpose)
        assert status == 0 and "NOTE" not in text
        assert (tmp_path / name / "bin/cmake").exists() == bool(purpose)


def test_missing_tools_are_an_error_or_a_note(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    status, text = run(tmp_path / "a", {"make", "gcc", "chromium"}, OTHER)
    assert status == 1 and "run this as root:   apt-get" in text and "qemu-system-arm" in text
    status, text = run(tmp_path / "b", {"make", "gcc", "chromium"}, OTHER, "--tests")
    assert status == 0 and "NOTE: tests on emulated boards are skipped" in text
