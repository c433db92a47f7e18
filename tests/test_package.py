"""The wheel holds all that is needed: installed into an environment of its own, its commands work in an empty folder.

Nothing is downloaded: the wheel is built with the setuptools that is here, and the environment borrows the packages
that this project depends on, but not this project, from the one that runs the tests.
"""

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path

import pytest

import verify

ROOT = Path(__file__).parent.parent
DEMO = ROOT / "tests/data/demo_model.tflite"
PACKAGES = ("embedded", "export", "stjax", "verify")
BESIDE = ("LICENSE", "MANIFEST.in", "README.md", "pyproject.toml")
# What developers of the kernels use, and nobody who runs a model.
LEFT_OUT = ("embedded/.gitignore", "embedded/eva/")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
MODULES = (
    *("verify.plan", "verify.check", "verify.ops", "verify.recheck", "verify.tflm"),
    *("export", "export.tflite", "embedded.tools"),
)


def called(*command: object, cwd: Path, **environment: str) -> str:
    """What a command prints; it must succeed."""
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    words = [str(word) for word in command]
    result = subprocess.run(words, cwd=cwd, env=clean | environment, capture_output=True, text=True)
    assert result.returncode == 0, f"{words}\n{result.stdout}\n{result.stderr}"
    return result.stdout


def build(source: Path, target: Path, kind: str) -> Path:
    """Builds a "wheel" or an "sdist" without isolation."""
    code = f"import sys; from setuptools import build_meta; build_meta.build_{kind}(sys.argv[1])"
    called(sys.executable, "-c", code, target, cwd=source)
    (built,) = [path for path in target.iterdir() if (path.suffix == ".whl") == (kind == "wheel")]
    return built


@dataclass(frozen=True)
class Built:
    source: Path
    wheel: Path
    sdist: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Wheel and source distribution of a copy of this tree, in which firmware has been built, too."""
    folder = tmp_path_factory.mktemp("package")
    source = folder / "source"
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__", "build")
        shutil.copytree(ROOT / package, source / package, ignore=ignored)
    for name in BESIDE:
        shutil.copy(ROOT / name, source / name)
    (source / "tests").mkdir()
    (source / "tests/test_something.py").touch()
    sdist = build(source, folder / "dist", "sdist")
    for junk in ("embedded/build/host/O2/stj_add_s8.c", "embedded/build/models/m/gen/stj_model.h"):
        (source / junk).parent.mkdir(parents=True)
        (source / junk).touch()
    return Built(source, build(source, folder / "dist", "wheel"), sdist)


def contents(wheel: Path) -> dict[str, bytes]:
    """The files of the packages in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist() if ".dist-info/" not in name}


def test_every_file_of_the_packages_is_in_the_wheel_and_no_other(built: Built) -> None:
    tree = {
        path.relative_to(built.source).as_posix(): path.read_bytes()
        for package in PACKAGES
        for path in (built.source / package).rglob("*")
        if path.is_file() and "build" not in path.parts
    }
    wheel = contents(built.wheel)
    assert {name for name in tree if not name.startswith(LEFT_OUT)} == set(wheel)
    assert [name for name in wheel if wheel[name] != tree[name]] == []


def test_the_wheel_of_the_source_distribution_is_the_same(built: Built, tmp_path: Path) -> None:
    called("tar", "-xzf", built.sdist, cwd=tmp_path)
    (source,) = tmp_path.iterdir()
    assert {"LICENSE", "README.md", "pyproject.toml"} <= {path.name for path in source.iterdir()}
    assert not (source / "tests").exists()
    assert contents(build(source, tmp_path / "dist", "wheel")) == contents(built.wheel)


def test_the_metadata_names_licence_version_and_dependencies(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as archive:
        folder = f"stjax-{verify.__version__}.dist-info"
        metadata = Parser().parsestr(archive.read(f"{folder}/METADATA").decode())
        assert archive.read(f"{folder}/licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()
    assert (metadata["License-Expression"], metadata["License-File"]) == ("Apache-2.0", "LICENSE")
    required = {line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line}
    assert required == set(PROJECT["dependencies"])


@pytest.fixture(scope="module")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment with the wheel in it."""
    folder = tmp_path_factory.mktemp("environment")
    called(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    programs = folder / "bin"
    pip = (sys.executable, "-m", "pip", "--python", programs / "python", "--disable-pip-version-check")
    called(*pip, "install", "--quiet", "--no-deps", "--no-index", built.wheel, cwd=folder)
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages, ours = (
        called(python, "-c", where, cwd=folder).strip() for python in (sys.executable, programs / "python")
    )
    # A folder of packages that a .pth file names has its own .pth files, such as this project's editable one, ignored.
    (Path(ours) / "borrowed.pth").write_text(f"{packages}\n")
    found = called(programs / "python", "-c", "import verify; print(verify.__file__)", cwd=folder)
    assert Path(found.strip()).is_relative_to(folder)
    return programs


def test_every_command_tells_its_version_by_both_its_names(installed: Path, tmp_path: Path) -> None:
    version = f"stjax {verify.__version__}\n"
    assert len(PROJECT["scripts"]) == len(MODULES)
    for name in PROJECT["scripts"]:
        assert called(installed / name, "--version", cwd=tmp_path) == version
    for module in MODULES:
        assert called(installed / "python", "-m", module, "--version", cwd=tmp_path) == version


@pytest.mark.parametrize("form", ["module", "script"])
def test_from_a_model_to_a_program_in_an_empty_folder(form: str, installed: Path, tmp_path: Path) -> None:
    def stjax(name: str, *arguments: object) -> str:
        module = name if name == "export" else f"verify.{name}"
        command = [installed / f"stjax-{name}"] if form == "script" else [installed / "python", "-m", module]
        return called(*command, *arguments, cwd=tmp_path)

    model = shutil.copy(DEMO, tmp_path / "a model.tflite")
    stjax("plan", model, "--sram", "16K", "-o", "plan.json")
    assert "proved: " in stjax("check", model, "plan.json", "--certificate", "certificate")
    stjax("recheck", "certificate", "--model", model, "--plan", "certificate/plan.json")
    stjax("export", model, "--plan", "plan.json", "-o", "c code")
    sources = sorted((tmp_path / "c code").glob("*.c"))
    called("cc", "-std=c99", "-Wall", "-Wextra", "-Werror", *sources, "-o", "program", cwd=tmp_path)
    printed = called(tmp_path / "program", cwd=tmp_path)
    assert printed.startswith("output 0: ")
    assert printed in called("make", "-C", "c code", "run", cwd=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("a model.tflite", "c code", "certificate", "plan.json", "program")
    ]


def test_the_harness_runs_from_the_wheel_and_builds_elsewhere(installed: Path, tmp_path: Path) -> None:
    packages = installed.parent / "lib"
    before = {path for path in packages.rglob("*") if path.suffix != ".pyc" and path.name != "__pycache__"}
    arguments = ("run", "--model", DEMO, "--sram", "16K", "--json")
    called(installed / "stjax-firmware", *arguments, cwd=tmp_path, XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert [path.name for path in (tmp_path / "cache/stjax").iterdir()] == [verify.__version__]
    where = ("-c", "from embedded.tools.firmware import BUILD; print(BUILD)")
    assert called(installed / "python", *where, cwd=tmp_path, STJAX_BUILD="here") == f"{tmp_path / 'here'}\n"
    assert before == {path for path in packages.rglob("*") if path.suffix != ".pyc" and path.name != "__pycache__"}
