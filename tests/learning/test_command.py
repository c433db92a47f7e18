"""`--learn` from the command line: plan, export, firmware; and a course on this computer that goes as JAX does."""

from pathlib import Path

import numpy as np
import pytest

import export.__main__ as export_main
import verify.commands.check as check_main
import verify.commands.plan as plan_main
from embedded.tools import serial_test
from embedded.tools.board import FirmwareError
from embedded.tools.course import BEGIN, CLASSIFY, NONE, RESTORE, SAVE, forget, learn, run_course
from embedded.tools.firmware import build
from embedded.tools.link import Link
from embedded.tools.signature import signature_of
from export.__main__ import write_folder
from export.c.emit import emit
from export.projects import kinds
from export.projects.project import Project
from tests.embedded.firmware_harness import CORTEX_M7, needs_device
from tests.embedded.test_serial import SANITIZE, Served, running
from tests.export.test_project import compiled
from tests.export.test_projects import written
from tests.learning.small import net, planned
from verify.commands import cli
from verify.graph.plan_json import plan_from_json
from verify.learning.saved import slot_of
from verify.proof.check import check


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("learn") / "small.tflite"
    path.write_bytes(net().bytes())
    return path


def test_from_a_model_to_a_folder_and_back(model, tmp_path, capsys):
    plan, slot = tmp_path / "plan.json", tmp_path / "slot.bin"
    words = [str(model), "--learn", "dense", "--classes", "6", "--rehearse", "4", "-o", str(plan)]
    assert plan_main.run(words) == cli.PROVED
    assert "head" in capsys.readouterr().out
    assert check_main.run([str(model), str(plan), "--replay"]) == cli.PROVED
    found = plan_from_json(plan.read_text())
    learning = found.learning
    assert learning is not None and (learning.classes, learning.room) == (6, 4)
    state = np.zeros(6 * 5 + 6, "<i4").tobytes() + bytes([1] * 6 + [0] * 4 + [0] * 20 + [0])
    slot.write_bytes(slot_of(learning, found.model_sha256, state.ljust(-(-len(state) // 4) * 4, b"\0")))
    words = [str(model), "--plan", str(plan), "-o", str(tmp_path / "out")]
    assert export_main.run([*words, "--learned", str(slot)]) == cli.PROVED
    text = (tmp_path / "out" / "stj_model_head.c").read_text()
    assert "first_counts[6]" in text and "first_shadow" not in text
    slot.write_bytes(b"nothing")
    with pytest.raises(cli.InputError, match=r"--learned slot.bin: 7 bytes are no saved state"):
        export_main.run([*words, "--learned", str(slot)])


def test_the_budget_has_room_for_the_head(model, tmp_path, capsys):
    for budget, code in ((600, cli.DOES_NOT_FIT), (2000, cli.PROVED)):
        words = [str(model), "--learn", "means", "--sram", str(budget), "-o", str(tmp_path / "p.json")]
        assert plan_main.run(words) == code
    plan = plan_from_json((tmp_path / "p.json").read_text())
    assert plan.sram_budget == 2000 and plan.learning is not None


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--classes", "5"], "--classes is for a head that learns: say which, --learn means or dense"),
        (["--learn", "means", "--passes", "2"], "--passes is for --learn dense"),
        (["--learn", "dense", "--classes", "2"], r"--classes 2 must be in \[3, 255\]"),
        (["--learn", "dense", "--rehearse", "256"], r"--rehearse 256 must be in \[0, 255\]"),
        (["--learn", "dense", "--rate", "0"], "--rate 0 must be above 0"),
        (["--learn", "means", "--pareto"], "it does not go with --pareto"),
    ],
)
def test_options_that_do_not_go_together(model, words, text):
    with pytest.raises(cli.InputError, match=text):
        plan_main.run([str(model), *words])


def test_a_network_without_such_a_layer_is_refused_by_operator(tmp_path):
    made = net(softmax=False)
    made.sources.pop()
    path = tmp_path / "other.tflite"
    path.write_bytes(made.bytes())
    with pytest.raises(
        cli.InputError, match=r'--learn: other: op \d ".*" \(\w+\) is no layer whose place a head can take'
    ):
        plan_main.run([str(path), "--learn", "means"])


# -- a course


@pytest.mark.parametrize("board", ["host", pytest.param(CORTEX_M7, marks=needs_device)])
def test_a_course_is_the_same_in_c(board, tmp_path):
    """With sanitizers on this computer; on both, what was saved comes back, and what began anew is as exported."""
    graph, plan = planned("means", room=0, passes=1)
    _, proved = check(graph, plan)
    assert proved is not None
    write_folder(tmp_path / "gen", emit(proved))
    firmware = build(tmp_path / "gen", board, tmp_path / "out", sanitize=board == "host")
    x = np.random.default_rng(1).integers(-128, 128, (10, 1, 9, 6, 2)).astype(np.int8)
    lessons = [CLASSIFY, learn(2), learn(0), CLASSIFY, SAVE, forget(2), learn(9), RESTORE, BEGIN, NONE]
    found = run_course(firmware, [x], lessons)
    features = found.outputs[0].reshape(10, -1).astype(int)
    sums = np.ascontiguousarray(found.heads[:, :40]).view("<i2").reshape(9, 4, 5)
    counts = found.heads[:, 40:44]
    assert (
        (sums[1, 2] == features[1]).all() and (sums[2, 0] == features[2]).all() and counts[2].tolist() == [1, 0, 1, 0]
    )
    nearest = [((features[3] - features[k]) ** 2).sum() for k in (2, 1)]
    assert found.answers.tolist() == [-2, 0, 0, [0, 2][int(np.argmin(nearest))], 0, 0, -3, 0, 0]
    assert counts[5].tolist() == [1, 0, 0, 0] and (found.heads[7][:44] == found.heads[4][:44]).all()
    assert not found.heads[8].any() and not firmware.figures.problems
    assert firmware.figures.sram.head == plan.learning.bytes
    with pytest.raises(FirmwareError, match="9 lessons for 10 samples"):
        run_course(firmware, [x], lessons[1:])


def test_a_head_is_taught_over_a_serial_line(tmp_path):
    graph, plan = planned("means", room=0, passes=1)
    _, proved = check(graph, plan)
    assert proved is not None
    project = Project(proved, emit(proved))
    written(kinds()["cmake"], project, tmp_path)
    compiled("make", "-s", "-C", tmp_path, "build/make-host/serial.elf", f"CFLAGS={SANITIZE} -Werror")
    samples = np.random.default_rng(2).integers(-128, 128, (3, 1, 9, 6, 2)).astype(np.int8)
    with running(Served("small", project, tmp_path)) as wire:
        link = Link(wire, 4096)
        board, answers = link.hello(), list[int]()
        assert link.teach(*CLASSIFY) == -2
        for k, lesson in (([0], learn(2)), ([1], learn(0)), ([0, 1], CLASSIFY)):
            serial_test.ask(link, board, signature_of(graph), [samples[k]], 1, lesson, answers)
        assert answers == [0, 0, 2, 0]
        lessons = (SAVE, forget(0), CLASSIFY, RESTORE, CLASSIFY, learn(9), BEGIN, CLASSIFY)
        told = [link.teach(*lesson) for lesson in lessons]
        assert told == [0, 0, 2, 0, 0, -3, 0, 0]  # what is saved is begun with
        with pytest.raises(FirmwareError, match="refuses question L of 8 bytes"):
            link.teach(7)
