"""A study whose costs and accuracies are made up, and a process that takes part in it: no network is made."""

import os
import time
from pathlib import Path
from typing import Any

from experiments.search import study
from experiments.search.budget import Budget, Costs
from experiments.search.space import Candidate, Range, Space

SEARCH = study.Search(Space((27, 15, 1), classes=5, blocks=Range(1, 1)), Budget(1200), rungs=(1, 3, 9), trials=40)


def price(candidate: Candidate) -> Costs:
    return Costs(sram=100 * candidate.config.stem, instructions=1e3 * candidate.config.frames, flash=10)


def accuracy(candidate: Candidate, rung: int, folder: Path) -> float:
    assert candidate.config.stem <= 12, "what does not fit must not be trained"
    return min(1.0, sum(candidate.config.hidden) / 100 + candidate.config.stem / 50 + rung / 50)


def opened(search: study.Search, folder: Path, starts: tuple[Candidate, ...] = ()) -> Any:
    return study.opened(search, study.storage(str(folder / "study.journal")), "the same", starts)


def work(folder: Path, held: Any = None, together: Any = None) -> None:
    """A process that takes part; with `held` it says so and waits for its end in the middle of a training. Those that
    are given the same barrier do their first trainings at the same time."""
    here = folder / f"{os.getpid()}"

    def train(candidate: Candidate, rung: int, place: Path) -> float:
        if held is not None:
            held.set()
            time.sleep(600)
        if together is not None and not here.exists():
            here.touch()
            together.wait(60)
        return accuracy(candidate, rung, place)

    study.run(SEARCH, opened(SEARCH, folder), price, train, folder, lambda text: None)
