"""Candidates trained rung by rung, and the chosen one trained fully, made int8, proved and run on a board."""
# pyright: reportMissingImports=false

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from experiments.search.space import Candidate, Space
from experiments.search.study import Outcome
from experiments.temporal_models.tasks import Task, on_validation, with_validation
from stjax.assess.remembered import remembered
from stjax.assess.run import Assessment, Settings, assess, train_config
from stjax.data import DatasetConfig, Splits
from stjax.data.views import some
from stjax.data.window import Sampling
from stjax.models import config
from stjax.train import save_variables, train_and_evaluate
from verify.targets.registry import PORTABLE

Say = Callable[[str], None]
SMALLEST_GAIN = 0.005
"""Networks within half a point count as equally good, as in `experiments.temporal_models`."""


@dataclass(frozen=True)
class Setup:
    """What a search learns on.

    Args:
      task: dataset, folds and settings of training.
      dataset: where its clips are.
      fold: whose people are tested; they are looked at only when all is chosen.
      epochs: of full trainings; None: the task's.
      train_clips, test_clips: so many at most, at equal distances; None: all.
      sampling: which frames of a recording.
      board, target, scheme, device_clips: see `stjax.assess`.
    """

    task: Task
    dataset: DatasetConfig
    fold: int = 1
    epochs: int | None = None
    train_clips: int | None = None
    test_clips: int | None = None
    sampling: Sampling = "span"
    board: str = "mps2-an500"
    target: str = PORTABLE
    scheme: str = "stream"
    device_clips: int = 60

    @property
    def full_epochs(self) -> int:
        return self.epochs or self.task.epochs

    def splits(self) -> Splits:
        """Training, validation and test clips, those looked at."""
        found = self.task.splits(self.dataset, self.fold)
        return replace(
            found,
            train=some(found.train, self.train_clips),
            validation=some(found.validation, self.test_clips),
            test=some(found.test, self.test_clips),
        )

    def settings(self, candidate: Candidate, epochs: int) -> Settings:
        return Settings(
            replace(self.dataset, name=f"{self.task.name} fold {self.fold}"),
            epochs=epochs,
            learning_rate=self.task.learning_rate,
            augment=self.task.augment,
            sampling=self.sampling,
            stride=candidate.stride,
            board=self.board,
            target=self.target,
            scheme=self.scheme,
            device_clips=self.device_clips,
        )


def preset(setup: Setup, space: Space, family: str) -> Candidate:
    """The network of a family that was made by hand for the task."""
    made = replace(config(f"{family}-{setup.task.size}"), classes=space.classes)
    return Candidate(family, made, space.strides[0])


def rungs(epochs: int, keep: int, count: int) -> tuple[int, ...]:
    """Epochs after which networks are judged: the last is all of them, each one before it `keep` times fewer."""
    found = {max(1, round(epochs / keep**k)) for k in range(count)}
    return tuple(sorted(found))


def train(
    setup: Setup, splits: Splits, epochs: tuple[int, ...], candidate: Candidate, rung: int, folder: Path
) -> float:
    """One rung of a candidate, from where the one before ended; its accuracy on validation clips.

    Every rung has a learning rate that rises and falls: what is judged has settled. A rung that was interrupted goes on
    from its last checkpoint; one that is finished is not repeated.
    """
    begun = epochs[rung - 1] if rung else 0
    training = train_config(candidate.network, setup.settings(candidate, epochs[rung] - begun), 0)
    here, earlier = folder / f"rung{rung}", folder / f"rung{rung - 1}.npz"

    def make() -> dict[str, float]:
        judged = on_validation(splits)
        result = train_and_evaluate(training, here, data=judged, initial=earlier if rung else None, show=False)
        save_variables(folder / f"rung{rung}.npz", result.variables)
        return {"accuracy": result.test.accuracy}

    folder.mkdir(parents=True, exist_ok=True)
    return float(remembered(folder / f"rung{rung}.json", f"{training}, {len(splits.train)}", make)["accuracy"])


def finals(setup: Setup, splits: Splits, candidate: Candidate, seeds: int, work: Path, say: Say) -> list[Assessment]:
    """A candidate trained fully, on validation people as well, and judged on test clips, once for each seed."""
    network, settings = candidate.network, setup.settings(candidate, setup.full_epochs)
    splits = with_validation(splits)
    folder = work / "finals"
    return [
        assess(network, settings, folder / f"{candidate.name}-seed{seed}", seed, splits=splits, say=say)
        for seed in range(seeds)
    ]


def chosen(front: Sequence[Outcome]) -> Outcome:
    """Of the front's most accurate ones, to half a point, that of the least SRAM."""
    best = max(outcome.accuracy for outcome in front)
    return min((o for o in front if o.accuracy >= best - SMALLEST_GAIN), key=lambda o: o.costs.sram)


def training_of(setup: Setup) -> str:
    """What decides a candidate's accuracy besides the candidate and the search, as text."""
    same = ("fold", "train_clips", "test_clips", "sampling")
    fields = {name: getattr(setup, name) for name in same}
    return f"{setup.task.name}, {fields}, {setup.task.learning_rate}, {setup.task.augment}"
