"""Plants every kind of fault in the plans of one model, several times, and asks checker, identities and replay."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from experiments.mutation.faults import KINDS, Kind
from experiments.mutation.judge import Judge, Judgement
from experiments.mutation.models import SMALL, base_plans, load
from verify.commands.check import random_inputs
from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.identities.messages import OUTSIDE_TEXT
from verify.identities.run import fault_of_program
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.program.lower import lower
from verify.program.refuse import NotExpressibleError
from verify.proof.replay import ReplayError, replay_frames
from verify.targets.choice import kernels_of
from verify.targets.target import NoKernelError

TRIES = 4
"""Seeds tried for a place that changes the plan."""
FIRST_BASE = (0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 3, 4, 5, 6, 6, 6)
"""Which of the base plans a seed starts from; one without a place for the fault passes it on to the next."""
CONFIRMED = 200
"""One mutant in so many is also given to the checker's own entry point."""


@dataclass(frozen=True)
class Outcome:
    """One mutant. `identities` is "right", "wrong", "outside" (of the arena) or "cannot run".

    `values` is what replaying numbers says, on the small models: "equal", "wrong" or "refused".
    """

    judgement: Judgement
    identities: str
    values: str = ""

    @property
    def shown(self) -> bool:
        """Whether a run of the plan shows the fault."""
        return self.identities != "right" or self.values == "wrong"


@dataclass
class Count:
    """All mutants of one kind on one model. What is counted once per seed is `planted`, all else once per mutant."""

    model: str
    kind: str
    silent: bool
    planted: int = 0
    distinct: int = 0
    faulty: int = 0
    refuted: int = 0
    by_identities: int = 0
    replayed: int = 0
    by_values: int = 0
    harmless_refuted: int = 0
    equivalent: int = 0
    equivalent_replayed: int = 0
    unknown: int = 0
    survivors: int = 0
    claims: dict[str, int] = field(default_factory=dict)

    def add(self, outcome: Outcome) -> None:
        self.distinct += 1
        faulty, result = self.silent or outcome.shown, outcome.judgement.result
        self.faulty += faulty
        self.unknown += result == "unknown"
        self.by_identities += faulty and outcome.identities != "right"
        self.replayed += faulty and bool(outcome.values)
        self.by_values += faulty and outcome.values in ("wrong", "refused")
        self.refuted += faulty and result == "refuted"
        self.harmless_refuted += not faulty and result == "refuted"
        self.survivors += faulty and result == "proved"
        self.equivalent += not faulty and result == "proved"
        self.equivalent_replayed += not faulty and result == "proved" and outcome.values == "equal"
        if result == "refuted":
            claim = outcome.judgement.claim
            self.claims[claim] = self.claims.get(claim, 0) + 1


@dataclass(frozen=True)
class Note:
    """A mutant worth reading about. `what`: "survivor", "undecided", or "harmless": refuted, yet every run is right."""

    model: str
    kind: str
    what: str
    seed: int
    base: str
    judgement: Judgement


class Values:
    """Replay of numbers on a small model: the outputs of its layer-wise plan are what every other plan has to give."""

    def __init__(self, graph: Graph):
        self.graph = graph
        count = graph.warm_up + 4 if graph.goes_on else 1
        self.frames = [random_inputs(graph, seed) for seed in range(count)]
        self.expected = self._run(make_plan(graph, Request("layer")), 0)

    def __call__(self, plan: Plan, garbage: tuple[int, ...]) -> str:
        """Runs it over so many kinds of garbage."""
        try:
            runs = [self._run(plan, seed) for seed in garbage]
        except ReplayError:
            return "refused"
        same = all(
            np.array_equal(a, e)
            for run in runs
            for outputs, answers in zip(run, self.expected, strict=True)
            for a, e in zip(outputs, answers, strict=True)
        )
        return "equal" if same else "wrong"

    def _run(self, plan: Plan, garbage: int) -> list[list[np.ndarray]]:
        return replay_frames(self.graph, plan, self.frames, garbage)[self.graph.warm_up :]


class Mutants:
    """All mutants of one model; equal ones are judged once."""

    def __init__(self, name: str, folder: Path):
        self.name, self.graph = name, load(name, folder)
        self.bases = base_plans(self.graph)
        self.judge = Judge(self.graph)
        self.values = Values(self.graph) if name in SMALL else None
        self.known: dict[Plan, Outcome] = {}
        self.notes: list[Note] = []
        for base in self.bases:
            outcome = self.outcome(base)
            assert outcome.judgement.result == "proved" and not outcome.shown, f"{name}: {outcome}"

    def count(self, kind: Kind, seeds: int) -> Count:
        count, seen = Count(self.name, kind.name, kind.silent), set()
        for seed in range(seeds):
            found = self.mutant(kind, seed)
            if found is None:
                continue
            base, mutant = found
            count.planted += 1
            if mutant not in seen:
                seen.add(mutant)
                outcome = self.outcome(mutant)
                count.add(outcome)
                self._note(kind, seed, base, outcome)
        return count

    def mutant(self, kind: Kind, seed: int) -> tuple[Plan, Plan] | None:
        """The base plan and the changed one."""
        first = FIRST_BASE[seed % len(FIRST_BASE)]
        rng = np.random.default_rng([seed, KINDS.index(kind)])
        for k in range(len(self.bases)):
            base = self.bases[(first + k) % len(self.bases)]
            for _ in range(TRIES):
                mutant = kind.mutate(self.graph, base, rng)
                if mutant is not None and mutant not in self.bases:
                    return base, mutant
        return None

    def outcome(self, plan: Plan) -> Outcome:
        if plan not in self.known:
            judgement = self.judge(plan)
            if len(self.known) % CONFIRMED == 0:
                assert self.judge.confirm(plan) == judgement.result, f"{self.name}: {judgement}"
            garbage = (1, 2) if judgement.result == "proved" else (1,)
            values = self.values(plan, garbage) if self.values else ""
            self.known[plan] = Outcome(judgement, identities(self.graph, plan), values)
        return self.known[plan]

    def _note(self, kind: Kind, seed: int, base: Plan, outcome: Outcome) -> None:
        faulty, result = kind.silent or outcome.shown, outcome.judgement.result
        if result == "unknown" or (result == "proved") == faulty:
            what = {"unknown": "undecided", "proved": "survivor", "refuted": "harmless"}[result]
            form = f"{base.scheme}, {base.input_mode.value}"
            self.notes.append(Note(self.name, kind.name, what, seed, form, outcome.judgement))


def identities(graph: Graph, plan: Plan) -> str:
    try:
        fault = fault_of_plan(graph, plan)
    except CannotRunError:
        return "cannot run"
    return "right" if fault is None else "outside" if OUTSIDE_TEXT in fault else "wrong"


class CannotRunError(Exception):
    """The plan has no program: operators or tensors are missing or there twice, or nothing does what it says."""


def fault_of_plan(graph: Graph, plan: Plan) -> str | None:
    """What a run of the plan's program on identities finds.

    Raises:
      CannotRunError: see there.
    """
    fired = sorted(firing.op for stage in plan.stages for firing in stage.firings)
    held = sorted(buffer.tensor for buffer in plan.buffers)
    if fired != sorted(graph.by_index) or held != sorted({*graph.inputs, *graph.producers}):
        raise CannotRunError("operators and tensors are there once each")
    try:
        return fault_of_program(graph, kernels_of(graph, plan), lower(graph, plan))
    except (NotExpressibleError, NoKernelError) as error:
        raise CannotRunError(str(error)) from None


def run_model(
    name: str, folder: Path, seeds: int, kinds: tuple[Kind, ...] = KINDS, tick: Callable[[], None] = lambda: None
) -> tuple[list[Count], list[Note]]:
    """Every kind on one model."""
    mutants, counts = Mutants(name, folder), []
    for kind in kinds:
        counts.append(mutants.count(kind, seeds))
        tick()
    return [count for count in counts if count.planted], mutants.notes
