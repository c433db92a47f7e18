"""The table of stacks: what is closest to its reserve is named, and a reserve that is too small fails."""

from dataclasses import replace
from pathlib import Path

import pytest

from experiments.stack_levels import run
from experiments.stack_levels.__main__ import exceeds, text
from experiments.stack_levels.run import DEVICES, LEVELS, Row, least_spare
from tests.embedded.firmware_harness import needs_device

NEEDS: dict[tuple[str, str], int | str] = {(device, level): 600 for device in DEVICES for level in LEVELS}
ROW = Row("net", "auto", 800, NEEDS | {("M55", "-O3"): 720} | {(device, "-O0"): "f calls itself" for device in DEVICES})


def test_the_closest_is_named() -> None:
    assert least_spare([ROW, replace(ROW, name="other", reserve=780)], "-O3") == (60, 1 - 60 / 780, "other, auto, M55")
    table = text([ROW], {"kernel": dict.fromkeys(LEVELS, 1)})
    assert "| -O3 | net, auto, M55 | 90% | 80 |" in table
    assert "| net | auto | 800 | no bound | 600 / 600 / 600 | 600 / 600 / 600 | 600 / 600 / 720 |" in table


@pytest.mark.parametrize(("need", "expected"), [(800, False), (801, True), ("f calls itself", True)])
def test_a_reserve_that_is_too_small_is_found(need: int | str, expected: bool) -> None:
    assert exceeds(replace(ROW, needs=ROW.needs | {("M4", "-Os"): need})) is expected


@needs_device
def test_one_network_at_one_level(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound of a small network, which its reserve covers; without optimisation there is none or a larger one."""
    monkeypatch.setattr(run, "LEVELS", ("-O0", "-O2"))
    monkeypatch.setattr(run, "DEVICES", {"M7": DEVICES["M7"]})
    case = next(case for case in run.cases() if case.name.startswith("two outputs"))
    row = run.measure(case, tmp_path, tmp_path)
    bound, unoptimised = row.needs["M7", "-O2"], row.needs["M7", "-O0"]
    assert isinstance(bound, int) and 100 < bound <= row.reserve
    assert isinstance(unoptimised, str) or unoptimised > bound
