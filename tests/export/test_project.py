"""The exported folder builds by itself, with any compiler's warnings as errors, and its example computes the model."""

import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import export.__main__ as export_main
from export.c.emit import emit
from export.c.names import fault_of_prefix
from export.projects.kinds.make import KIND
from export.projects.project import Project as Emitted
from export.sources import MissingSourceError, kernel_files
from tests.clip.test_per_frame import shifted, streamtinynet
from tests.embedded.firmware_harness import needs_device
from tests.random_models import Net
from tests.tiny_model import activation, build_model
from verify.clip import per_frame
from verify.commands import cli
from verify.graph.early_exit import exit_first
from verify.graph.graph import Graph
from verify.graph.plan import InputMode, Plan
from verify.graph.tensor import DType
from verify.ops.base import OperatorSource
from verify.plan.request import Patches, Request
from verify.plan.search import make_plan
from verify.proof.check import ProvedPlan, check
from verify.proof.replay import replay_frames
from verify.tflite import read_model

DEMO = Path(__file__).parents[1] / "data/demo_model.tflite"
WARNINGS = ("-Wall", "-Wextra", "-Werror", "-pedantic")


def two_inputs() -> Graph:
    net = Net(2)
    net.conv(net.add(net.input(1, 8, 6, 3), net.input(1, 8, 6, 3)), 3, (3, 3), (1, 1), (1, 1))
    return net.graph()


def wide() -> Graph:
    net = Net(5)
    x = net.conv(net.input(1, 12, 12, 2), 8, (1, 1), (1, 1), (1, 1))
    net.conv(net.depthwise(x, (3, 3), (1, 1), (1, 1)), 2, (1, 1), (1, 1), (1, 1))
    return net.graph()


def floats() -> Graph:
    """Real numbers in and out, between them int8."""
    x, y = activation(0, (1, 7, 5, 3), dtype=DType.FLOAT32), activation(1, (1, 7, 5, 3), 0.02, -3)
    z = activation(2, (1, 7, 5, 3), dtype=DType.FLOAT32)
    sources = [OperatorSource("QUANTIZE", (x,), (y,), {}), OperatorSource("DEQUANTIZE", (y,), (z,), {})]
    return read_model(build_model(sources), "real numbers")


def two_outputs() -> Graph:
    net = Net(4)
    x = net.conv(net.input(1, 10, 8, 2), 4, (3, 3), (2, 2), (1, 1))
    net.dense(net.mean(x), 3)
    net.dense(net.mean(net.conv(x, 4, (3, 3), (1, 1), (1, 1))), 5)
    return net.graph()


@dataclass(frozen=True)
class Case:
    """What is exported: a network, how it is planned, and the emitter's options."""

    graph: Callable[[], Graph]
    scheme: str = "auto"
    mode: InputMode = InputMode.ROWS
    step: int = 1
    options: tuple = ()
    name: str = "stj_model"


CASES = {
    "demo": Case(lambda: cli.load_model(DEMO)),
    "two inputs": Case(two_inputs),
    "two inputs of the caller": Case(two_inputs, mode=InputMode.PATCHES),
    "patches": Case(wide, "patch", InputMode.PATCHES),
    "columns": Case(wide, "stream-2d"),
    "floats": Case(floats),
    "two outputs": Case(two_outputs, "layer", InputMode.WHOLE),
    "early exit": Case(lambda: exit_first(two_outputs(), 0)[0], "layer", options=(False, 0)),
    "clip": Case(lambda: per_frame(streamtinynet())),
    "clip of the caller": Case(lambda: per_frame(streamtinynet()), mode=InputMode.PATCHES),
    "every other frame": Case(lambda: per_frame(shifted()), "stream", step=2),
    "a name of its own": Case(two_outputs, name="gesture"),
    "clip that reuses rows": Case(lambda: per_frame(streamtinynet()), "stream", options=(True,)),
}


@dataclass(frozen=True)
class Project:
    graph: Graph
    plan: Plan
    folder: Path


@pytest.fixture(scope="module", params=CASES)
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Project:
    case = CASES[request.param]
    graph = case.graph()
    patches = Patches(2, 2) if case.scheme in ("patch", "stream-2d") else Patches()
    plan = make_plan(graph, Request(case.scheme, case.mode, time_step=case.step, patches=patches))
    report, proved = check(graph, plan)
    assert proved, report.verdicts
    folder = tmp_path_factory.mktemp("project")
    write(folder, proved, case.name, *case.options)
    return Project(graph, plan, folder)


def write(folder: Path, proved: ProvedPlan, prefix: str, reuse_rows: bool = False, early: int | None = None) -> None:
    for name, contents in KIND.files(Emitted(proved, emit(proved, reuse_rows, early, prefix), prefix)).items():
        assert isinstance(contents, str)
        (folder / name).write_text(contents)


def compiled(*command: object) -> str:
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_it_builds_without_warnings_and_its_example_computes_the_model(project: Project) -> None:
    sources = sorted(project.folder.glob("*.c"))
    compiled("cc", "-std=c99", *WARNINGS, *sources, "-o", project.folder / "example")
    assert compiled(project.folder / "example").splitlines() == list(expected_lines(project))


def expected_lines(project: Project, example: str = "main.c") -> Iterator[str]:
    """What the example prints, from the references."""
    graph, step = project.graph, project.plan.time_step
    order = re.findall(r"_(?:push_rows|set_input)\(&model, (\d+),", (project.folder / example).read_text())
    count = graph.warm_up + step + 1 if graph.clip_frames > 1 else 1
    frames = ramps(graph, [int(k) for k in order], count)
    results = replay_frames(graph, project.plan, frames)
    for frame, outputs in enumerate(results):
        if graph.clip_frames > 1:
            yield f"frame {frame}"
        ready = frame >= graph.warm_up and (frame - graph.warm_up) % step == 0
        for number, output in enumerate(outputs):
            values = [f"{value:g}" for value in np.ravel(output)]
            more = f" ... ({len(values)} values)" if len(values) > 16 else ""
            yield f"output {number}: " + (" ".join(values[:16]) + more if ready else "not ready yet")


def ramps(graph: Graph, order: list[int], count: int) -> list[list[np.ndarray]]:
    """The inputs of so many frames: a ramp that goes on from row to row, input to input and frame to frame."""
    place, frames = 0, []
    for _ in range(count):
        arrays = {}
        for k in order:
            shape, dtype = graph.input_shapes[k], graph.tensors[graph.inputs[k]].dtype.numpy
            ramp = (place + np.arange(np.prod(shape))).astype(np.uint8)
            arrays[k] = (ramp / np.float32(255) if dtype == np.float32 else ramp.astype(dtype)).reshape(shape)
            place += arrays[k].size
        frames.append([arrays[k] for k in range(len(order))])
    return frames


def test_nothing_in_it_is_superfluous(project: Project) -> None:
    """Every header is included by some file; without any one of the kernels the example does not link."""
    sources = sorted(project.folder.glob("*.c"))
    included = set(re.findall(r"[\w./-]+/(\w+\.h)", compiled("cc", "-MM", "-DSTJ_CHECK_CONSTANTS", *sources)))
    assert included == {path.name for path in project.folder.glob("*.h")}
    objects = [project.folder / f"{path.stem}.o" for path in sources]
    for source, target in zip(sources, objects, strict=True):
        compiled("cc", "-c", source, "-o", target)
    needed = {target: set(compiled("nm", "-u", "--format=just-symbols", target).split()) for target in objects}
    for target in objects:
        defined = set(compiled("nm", "-g", "--defined-only", "--format=just-symbols", target).split())
        others = set().union(*(names for other, names in needed.items() if other != target))
        assert "main" in defined or defined & others, f"nothing needs {target.stem}.c"


@pytest.mark.parametrize("standard", ["c++11", "c++20"])
def test_a_program_in_cpp_includes_the_header(project: Project, standard: str) -> None:
    compiled("g++", "-x", "c++", f"-std={standard}", *WARNINGS, "-fsyntax-only", project.folder / "main.c")


def test_two_models_and_a_program_in_cpp_are_one_image(tmp_path: Path) -> None:
    """They share the kernels; main of each becomes a function of its own."""
    expected = []
    for prefix, graph in (("gesture", two_outputs()), ("wake", two_inputs())):
        plan = make_plan(graph, Request("layer"))
        _, proved = check(graph, plan)
        assert proved
        write(tmp_path, proved, prefix)
        (tmp_path / "main.c").rename(tmp_path / f"{prefix}_main.cpp")
        expected += expected_lines(Project(graph, plan, tmp_path), f"{prefix}_main.cpp")
    sources, programs = sorted(tmp_path.glob("*.c")), sorted(tmp_path.glob("*.cpp"))
    objects = [tmp_path / f"{path.stem}.o" for path in (*sources, *programs)]
    for source, target in zip(sources, objects, strict=False):
        compiled("cc", "-std=c99", *WARNINGS, "-c", source, "-o", target)
    for source, target in zip(programs, objects[len(sources) :], strict=True):
        compiled("g++", "-std=c++11", *WARNINGS, f"-Dmain={source.stem}", "-c", source, "-o", target)
    (tmp_path / "both.cpp").write_text(
        "int gesture_main(); int wake_main(); int main() { return gesture_main() + wake_main(); }"
    )
    compiled("g++", tmp_path / "both.cpp", *objects, "-o", tmp_path / "both")
    assert compiled(tmp_path / "both").splitlines() == expected


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "a letter first"),
        ("1st", "a letter first"),
        ("a-b", "letters, digits and _"),
        ("a" * 41, "at most 40"),
        ("register", "a word of C or C++"),
        ("namespace", "a word of C or C++"),
        ("string", "<string.h> is a header of the C library"),
        ("main", "main.c and main are the program's"),
        ("stj_add_s8", "stj_ begins the names of the kernels"),
        ("STJ_nn", "stj_ begins the names of the kernels"),
    ],
)
def test_names_that_c_or_the_folder_needs_are_refused(name: str, reason: str) -> None:
    assert reason in fault_of_prefix(name)
    arguments = ["model.tflite", "--plan", "plan.json", "-o", "folder", "--name", name]
    with pytest.raises(cli.InputError, match="cannot begin C names"):
        export_main.run(arguments)


@pytest.mark.parametrize("name", ["stj_model", "gesture", "G", "wake_word_2"])
def test_other_names_are_taken(name: str) -> None:
    assert fault_of_prefix(name) == ""


def test_its_own_makefile_builds_and_runs_it(project: Project) -> None:
    assert "output 0: " in compiled("make", "-C", project.folder, "run", "CFLAGS=-O1 -Werror")
    compiled("make", "-C", project.folder, "clean")
    assert not [path for path in project.folder.iterdir() if path.suffix == ".o" or path.name == "example"]


@needs_device
def test_its_stack_is_within_the_reserve(project: Project) -> None:
    device = ("CC=arm-none-eabi-gcc", "CFLAGS=-O2 -mcpu=cortex-m7 -mthumb")
    command = ["make", "-s", "-C", str(project.folder), "stack", *device]
    result = subprocess.run(command, capture_output=True, text=True)
    assert f"stack: fits the {project.plan.stack_bytes} bytes that the plan reserves" in result.stdout
    assert (result.returncode, result.stderr) == (0, "")
    compiled("make", "-C", project.folder, "clean")
    assert not [path for path in project.folder.iterdir() if path.suffix in (".o", ".ci", ".su", ".elf")]


def test_the_readme_states_the_proved_bytes_and_every_claim(project: Project) -> None:
    text, plan = (project.folder / "README.txt").read_text(), project.plan
    for label, size in (
        ("arena", plan.arena_bytes),
        ("state", plan.state_bytes),
        ("stack", plan.stack_bytes),
        ("total", plan.sram_bytes),
    ):
        assert re.search(rf"^  {label} +{size:,} bytes", text, re.MULTILINE)
    claims = re.findall(r"^(C\d) ", text, re.MULTILINE)
    assert claims == [f"C{k}" for k in range(1, 9 if project.graph.clip_frames > 1 else 8)]
    assert project.graph.sha256 in text and (project.folder / "LICENSE.txt").read_text().strip()
    assert max(map(len, text.splitlines())) <= 120


def test_kernels_are_found_by_their_includes_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {
        "include/a.h": '#include <stdint.h>\n#include "b.h"\n',
        "include/b.h": "// no kernel of its own\n",
        "include/c.h": "",
        "include/unused.h": "",
        "kernels/a.c": '#include "a.h"\n  #  include "c.h"\n',
        "kernels/c.c": '#include "c.h"\n',
        "kernels/unused.c": '#include "unused.h"\n',
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr("export.sources.EMBEDDED", tmp_path)
    generated = {"m.c": '#include "m.h"\n#include "a.h"\n', "m.h": ""}
    assert list(kernel_files(generated)) == ["a.c", "a.h", "b.h", "c.c", "c.h"]
    with pytest.raises(MissingSourceError, match=r"m\.h includes d\.h, which .* does not have"):
        kernel_files({**generated, "m.h": '#include "d.h"\n'})
