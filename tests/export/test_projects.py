"""Every kind of project: complete, valid by its ecosystem's own packages, built by its tools or against declarations.

What can run here runs: CMake and Make on this computer and on every emulated board, sketches under QEMU. Mbed, Zephyr
and ESP-IDF are not here; their programs compile against declarations of just what they use (stubs/).
"""

import io
import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

import pytest

import export.__main__ as export_main
from export.c.emit import emit
from export.projects import kinds
from export.projects.kinds.cmake import BOARDS
from export.projects.project import Files, Kind, Project
from tests.export.test_project import CASES, DEMO, compiled, expected_lines
from tests.export.test_project import Project as Written
from verify.commands import cli, recheck
from verify.commands import plan as plan_main
from verify.graph.graph import Graph
from verify.plan.request import Patches, Request
from verify.plan.search import make_plan
from verify.proof.check import check

HERE = Path(__file__).parent
STUBS = HERE / "stubs"
AVR = Path("/usr/share/arduino/hardware/arduino/avr")
"""The core of Arduino's first boards, where Debian has it."""
WARNINGS = ("-Wall", "-Wextra", "-Wconversion", "-Werror")
CPP = ("g++", "-std=gnu++14", *WARNINGS, "-fsyntax-only")
C_WARNINGS = ("-std=c99", "-pedantic", *WARNINGS)
EMULATED = [path.parent.name for path in sorted(BOARDS.glob("*/qemu"))]
SOME = ("two inputs of the caller", "floats", "clip", "a name of its own")


def missing(*tools: str) -> pytest.MarkDecorator:
    absent = [tool for tool in tools if shutil.which(tool) is None]
    return pytest.mark.skipif(bool(absent), reason=f"not installed: {', '.join(absent)} (make system)")


@pytest.fixture(scope="module", params=SOME)
def project(request: pytest.FixtureRequest) -> Project:
    case = CASES[request.param]
    wanted = Request(case.scheme, case.mode, time_step=case.step, patches=Patches())
    return project_of(case.graph(), wanted, case.name)


def project_of(graph: Graph, request: Request, name: str = "stj_model") -> Project:
    report, proved = check(graph, make_plan(graph, request))
    assert proved, report.verdicts
    return Project(proved, emit(proved, prefix=name), name)


def written(kind: Kind, project: Project, folder: Path) -> Files:
    files = kind.files(project)
    for name, contents in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents.encode() if isinstance(contents, str) else contents)
    return files


def expected(project: Project, folder: Path, example: str) -> list[str]:
    return list(expected_lines(Written(project.proved.graph, project.proved.plan, folder), example))


@pytest.mark.parametrize("name", [name for name in kinds() if name != "make"])
def test_a_project_has_the_network_its_proof_and_words_about_it(name: str, project: Project, tmp_path: Path) -> None:
    files = written(kinds()[name], project, tmp_path)
    names = [path.rsplit("/", 1)[-1] for path in files]
    assert all(names.count(file) == 1 for file in project.network)
    readme = files["README.md"]
    assert isinstance(readme, str)
    assert f"{project.proved.plan.sram_bytes:,} bytes of SRAM" in readme and project.proved.graph.sha256 in readme
    assert max(map(len, re.sub(r"[|`].*", "", readme).splitlines())) <= 125
    for link in re.findall(r"\]\(([\w./]+)\)", readme):
        assert link in files
    certificate = zipfile.ZipFile(io.BytesIO((tmp_path / "extras/certificate.zip").read_bytes()))
    certificate.extractall(tmp_path / "certificate")
    assert recheck.run([str(tmp_path / "certificate")]) == 0


def test_every_kind_is_listed_with_a_line_about_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        export_main.parse(["--help"])
    text = capsys.readouterr().out
    assert all(re.search(rf"^ +{kind.name} +{re.escape(kind.about)}$", text, re.MULTILINE) for kind in kinds().values())
    assert set(kinds()) == {"make", "cmake", "arduino", "mbed", "zephyr", "esp-idf", "platformio", "cmsis-pack"}


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(cli.InputError, match="invalid choice: 'keil'"):
        export_main.run(["model.tflite", "--plan", "plan.json", "-o", "folder", "--project", "keil"])


def test_a_project_replaces_its_own_older_one_and_writes_its_archive_beside_it(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan_main.run([str(DEMO), "-o", str(plan)])
    command = [str(DEMO), "--plan", str(plan), "-o", str(tmp_path / "out"), "--project"]
    for _ in range(2):
        assert export_main.run([*command, "arduino"]) == 0
        assert "StjModel/src/stj_model.c" in zipfile.ZipFile(tmp_path / "StjModel.zip").namelist()
    (tmp_path / "out/examples/SingleImage/SingleImage.ino").write_text("mine")
    with pytest.raises(cli.InputError, match=r"was changed since: examples/SingleImage/SingleImage.ino"):
        export_main.run([*command, "cmake"])
    assert (tmp_path / "out/library.properties").exists()


# --- CMake and Make ---------------------------------------------------------------------------------------------------


@missing("cmake", "make", "cc")
def test_cmake_and_make_run_on_this_computer_under_sanitizers(project: Project, tmp_path: Path) -> None:
    written(kinds()["cmake"], project, tmp_path)
    lines = expected(project, tmp_path, "example/main.c")
    flags = "-O1 -fsanitize=address,undefined -fno-sanitize-recover=all " + " ".join(C_WARNINGS)
    output = compiled("make", "-s", "-C", tmp_path, "run", f"CFLAGS={flags}")
    assert output.splitlines() == lines
    compiled("cmake", "-S", tmp_path, "-B", tmp_path / "build/cmake")
    compiled("cmake", "--build", tmp_path / "build/cmake")
    assert compiled(tmp_path / "build/cmake/example").splitlines() == lines


@pytest.mark.parametrize("board", EMULATED)
def test_every_emulated_board_gives_the_same_bits(board: str, tmp_path: Path) -> None:
    project = project_of(CASES["demo"].graph(), Request())
    written(kinds()["cmake"], project, tmp_path)
    tools = [f"{(tmp_path / 'boards' / board / 'compiler').read_text().strip()}gcc"]
    tools.append((tmp_path / "boards" / board / "qemu").read_text().split()[0])
    if absent := [tool for tool in tools if shutil.which(tool) is None]:
        pytest.skip(f"not installed: {', '.join(absent)} (make system)")
    flags = f"CFLAGS=-O2 {' '.join(WARNINGS)}"
    *lines, stack = compiled("make", "-s", "-C", tmp_path, "run", f"BOARD={board}", flags).splitlines()
    assert lines == expected(project, tmp_path, "example/main.c")
    said = re.fullmatch(r"stack: (\d+) of (\d+) bytes reserved", stack)
    assert said and 0 < int(said[1]) <= int(said[2]) == project.proved.plan.stack_bytes


@missing("make", "arm-none-eabi-gcc", "qemu-system-arm")
@pytest.mark.parametrize("extra", [0, 200])
def test_a_board_says_when_the_network_takes_more_stack_than_is_reserved(extra: int, tmp_path: Path) -> None:
    """Planted: a stage with a local array as large as the reserve and more; without one it is said to fit."""
    project = project_of(CASES["two outputs"].graph(), Request())
    written(kinds()["cmake"], project, tmp_path)
    reserve = project.proved.plan.stack_bytes
    code = tmp_path / "model/stj_model.c"
    waste = f"\\g<0>    volatile uint8_t waste[{reserve + extra}];\n    waste[0] = 1;\n"
    if extra:
        code.write_text(re.sub(r"static STJ_NOINLINE void stage_\d+\(.*\{\n", waste, code.read_text()))
    result = subprocess.run(
        ["make", "-s", "-C", tmp_path, "run", "BOARD=cortex-m4"], capture_output=True, text=True, check=False
    )
    stack = result.stdout.splitlines()[-1]
    said = re.match(rf"stack: (\d+) of {reserve} bytes reserved", stack)
    assert said and (int(said[1]) > reserve) == ("too deep" in stack) == (result.returncode != 0) == (extra > 0)
    assert int(said[1]) <= reserve + 256  # as far as is painted


def test_boards_are_those_that_have_what_the_kernels_are_for(tmp_path: Path) -> None:
    graph = CASES["two outputs"].graph()
    fast = {"cortex-m4", "cortex-m7", "cortex-m33", "cortex-m55"}
    for target, boards in (("cortex-m-dsp", fast), ("cortex-m-mve", {"cortex-m55"})):
        files = kinds()["cmake"].files(project_of(graph, Request(target=target)))
        assert {name.split("/")[1] for name in files if name.startswith("boards/")} == boards | {"common"}


# --- Arduino ----------------------------------------------------------------------------------------------------------


def platform(folder: Path) -> Path:
    """The stand-in platform: the committed files, and the start of `--project cmake`."""
    hardware = folder / "hardware"
    shutil.copytree(HERE / "platform/hardware", hardware)
    place = hardware / "stjax/qemu"
    for source, target in (
        (BOARDS / "cortex-m7/memory.ld", place / "memory.ld"),
        (BOARDS / "common/sections.ld", place / "sections.ld"),
        (BOARDS / "common/arm-none-eabi-start.c", place / "cores/arduino/start.c"),
    ):
        shutil.copyfile(source, target)
    return hardware


def rounded(line: str) -> str:
    """A line of results with its real numbers to three places: Arduino prints them otherwise than C does."""
    return re.sub(r"-?\d+\.\d+", lambda number: f"{float(number[0]):.3f}".rstrip("0").rstrip("."), line)


@missing("arduino-builder", "arduino-ctags", "arm-none-eabi-g++", "qemu-system-arm")
def test_arduino_builds_the_sketch_and_the_emulator_runs_it(project: Project, tmp_path: Path) -> None:
    kind = kinds()["arduino"]
    files = written(kind, project, tmp_path / "unpacked")
    assert kind.archive is not None
    name, packed = kind.archive(project, files)
    zipfile.ZipFile(io.BytesIO(packed)).extractall(tmp_path / "libraries")
    library = tmp_path / "libraries" / name.removesuffix(".zip")
    assert [path.name for path in (tmp_path / "libraries").iterdir()] == [library.name]
    hardware = platform(tmp_path)
    sketch = library / "examples/SingleImage/SingleImage.ino"
    build = tmp_path / "build"
    build.mkdir()
    places = ("-hardware", hardware, "-tools", "/usr/bin", "-libraries", library.parent, "-build-path", build)
    compiled("arduino-builder", "-compile", *places, "-fqbn", "stjax:qemu:an500", sketch)
    lines = compiled(*(BOARDS / "cortex-m7/qemu").read_text().split(), build / f"{sketch.name}.elf").splitlines()
    wanted = expected(project, library, "examples/SingleImage/SingleImage.ino")
    assert [rounded(line) for line in lines[:-1]] == [rounded(line) for line in wanted]
    assert lines[-1].startswith("microseconds ")


@missing("arm-none-eabi-g++")
def test_every_sketch_compiles_against_what_it_uses(project: Project, tmp_path: Path) -> None:
    written(kinds()["arduino"], project, tmp_path)
    sketches = sorted(tmp_path.glob("examples/*/*.ino"))
    assert {"SingleImage", "SerialTest"} <= {sketch.stem for sketch in sketches}
    core = HERE / "platform/hardware/stjax/qemu"
    places = ("-include", "Arduino.h", f"-I{core}/cores/arduino", f"-I{core}/libraries/Camera/src", f"-I{tmp_path}/src")
    for sketch in sketches:
        assert sketch.stem == sketch.parent.name
        compiled("arm-none-eabi-g++", "-mcpu=cortex-m7", *CPP[1:], "-funsigned-char", *places, "-x", "c++", sketch)


@missing("avr-gcc", "avr-g++")
def test_arduinos_own_core_compiles_the_library(project: Project, tmp_path: Path) -> None:
    """For an 8-bit processor, whose int has 16 bits; its sketches with the header of its core."""
    if not AVR.is_dir():
        pytest.skip("not installed: arduino-core-avr (make system)")
    written(kinds()["arduino"], project, tmp_path)
    flags = ("-mmcu=atmega2560", "-DF_CPU=16000000L", "-DARDUINO=10607", "-Os", "-Wall", "-Wextra", "-Werror")
    sources = sorted((tmp_path / "src").glob("*.c"))
    compiled("avr-gcc", *flags, "-std=gnu11", "-fsyntax-only", *sources)
    core = ("-include", "Arduino.h", f"-I{AVR}/cores/arduino", f"-I{AVR}/variants/mega", f"-I{tmp_path}/src")
    for sketch in ("SingleImage", "SerialTest"):
        file = tmp_path / "examples" / sketch / f"{sketch}.ino"
        compiled("avr-g++", *flags, "-std=gnu++11", *core, "-fsyntax-only", "-x", "c++", file)


def test_arduino_files_follow_its_specification(project: Project, tmp_path: Path) -> None:
    files = written(kinds()["arduino"], project, tmp_path)
    properties = dict(line.split("=", 1) for line in str(files["library.properties"]).splitlines())
    required = ("name", "version", "author", "maintainer", "sentence", "paragraph", "category", "url", "architectures")
    assert all(properties[key] for key in required) and not properties["name"].startswith("Arduino")
    assert re.fullmatch(r"[A-Za-z0-9][\w.-]{0,62}", properties["name"])
    for line in str(files["keywords.txt"]).splitlines():
        word, kind = line.split("\t")
        assert kind in ("KEYWORD1", "KEYWORD2", "LITERAL1")
        assert word in str(files[f"src/{project.prefix}.h"]) or word == "STJ_OK"
    platformio_manifest(tmp_path / "library.properties")


# --- PlatformIO -------------------------------------------------------------------------------------------------------


def platformio_manifest(path: Path) -> dict:
    """What PlatformIO itself makes of a manifest."""
    parser = pytest.importorskip("platformio.package.manifest.parser")
    schema = pytest.importorskip("platformio.package.manifest.schema")
    data = parser.ManifestParserFactory.new_from_file(str(path)).as_dict()
    data.pop("license", None)  # is looked up in the network
    return schema.ManifestSchema().load_manifest(data)


@missing("arm-none-eabi-g++")
def test_platformio_takes_the_manifest_and_its_example_compiles(project: Project, tmp_path: Path) -> None:
    files = written(kinds()["platformio"], project, tmp_path)
    manifest = platformio_manifest(tmp_path / "library.json")
    assert manifest["headers"] == [f"{project.prefix}.h"]
    for example in manifest["examples"]:
        assert all(f"{example['base']}/{file}" in files for file in example["files"])
    qemu = HERE / "platform/hardware/stjax/qemu"
    places = (f"-I{qemu}/cores/arduino", f"-I{qemu}/libraries/Camera/src", f"-I{tmp_path}/src")
    for example in manifest["examples"]:
        program = tmp_path / example["base"] / "src/main.cpp"
        compiled("arm-none-eabi-g++", "-mcpu=cortex-m7", *CPP[1:], "-funsigned-char", *places, program)
        assert f"lib_deps = {manifest['name']}=" in str(files[f"{example['base']}/platformio.ini"])


# --- Mbed, Zephyr, ESP-IDF --------------------------------------------------------------------------------------------


def test_mbed_program_compiles_against_what_it_uses(project: Project, tmp_path: Path) -> None:
    files = written(kinds()["mbed"], project, tmp_path)
    for macro, program in (("-DNONE", "main.cpp"), ("-DSTJ_SERIAL_TEST", "serial.cpp")):
        places = (f"-I{STUBS}", f"-I{tmp_path}/model", f"-I{tmp_path}/feed")
        compiled(*CPP, macro, *places, tmp_path / program)
    json.loads(str(files["mbed_app.json"]))
    assert re.fullmatch(r"https://\S+/mbed-os\.git#\S+\n", str(files["mbed-os.lib"]))
    listed = re.findall(r"^ +(?:model|feed)/(\w+\.c)$", str(files["CMakeLists.txt"]), re.MULTILINE)
    assert listed == ["stj_serial.c", "stj_stack.c", *project.sources]


MODULE_KEYS = {
    "name": None,
    "build": {"cmake", "kconfig", "cmake-ext", "kconfig-ext", "sysbuild-cmake", "depends", "settings"},
    "samples": None,
    "tests": None,
}
"""Of zephyr/module.yml, from Zephyr's scripts/zephyr_module.py, as far as a module of ours could need them."""


def test_zephyr_module_has_known_keys_and_its_sample_compiles(project: Project, tmp_path: Path) -> None:
    yaml, kconfiglib = pytest.importorskip("yaml"), pytest.importorskip("kconfiglib")
    files = written(kinds()["zephyr"], project, tmp_path)
    module = yaml.safe_load(str(files["zephyr/module.yml"]))
    assert set(module) <= set(MODULE_KEYS) and set(module["build"]) <= (MODULE_KEYS["build"] or set())
    assert all((tmp_path / sample / "sample.yaml").exists() for sample in module["samples"])
    options = kconfiglib.Kconfig(str(tmp_path / module["build"]["kconfig"]), warn_to_stderr=False)
    symbol = options.syms[project.prefix.upper()]
    assert symbol.nodes and kconfiglib.TYPE_TO_STR[symbol.orig_type] == "bool"
    assert f"CONFIG_{project.prefix.upper()}=y" in str(files["sample/prj.conf"])
    tests = yaml.safe_load(str(files["sample/sample.yaml"]))["tests"]
    (regex,) = tests[f"sample.{project.prefix}"]["harness_config"]["regex"]
    assert any(re.match(regex, line) for line in expected(project, tmp_path, "sample/src/main.c"))
    compiled("cc", *C_WARNINGS, "-fsyntax-only", f"-I{STUBS}", f"-I{tmp_path}/model", tmp_path / "sample/src/main.c")
    stack = int(re.findall(r"MAIN_STACK_SIZE=(\d+)", str(files["sample/prj.conf"]))[0])
    assert stack >= project.proved.plan.stack_bytes + 1024


def test_esp_idf_component_is_taken_by_its_manager_and_compiles(project: Project, tmp_path: Path) -> None:
    manager = pytest.importorskip("idf_component_tools.manager")
    files = written(kinds()["esp-idf"], project, tmp_path)
    component = tmp_path / "components" / project.prefix
    manifest = manager.ManifestManager(str(component), project.prefix).load()
    assert str(manifest.version) == "0.1.0" and manifest.dependencies["idf"] == ">=5.1"
    listed = re.findall(r'"src/(\w+\.c)"', str(files[f"components/{project.prefix}/CMakeLists.txt"]))
    assert listed == project.sources
    include = ("-include", "app_main.h", f"-I{STUBS}", f"-I{component}/src")
    compiled("cc", *C_WARNINGS, "-fsyntax-only", *include, tmp_path / "main/main.c")


# --- CMSIS-Pack -------------------------------------------------------------------------------------------------------


def test_pack_description_names_what_the_pack_holds(project: Project, tmp_path: Path) -> None:
    kind = kinds()["cmsis-pack"]
    files = written(kind, project, tmp_path)
    assert kind.archive is not None
    name, packed = kind.archive(project, files)
    held = zipfile.ZipFile(io.BytesIO(packed))
    (description,) = [entry for entry in held.namelist() if entry.endswith(".pdsc")]
    package = ElementTree.fromstring(held.read(description))
    vendor, title = (package.findtext(key) for key in ("vendor", "name"))
    release = package.find("releases/release")
    assert release is not None and description == f"{vendor}.{title}.pdsc"
    assert name == f"{vendor}.{title}.{release.get('version')}.pack"
    for file in package.iterfind(".//file"):
        path = file.get("name", "")
        assert path in held.namelist() or any(entry.startswith(path) for entry in held.namelist() if path.endswith("/"))
    assert package.findtext("license") in held.namelist()
    sources = [file.get("name") for file in package.iterfind(".//file") if file.get("category") == "source"]
    assert sources == [*(f"model/{source}" for source in project.sources), "example/main.c"]
