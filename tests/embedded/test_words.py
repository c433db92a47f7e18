"""One vocabulary: a plan, a build of it and a run of it name the parts of memory alike, line by line and key by key."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.embedded.firmware_harness import CORTEX_M7, ROOT, make_run, needs_device
from tests.random_models import Net
from verify.graph.sram import PARTS, Sram, sram_rows


@pytest.fixture(scope="module")
def clip_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Frames through a convolution, then a window over five of them: a model with a history."""
    net = Net(0)
    x = net.conv(net.input(5, 9, 6, 2), 4, (3, 3), (2, 1), (1, 1))
    x = net.depthwise(net.reshape(x, 1, 5, 30, 4), (5, 1), (1, 1), (1, 1), padding="VALID")
    net.dense(net.reshape(x, 1, 120), 3)
    path = tmp_path_factory.mktemp("clip") / "clip.tflite"
    path.write_bytes(net.bytes())
    return path


@pytest.fixture(scope="module")
def plan_path(clip_model: Path) -> Path:
    return clip_model.with_name("plan.json")


@pytest.fixture(scope="module")
def planned(clip_model: Path, plan_path: Path) -> dict[bool, str]:
    """What the planner prints, as JSON and as text."""
    command = [sys.executable, "-m", "verify.plan", str(clip_model), "--flash", "64K", "-o", str(plan_path)]
    return {
        as_json: subprocess.run(
            [*command, *["--json"][: int(as_json)]], cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout
        for as_json in (True, False)
    }


def part_lines(text: str) -> list[tuple[str, str]]:
    """(name, bytes) of the lines that stand below a line about SRAM."""
    lines = text[re.search(r"^(?:this plan, SRAM|SRAM, bytes) .*\n", text, re.MULTILINE).end() :]  # type: ignore[union-attr]
    return re.findall(r"^  (\S.*?) {2,}([\d,]+|n/a)(?: |$)", lines[: re.search(r"^\S", lines, re.M).start()], re.M)  # type: ignore[union-attr]


@pytest.mark.parametrize("board", ["host", pytest.param(CORTEX_M7, marks=needs_device)])
@pytest.mark.parametrize("target", ["build", "run"])
def test_parts_of_sram(board: str, target: str, planned: dict[bool, str], clip_model: Path, plan_path: Path) -> None:
    variables = [f"MODEL={clip_model}", f"PLAN={plan_path}", f"BOARD={board}"]
    plan, made = json.loads(planned[True]), json.loads(make_run(*variables, "JSON=1", target=target).stdout)
    assert list(plan["sram_bytes"]) == list(made["sram_bytes"]) == list(made["proved"]["sram_bytes"])
    assert list(plan["sram_bytes"]) == ["total", *PARTS]
    assert plan["flash_bytes"].keys() <= made["flash_bytes"].keys()
    assert made["proved"]["sram_bytes"] == plan["sram_bytes"]
    assert made["proved"]["flash_bytes"] == {"weights": plan["flash_bytes"]["weights"], "budget": 64 << 10}
    # Of the stack a plan has the reserve, and the host none; of the struct the host has another.
    measured = {part for part, size in made["sram_bytes"].items() if size != plan["sram_bytes"][part]}
    assert measured == ({"total", "stack"} if board != "host" else {"total", "stack", "state"})
    assert plan["sram_bytes"]["history"] > 0

    lines = part_lines(make_run(*variables, target=target).stdout)
    assert [name for name, _ in part_lines(planned[False])] == [name for name, _ in lines]
    parts = [part for part in PARTS if part not in ("scratch", "fifo", "head")]  # this plan needs none
    assert [name for name, _ in lines] == [PARTS[part][0] for part in parts]
    assert [size.replace(",", "") for _, size in lines] == [
        "n/a" if made["sram_bytes"][part] is None else str(made["sram_bytes"][part]) for part in parts
    ]


def test_the_host_is_not_set_beside_the_proof(clip_model: Path, plan_path: Path, planned: dict[bool, str]) -> None:
    """Frames and pointers of this computer are larger: no figure of them stands beside what is proved of a device."""
    text = make_run(f"MODEL={clip_model}", f"PLAN={plan_path}").stdout
    assert re.search(r"^SRAM, bytes +n/a  [\d,]+ are proved, for 32-bit pointers", text, re.MULTILINE)
    for part in ("state", "stack", "flash, bytes"):
        assert re.search(rf"^ *{part} +n/a  not a device's: ", text, re.MULTILINE)
    assert " of " + f"{json.loads(planned[True])['sram_bytes']['total']:,}" not in text


def test_a_flash_budget_that_only_the_code_breaks(clip_model: Path) -> None:
    """The plan is proved, with its weights; the build adds the code."""
    files = [f"MODEL={clip_model}", f"BOARD={CORTEX_M7}", "TARGET=portable"]
    result = make_run(*files, "FLASH=2K", "JSON=1", target="build")
    made = json.loads(result.stdout)
    assert made["proved"]["flash_bytes"]["weights"] <= 2048 < made["flash_bytes"]["total"]
    assert result.returncode == 2 and "Error 1" in result.stderr
    assert [f"the plan's flash budget is {2 << 10}" in problem for problem in made["problems"]] == [True]


def test_the_total_adds_every_part_but_shares_of_the_arena_once() -> None:
    sram = Sram(arena=100, history=40, state=12, scratch=8, stack=20, static=1)
    assert sram.total == 133 and sram.as_dict()["total"] == 133
    assert [name for name, _, _ in sram_rows(sram.as_dict())][:3] == ["arena", "history", "kernel scratch"]
    assert Sram(100, 0, 0, None, 20).total is None
    assert [name for name, _, _ in sram_rows(Sram(100, 0, 0, 12, 20).as_dict())] == [
        "arena", "state", "stack", "static data"
    ]  # fmt: skip
