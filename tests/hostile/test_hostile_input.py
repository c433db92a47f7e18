"""Cases of hostile input: always the same ones, and every one that was found to end wrongly."""

import random
from pathlib import Path

import pytest

from tests.hostile import cases
from tests.hostile.cases import KINDS, Case, play

SEEDS = range(60)
"""Of all kinds; `make fuzz` goes on from there."""

FOUND = (820,)
"""Seeds of cases that once ended wrongly (a stage by columns in which one call computes what a stride skips)."""


@pytest.mark.parametrize("seed", [*SEEDS, *FOUND])
def test_commands_end_as_they_should(seed: int, tmp_path: Path) -> None:
    ended = play(seed, tmp_path)
    assert not ended.fault, f"{ended.fault}; replay: python -m tests.hostile {seed}"


def test_a_case_is_the_same_each_time(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    for folder in (first, second):
        folder.mkdir()
    assert len(KINDS) > 5
    for seed in range(12):
        one, other = (play(seed, folder) for folder in (first, second))
        assert (one.code, one.case.what) == (other.code, other.case.what)
        names = [sorted(path.name for path in folder.iterdir()) for folder in (first, second)]
        assert names[0] == names[1]
        # What a command writes names the folder; what it is given does not.
        for name in ("model.tflite", "plan.json"):
            if (first / name).exists():
                assert (first / name).read_bytes() == (second / name).read_bytes()


def test_a_case_leaves_nothing_where_it_is_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, folder = tmp_path / "here", tmp_path / "folder"
    here.mkdir()
    folder.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr(cases, "KINDS", (written_by_name,))
    assert play(0, folder).code == 0
    assert not any(here.iterdir()) and (folder / "nan").is_file()


def written_by_name(rng: random.Random, folder: Path) -> Case:
    def run(arguments: list[str]) -> int:
        Path("nan").write_text("")
        return 0

    return Case("a file without a folder", run, [])


def test_a_wrong_end_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(arguments: list[str]) -> int:
        raise IndexError(3)

    monkeypatch.setattr("verify.commands.plan.run", broken)
    monkeypatch.setattr("verify.commands.check.run", broken)
    found = [play(seed, tmp_path).fault for seed in range(8)]
    assert "is a fault of the program" in found
