"""A model over a serial line: the board's half in C under sanitizers, lines that lose and damage bytes, and emulated
boards whose UART is a TCP port here."""

import contextlib
import functools
import json
import random
import socket
import struct
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from embedded.tools import __main__ as tools
from embedded.tools import serial_test
from embedded.tools.board import FirmwareError
from embedded.tools.clips import compared_with
from embedded.tools.link import Link, message
from embedded.tools.samples import random_inputs
from embedded.tools.signature import signature_of
from export.__main__ import run as export_run
from export.projects import kinds
from export.projects.project import Project
from tests.clip.test_per_frame import streamtinynet
from tests.embedded.firmware_harness import needs_device
from tests.export.test_project import CASES, compiled
from tests.export.test_projects import BOARDS, missing, platform, project_of, written
from tests.tiny_model import activation, build_model
from verify.commands import errors
from verify.graph.plan import InputMode
from verify.graph.plan_json import plan_to_json
from verify.ops.base import OperatorSource
from verify.plan.request import Patches, Request
from verify.tflite import read_model

SANITIZE = "-O0 -fsanitize=address,undefined -fno-sanitize-recover=all -std=c99 -pedantic -Wall -Wextra -Wconversion"


@dataclass(frozen=True)
class Served:
    """A case's project, with its program `serial` for this computer."""

    name: str
    project: Project
    folder: Path


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Served]:
    @functools.cache
    def make(name: str) -> Served:
        case, folder = CASES[name], tmp_path_factory.mktemp("serial")
        project = project_of(case.graph(), Request(case.scheme, case.mode, time_step=case.step, patches=Patches()))
        written(kinds()["cmake"], project, folder)
        compiled("make", "-s", "-C", folder, "build/make-host/serial.elf", f"CFLAGS={SANITIZE} -Werror")
        return Served(name, project, folder)

    return make


class Wire:
    """A line to a program's standard input and output, which may lose and damage what it carries."""

    def __init__(self, end: socket.socket, faults: float = 0.0, seed: int = 0) -> None:
        self.end, self.faults, self.random = end, faults, random.Random(seed)
        self.waiting = b""
        end.settimeout(20 if faults == 0 else 0.05)

    def read(self, size: int, /) -> bytes:
        with contextlib.suppress(TimeoutError):
            self.waiting += b"" if self.waiting else self.spoilt(self.end.recv(size))
        found, self.waiting = self.waiting[:size], self.waiting[size:]
        return found

    def write(self, data: bytes, /) -> None:
        self.end.sendall(self.spoilt(data))

    def spoilt(self, data: bytes) -> bytes:
        if self.random.random() >= self.faults or not data:
            return data
        at = self.random.randrange(len(data))
        return data[:at] + self.random.choice([b"", b"S", b"SJ", bytes([data[at] ^ 16])]) + data[at + 1 :]


@contextlib.contextmanager
def running(served: Served, faults: float = 0.0) -> Iterator[Wire]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        program = subprocess.Popen([served.folder / "build/make-host/serial.elf"], stdin=theirs, stdout=theirs)
        theirs.close()
        try:
            yield Wire(ours, faults)
            ours.close()
            assert program.wait(20) == 0  # the end of its input is its end
        finally:
            program.kill()
            program.wait()


def different(served: Served, link: Link) -> int:
    """Elements of the outputs that are not the reference's, of two inferences or one frame more than a clip has."""
    program, plan = served.project.proved.graph, served.project.proved.plan
    signature, count = signature_of(program), 2 if program.clip_frames == 1 else program.clip_frames + 1
    inputs = random_inputs(signature.inputs, count, 0)
    board = link.hello()
    serial_test.check_board(board, signature, plan)
    outputs, times = serial_test.ask(link, board, signature, inputs, count if program.goes_on else 1)
    assert (len(times), board.unit) == (count, "microseconds")
    assert link.stack() is None  # this computer's is not measured
    model = streamtinynet() if served.name == "clip" else program
    found = compared_with(model, program, inputs, outputs, False, plan.time_step)
    assert found.results > 0
    return found.different


@pytest.mark.parametrize("name", ["two inputs of the caller", "floats", "clip"])
def test_outputs_over_the_line_are_the_references(name: str, served: Callable[[str], Served]) -> None:
    with running(served(name)) as wire:
        assert different(served(name), Link(wire, 4096)) == 0


def test_lost_and_damaged_bytes_are_asked_for_again_and_nothing_is_done_twice(
    served: Callable[[str], Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("embedded.tools.link.TRIES", 20)
    with running(served("two inputs"), faults=0.05) as wire:
        link = Link(wire, 4096)
        assert different(served("two inputs"), link) == 0
        assert link.repeated > 3


def test_what_a_board_cannot_answer_is_refused(served: Callable[[str], Served]) -> None:
    with running(served("two inputs")) as wire:
        link = Link(wire, 4096)
        for kind, payload in (("Q", b""), ("R", struct.pack("<i", 2)), ("R", struct.pack("<i", -1) + bytes(18))):
            with pytest.raises(FirmwareError, match=f"refuses question {kind} of {len(payload)} bytes"):
                link.ask(kind, payload)
        wire.write(message("R", 7, bytes(1000)) + b"SJSJSS" + bytes(9))  # longer than any row, and noise
        board = link.hello()
        with pytest.raises(FirmwareError, match=r"answers row 0 of input \d with status -2"):
            link.push(board, [np.zeros((8, 6, 3), np.int8)] * 2)  # before `begin`
        link.most_bytes = 10
        wire.end.settimeout(0.05)
        with pytest.raises(FirmwareError, match="no answer on the serial line"):
            link.hello()


class Canned:
    """A line on which the same is answered whatever is asked."""

    def __init__(self, answer: bytes) -> None:
        self.answer, self.left = answer, b""

    def read(self, size: int, /) -> bytes:
        found, self.left = self.left[:size], self.left[size:]
        return found

    def write(self, _: bytes, /) -> None:
        self.left = self.answer


def test_damaged_and_late_answers_are_none() -> None:
    good = message("g", 0, b"abcd")
    late = message("g", 255, b"late")
    assert Link(Canned(b"noise SJ" + late + good), 100).ask("G", b"") == b"abcd"
    for wrong in (good.replace(b"c", b"C"), good[:-1], late, message("h", 0, b"abcd"), message("g", 0, bytes(200))):
        with pytest.raises(FirmwareError, match="no answer"):
            Link(Canned(wrong), 100).ask("G", b"")


# --- On emulated boards, by the command -------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def emulated(image: Path) -> Iterator[str]:
    """A Cortex-M7 that runs it, and the URL of its UART."""
    port = free_port()
    qemu = (BOARDS / "cortex-m7/qemu").read_text().split()
    qemu[qemu.index("none", qemu.index("-serial"))] = f"tcp:localhost:{port},server,nowait"
    with subprocess.Popen([*qemu, image], stdout=subprocess.DEVNULL) as emulator:
        try:
            yield f"socket://localhost:{port}"
        finally:
            emulator.kill()


@pytest.fixture
def tiny(tmp_path: Path) -> tuple[Path, Path]:
    """A model's file and its plan: real numbers in and out, between them int8."""
    x, y = activation(0, (1, 7, 5, 3)), activation(1, (1, 7, 5, 3))
    model = build_model([OperatorSource("ADD", (x, x), (y,), {"fused_activation_function": "NONE"})])
    (tmp_path / "tiny.tflite").write_bytes(model)
    project = project_of(read_model(model, "tiny"), Request())
    (tmp_path / "plan.json").write_text(plan_to_json(project.proved.plan))
    return tmp_path / "tiny.tflite", tmp_path / "plan.json"


def asked(url: str, model: Path, plan: Path, *more: str) -> int:
    for _ in range(100):  # until the emulator listens
        try:
            return tools.run_command(["serial", str(model), "--plan", str(plan), "--port", url, *more])
        except errors.InputError as error:
            if "Could not open port" not in str(error):
                raise
    raise AssertionError(url)


@needs_device
def test_the_command_compares_an_emulated_board(
    tiny: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, plan = tiny
    project = tmp_path / "project"
    assert export_run([str(model), "--plan", str(plan), "--project", "cmake", "-o", str(project)]) == 0
    image = project / "build/make-cortex-m7/serial.elf"
    compiled(
        "make", "-s", "-C", project, image.relative_to(project), "BOARD=cortex-m7", "CFLAGS=-O2 -Wconversion -Werror"
    )
    with emulated(image) as url:
        capsys.readouterr()
        assert asked(url, model, plan, "--samples", "2", "--json") == 0
        said = json.loads(capsys.readouterr().out)
        monkeypatch.setattr(Link, "stack", lambda _: (901, 900))
        assert asked(url, model, plan, "--samples", "1") == 1
        assert "took 901 bytes of stack or more of 900 reserved" in capsys.readouterr().err
    assert (said["results_compared"], said["elements_different"]) == (2, 0)
    assert said["instructions_most"] > 0
    assert 0 < said["stack"] <= said["stack_reserved"]


def test_a_board_without_a_uart_is_refused(served: Callable[[str], Served]) -> None:
    command = ["make", "-s", "-C", served("two inputs").folder, "serial", "BOARD=cortex-m0"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 2
    assert "no boards/cortex-m0/uart; there are cortex-m33 cortex-m4 cortex-m55 cortex-m7" in result.stderr


@needs_device
@missing("arduino-builder", "arduino-ctags")
def test_the_sketch_answers_like_the_program_and_other_plans_are_refused(
    tiny: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, plan = tiny
    files = tmp_path / "libraries" / "StjModel"
    assert export_run([str(model), "--plan", str(plan), "--project", "arduino", "-o", str(files)]) == 0
    build = tmp_path / "build"
    build.mkdir()
    places = ("-hardware", platform(tmp_path), "-tools", "/usr/bin", "-libraries", files.parent, "-build-path", build)
    sketch = files / "examples/SerialTest/SerialTest.ino"
    asked_for = sketch.read_text().replace("/* #define STJ_MEASURE_STACK */", "#define STJ_MEASURE_STACK")
    sketch.write_text(asked_for)
    compiled("arduino-builder", "-compile", *places, "-fqbn", "stjax:qemu:an500", sketch)
    with emulated(build / "SerialTest.ino.elf") as url:
        capsys.readouterr()
        assert asked(url, model, plan, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert 0 < said["stack"] <= said["stack_reserved"]
    other = tmp_path / "other.json"
    other.write_text(
        plan_to_json(project_of(read_model(model.read_bytes(), "tiny"), Request(mode=InputMode.WHOLE)).proved.plan)
    )
    with (
        emulated(build / "SerialTest.ino.elf") as url,
        pytest.raises(errors.InputError, match="the board runs plan .*export it and flash it"),
    ):
        asked(url, model, other)


def test_a_port_that_is_none_is_said(tiny: tuple[Path, Path]) -> None:
    model, plan = tiny
    for port, said in (("/dev/there-is-none", "could not open port"), ("what://", "invalid URL")):
        with pytest.raises(errors.InputError, match=f"port {port}: .*{said}"):
            tools.run_command(["serial", str(model), "--plan", str(plan), "--port", port])
