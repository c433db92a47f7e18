"""The search: Optuna chooses architectures, proofs say which fit, and short trainings which of those go on.

Successive halving in its asynchronous form: every network is trained for a few epochs; it goes on to three times as
many only if it is among the best third of those that cost no more than it and came as far. So a small network is never
stopped by a large one. Optuna's own pruners know one objective; here there are several.

Reference: Li et al., "A System for Massively Parallel Hyperparameter Tuning", MLSys 2020 (the rule that stops).
"""
# pyright: reportMissingImports=false

import dataclasses
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import optuna
from optuna.storages import BaseStorage, JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock
from optuna.study import Study
from optuna.trial import Trial, TrialState

from experiments.search.budget import Budget, Costs
from experiments.search.space import Candidate, Space
from experiments.search.workers import TRAINING, Worker
from verify.targets.registry import PORTABLE

Say = Callable[[str], None]
Price = Callable[[Candidate], Costs]
"""What a candidate costs (`experiments.search.costs`)."""
Train = Callable[[Candidate, int, Path], float]
"""(candidate, rung, folder of its training) -> accuracy on validation clips after that rung."""

FREE = {"trials", "seed"}
"""Of a search, what may change while a study goes on."""
COSTS, ACCURACIES, SETTINGS, NAME = "costs", "accuracies", "settings", "name"
OBJECTIVES: dict[str, Literal["maximize", "minimize"]] = {
    "accuracy": "maximize",
    "sram": "minimize",
    "instructions": "minimize",
}


class OtherStudyError(Exception):
    """The storage holds a search that asks for something else."""


@dataclass(frozen=True)
class Search:
    """What is searched and how.

    Args:
      space: of architectures.
      budget: what a network may cost; what costs more is not trained.
      rungs: epochs after which a network is judged, rising; the last are those of a finished one.
      trials: how many architectures in all, those that do not fit and those that are stopped included.
      keep: one of so many goes on to the next rung.
      target, scheme: of plans (`experiments.search.costs`).
      seed: of choices.
    """

    space: Space
    budget: Budget
    rungs: tuple[int, ...]
    trials: int
    keep: int = 3
    target: str = PORTABLE
    scheme: str = "stream"
    seed: int = 0


@dataclass(frozen=True)
class Outcome:
    """An architecture that was tried.

    Args:
      number: of its trial.
      candidate, costs: what and for how much.
      accuracies: on validation clips, after each rung that it came to; () where it does not fit.
      finished: whether it came to the last one.
    """

    number: int
    candidate: Candidate
    costs: Costs
    accuracies: tuple[float, ...]
    finished: bool

    @property
    def accuracy(self) -> float:
        return self.accuracies[-1] if self.accuracies else 0.0


def storage(place: str) -> BaseStorage:
    """Where a study is kept: a database's URL, as Optuna takes it, or a file that processes append to."""
    if "://" in place:
        return RDBStorage(place)
    return JournalStorage(JournalFileBackend(place, lock_obj=JournalFileOpenLock(place)))


def opened(search: Search, place: BaseStorage, settings: str, starts: Sequence[Candidate]) -> Study:
    """The study in a storage, made if there is none.

    Args:
      search: see there; but for FREE, what the study was begun with.
      place: see `storage`.
      settings: what else decides a network's accuracy; another study is refused.
      starts: what a new study tries first, as far as the space has it.

    Raises:
      OtherStudyError: the storage has a study with other settings.
    """
    fields = {f.name: repr(getattr(search, f.name)) for f in dataclasses.fields(search) if f.name not in FREE}
    asked = fields | {"training": settings}
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with warnings.catch_warnings():
        # `group`: blocks that only deep networks have are chosen together; "experimental" since 2021.
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = optuna.samplers.TPESampler(seed=search.seed, n_startup_trials=16, multivariate=True, group=True)
    study = optuna.create_study(
        study_name="search",
        storage=place,
        sampler=sampler,
        directions=list(OBJECTIVES.values()),
        load_if_exists=True,
    )
    known = study.user_attrs.setdefault(SETTINGS, asked)
    if known != asked:
        name = next(name for name in asked if known.get(name) != asked[name])
        raise OtherStudyError(
            f"the study there was begun with {name} = {known.get(name)}, and {asked[name]} is asked for; "
            "go on with the same, or give it another place (--work)"
        )
    study.set_user_attr(SETTINGS, asked)
    for candidate in starts if not study.get_trials(deepcopy=False) else ():
        choices = search.space.choices(candidate)
        if choices is not None:
            study.enqueue_trial(choices, skip_if_exists=True)
    return study


def run(search: Search, study: Study, price: Price, train: Train, work: Path, say: Say) -> None:
    """Tries architectures until the study has as many as wanted; any number of processes may do so at a time."""
    worker = Worker(work / "workers")
    try:
        for number in worker.take_over(study):
            say(f"trial {number} was interrupted; another goes on with it")
        while _begun(study) < search.trials:
            trial = study.ask()
            for name, value in worker.marks.items():
                trial.set_user_attr(name, value)
            values = _try(search, study, trial, price, train, work, say)
            study.tell(trial, values)
    finally:
        worker.close()


def outcomes(search: Search, study: Study) -> list[Outcome]:
    """All architectures that were tried to an end; one that was tried again counts once."""
    found: dict[str, Outcome] = {}
    for trial in study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)):
        accuracies = tuple(trial.user_attrs.get(ACCURACIES, ()))
        candidate = search.space.candidate(_Replay(trial.params))
        outcome = Outcome(
            trial.number,
            candidate,
            Costs(**trial.user_attrs[COSTS]),
            accuracies,
            len(accuracies) == len(search.rungs),
        )
        found.setdefault(candidate.name, outcome)
    return list(found.values())


def front(found: Sequence[Outcome]) -> list[Outcome]:
    """Finished ones that no other beats: as accurate, for no more SRAM, instructions and flash, and better in one."""

    def place(outcome: Outcome) -> tuple[float, ...]:
        return -outcome.accuracy, outcome.costs.sram, outcome.costs.instructions, outcome.costs.flash

    def beaten(one: Outcome) -> bool:
        here = place(one)
        return any(place(o) != here and all(a <= b for a, b in zip(place(o), here, strict=True)) for o in finished)

    finished = [outcome for outcome in found if outcome.finished]
    return sorted((o for o in finished if not beaten(o)), key=lambda o: (o.costs.sram, -o.accuracy))


def goes_on(accuracy: float, here: Costs, others: Sequence[tuple[float, Costs]], keep: int) -> bool:
    """Whether a network is among the best of its kind at a rung.

    Args:
      accuracy, here: of the network.
      others: accuracy and costs of all that came to this rung before.
      keep: one of so many goes on, at least one.
    """
    rivals = [a for a, cost in others if cost.sram <= here.sram and cost.instructions <= here.instructions]
    better = sum(rival > accuracy for rival in rivals)
    return better < max(1, math.ceil((len(rivals) + 1) / keep))


def _begun(study: Study) -> int:
    states = (TrialState.COMPLETE, TrialState.RUNNING)
    return len(study.get_trials(deepcopy=False, states=states))


def _try(search: Search, study: Study, trial: Trial, price: Price, train: Train, work: Path, say: Say) -> list[float]:
    candidate = search.space.candidate(trial)
    trial.set_user_attr(NAME, candidate.name)
    found = price(candidate)
    trial.set_user_attr(COSTS, asdict(found))
    excess = search.budget.excess(found)
    for limit, share in excess.items():
        trial.set_constraint(limit, share)
    size = f"{found.sram:,} bytes, {found.instructions / 1e6:.2f} M instructions"
    if any(share > 0 for share in excess.values()):
        say(f"{trial.number}: {candidate.name} does not fit ({found.problem or size})")
        return [0.0, found.sram, found.instructions]
    accuracies = _known(study, candidate) or _trained(search, study, trial, candidate, found, train, work)
    trial.set_user_attr(ACCURACIES, accuracies)
    ended = "finished" if len(accuracies) == len(search.rungs) else f"stopped after {search.rungs[len(accuracies) - 1]}"
    say(f"{trial.number}: {candidate.name} {size}, accuracy {100 * accuracies[-1]:.2f} ({ended})")
    return [accuracies[-1], found.sram, found.instructions]


def _known(study: Study, candidate: Candidate) -> list[float]:
    """Accuracies of the same architecture in an earlier trial, on whatever machine."""
    for other in study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)):
        if other.user_attrs.get(NAME) == candidate.name:
            return list(other.user_attrs.get(ACCURACIES, ()))
    return []


def _trained(
    search: Search, study: Study, trial: Trial, candidate: Candidate, found: Costs, train: Train, work: Path
) -> list[float]:
    folder = trial.user_attrs.get(TRAINING) or f"{candidate.name}-{trial.number}"
    trial.set_user_attr(TRAINING, folder)
    accuracies: list[float] = []
    for rung in range(len(search.rungs)):
        accuracies.append(train(candidate, rung, work / "trainings" / folder))
        # What is published at once also counts while this trial runs on.
        trial.set_user_attr(ACCURACIES, accuracies)
        if not goes_on(accuracies[-1], found, _others(study, trial, rung), search.keep):
            break
    return accuracies


def _others(study: Study, trial: Trial, rung: int) -> list[tuple[float, Costs]]:
    """Accuracy after a rung, and costs, of the architectures that came so far in other trials."""
    found: dict[str, tuple[float, Costs]] = {}
    for other in study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.RUNNING)):
        accuracies = other.user_attrs.get(ACCURACIES, ())
        if other.number != trial.number and len(accuracies) > rung:
            found.setdefault(other.user_attrs[NAME], (accuracies[rung], Costs(**other.user_attrs[COSTS])))
    return list(found.values())


class _Replay:
    """A finished trial, asked again."""

    def __init__(self, params: dict[str, Any]):
        self._params = params

    def suggest_int(self, name: str, low: int, high: int, *, step: int = 1) -> int:
        return self._params[name]

    def suggest_categorical(self, name: str, choices: Any) -> Any:
        return self._params[name]
