"""C10 and the FIFO's depth, against a queue that is played line by line."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import export.__main__ as export_main
import verify.commands.plan as plan_main
import verify.commands.recheck as recheck_main
from tests.random_models import Net
from verify.commands import cli
from verify.graph.camera import Camera
from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.graph.plan_json import PlanError, plan_from_json, plan_to_json
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.proof.verdict import Proved, Refuted
from verify.targets.choice import kernels_of
from verify.targets.cost import instructions_of
from verify.targets.line_feed import line_feed, row_instructions

DEMO = Path(__file__).parents[1] / "data/demo_model.tflite"
CAMERA = Camera(40, 30, 15_000, 400_000, 1500, 3, 2, 2, 10, 1, 24)


def net() -> Graph:
    net = Net(3)
    x = net.conv(net.input(1, 13, 8, 3), 4, (3, 3), (2, 2), (1, 1))
    net.dense(net.mean(net.conv(x, 6, (3, 3), (1, 1), (1, 1))), 5)
    return net.graph()


def planned(camera: Camera, graph: Graph | None = None) -> tuple[Graph, Plan, list[int]]:
    graph = graph or net()
    plan = make_plan(graph, Request("stream"))
    instructions = row_instructions(graph, plan, kernels_of(graph, plan))
    assert instructions is not None
    return graph, replace(plan, camera=camera), instructions


def depth_played(camera: Camera, instructions: list[int], frames: int = 5) -> int | None:
    """The most rows that wait at once, played in exact time; None where the work does not end."""
    cycle = Fraction(1, camera.clock_hertz)
    line = Fraction(1000, camera.millihertz * camera.height)
    own = cycle * camera.line_instructions * camera.millicycles / 1000
    if own >= line:
        return None
    end, starts, arrivals = Fraction(0), [], []
    for frame in range(frames):
        for row, count in enumerate(instructions):
            last = row == len(instructions) - 1
            ended = camera.height if last else camera.top + camera.step * row + 1
            arrivals.append((frame * camera.height + ended) * line)
            starts.append(max(end, arrivals[-1]))
            end = starts[-1] + (cycle * count * camera.millicycles / 1000 + own) / (1 - own / line)
    if end - arrivals[-1] > frames * camera.height * line / 2:
        return None
    return max(sum(start > now for start in starts[: k + 1]) + (starts[k] <= now) for k, now in enumerate(arrivals))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 4000), min_size=2, max_size=9),
    st.integers(1, 40_000),
    st.integers(50_000, 3_000_000),
    st.integers(0, 400),
)
def test_the_fifo_is_as_deep_as_a_queue_that_is_played(
    instructions: list[int], millihertz: int, clock: int, own: int
) -> None:
    camera = replace(CAMERA, millihertz=millihertz, clock_hertz=clock, line_instructions=own, height=22)
    feed, played = line_feed(camera, instructions), depth_played(camera, instructions)
    if feed.held:  # times are rounded up to whole units: at a tie the played queue may be shorter by one
        assert played is not None and 0 <= feed.fifo_rows - played <= 1
        assert feed.latency >= 0 and feed.most_hertz * 1000 >= millihertz
    else:
        assert played is None or feed.most_hertz * 1000 < millihertz * 1.5


def verdict(camera: Camera) -> object:
    graph, plan, _ = planned(camera)
    report, _ = check(graph, plan)
    return report.verdicts["C10"]


def held() -> tuple[Camera, int]:
    """A camera that the network keeps up with by a FIFO of several rows."""
    _, _, instructions = planned(CAMERA)
    for clock in range(100_000, 40_000_000, 50_000):
        camera = replace(CAMERA, clock_hertz=clock)
        feed = line_feed(camera, instructions)
        if feed.held and feed.fifo_rows > 2:
            return replace(camera, fifo_rows=feed.fifo_rows), feed.fifo_rows
    raise AssertionError("no such clock")


def test_the_depth_found_is_proved_and_one_row_less_is_refuted() -> None:
    camera, rows = held()
    assert isinstance(verdict(camera), Proved)
    assert isinstance(verdict(replace(camera, fifo_rows=rows + 3)), Proved)
    refuted = verdict(replace(camera, fifo_rows=rows - 1))
    assert isinstance(refuted, Refuted) and f"while {rows - 1} rows wait" in refuted.counterexample


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"millihertz": 400_000}, "takes longer than a frame"),
        ({"line_instructions": 10**9}, "takes longer than a frame"),
        ({"row_bytes": 23}, "a row takes 24"),
        ({"top": 10}, "row 12 is not among the camera's 30 lines"),
        ({"step": 3}, "row 12 is not among the camera's 30 lines"),
    ],
)
def test_what_is_wrong_with_a_camera_is_refuted(change: dict[str, int], text: str) -> None:
    refuted = verdict(replace(held()[0], **change))
    assert isinstance(refuted, Refuted) and text in refuted.counterexample


def test_without_rows_there_is_no_camera() -> None:
    graph = net()
    plan = replace(make_plan(graph, Request("layer")), camera=CAMERA)
    report, proved = check(graph, plan)
    refuted = report.verdicts["C10"]
    assert (
        proved is None and isinstance(refuted, Refuted) and "no single input arrives by rows" in refuted.counterexample
    )


def test_the_instructions_of_rows_are_those_of_the_plan() -> None:
    graph, plan, instructions = planned(CAMERA)
    whole = instructions_of(graph, plan, kernels_of(graph, plan))
    assert whole is not None and whole <= sum(instructions) <= whole + len(instructions) + 1


def test_a_plan_with_a_camera_is_written_and_read_and_counts_the_fifo() -> None:
    _, plan, _ = planned(replace(CAMERA, fifo_rows=5))
    assert plan_from_json(plan_to_json(plan)) == plan
    assert plan.sram_bytes == plan.arena_bytes + plan.state_bytes + plan.stack_bytes + 5 * 26 + 76
    text = plan_to_json(plan).replace('"fifo_rows": 5', '"fifo_rows": 0')
    with pytest.raises(PlanError, match=r"plan.camera.fifo_rows"):
        plan_from_json(text)


# -- commands ----------------------------------------------------------------------------------------------------------

ASKED = ["--camera", "160x120@15", "--clock", "480M", "--cycles-per-instruction", "1.5"]


def test_the_command_finds_proves_and_certifies_a_fifo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan, certificate = tmp_path / "plan.json", tmp_path / "certificate"
    command = [str(DEMO), *ASKED, "-o", str(plan), "--certificate", str(certificate), "--json"]
    assert plan_main.run(command) == 0
    value = json.loads(capsys.readouterr().out)
    assert value["camera"]["held"] and value["claims"]["C10"] == "proved"
    assert value["sram_bytes"]["fifo"] == value["camera"]["fifo_bytes"] > 0
    assert recheck_main.run([str(certificate)]) == 0
    text = (certificate / "manifest.json").read_text()
    head = json.loads(text)
    head["claims"].pop("C10")
    head["obligations"] = [entry for entry in head["obligations"] if entry["claim"] != "C10"]
    (certificate / "manifest.json").write_text(json.dumps(head))
    assert recheck_main.run([str(certificate)]) != 0
    folder = tmp_path / "out"
    assert export_main.run([str(DEMO), "--plan", str(plan), "-o", str(folder)]) == 0
    header = (folder / "stj_model.h").read_text()
    assert f"#define STJ_MODEL_CAMERA_FIFO_ROWS {value['camera']['fifo_rows']}\n" in header
    assert f"#define STJ_MODEL_SRAM_BYTES {value['sram_bytes']['total']} " in header


def test_a_camera_that_is_too_fast_is_a_plan_that_does_not_fit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = tmp_path / "plan.json"
    assert plan_main.run([str(DEMO), "--camera", "160x120@60", "--clock", "480M", "-o", str(plan)]) == 1
    text = " ".join(capsys.readouterr().out.split())
    assert "does not keep up: the camera gives 60 frames per second, there is time for" in text
    assert not plan.exists()


def test_a_budget_counts_the_fifo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert plan_main.run([str(DEMO), *ASKED, "--json"]) == 0
    least = json.loads(capsys.readouterr().out)["sram_bytes"]["total"]
    assert plan_main.run([str(DEMO), *ASKED, "--sram", str(least)]) == 0
    assert plan_main.run([str(DEMO), *ASKED, "--sram", "4K"]) == 1
    assert "does not fit" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--camera", "160x120@15"], "--camera needs --clock"),
        (["--clock", "480M"], "go with --camera"),
        (["--camera", "160x120", "--clock", "480M"], "is not WIDTHxHEIGHT@FRAMES_PER_SECOND"),
        (["--camera", "0x120@15", "--clock", "480M"], "is not WIDTHxHEIGHT@FRAMES_PER_SECOND"),
        (["--camera", "160x120@15", "--clock", "0"], "is not a clock"),
        (["--camera", "160x120@15", "--clock", "1M", "--cycles-per-instruction", "0"], "is not a number of cycles"),
        (["--camera", "160x120@15", "--clock", "1M", "--crop", "0,0"], "is not LEFT,TOP,STEP"),
        (["--camera", "160x120@15", "--clock", "1M", "--crop", "0,60,1"], "are not all in the picture"),
        (["--camera", "60x60@15", "--clock", "1M"], "are not all in the picture"),
        ([*ASKED, "--scheme", "layer"], "no input arrives by rows"),
        ([*ASKED, "--input", "patches"], "no input arrives by rows"),
    ],
)
def test_what_makes_no_sense_is_refused(words: list[str], text: str) -> None:
    with pytest.raises(cli.InputError, match=text):
        plan_main.run([str(DEMO), *words])


def test_where_the_least_sram_does_not_keep_up_another_plan_does(capsys: pytest.CaptureFixture[str]) -> None:
    """By columns the demo model takes more instructions than by rows: at a rate between, the plan is one by rows."""
    command = [str(DEMO), "--clock", "100M", "--json", "--camera"]
    assert plan_main.run([*command, "64x64@2"]) == 0
    least = json.loads(capsys.readouterr().out)
    rate = least["camera"]["frames_per_second_held"]
    assert plan_main.run([*command, f"64x64@{1.1 * rate:.3f}"]) == 0
    faster = json.loads(capsys.readouterr().out)
    assert faster["camera"]["held"] and faster["camera"]["frames_per_second_held"] > 1.1 * rate
    assert faster["instructions_estimated"] < least["instructions_estimated"]
    assert faster["sram_bytes"]["total"] > least["sram_bytes"]["total"]
