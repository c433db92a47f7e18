"""Theorems for all sizes: C1-C3, C7 and C8 of each stage, with heights, widths, clip length and ticks as unknowns.

A stage's theorem speaks of its own tensors' sizes. Each obligation is tried with the few facts that mention its
unknowns only, then with all facts about the stage, then with how the stage's sizes come from the input's. Fewer facts
make a stronger theorem, so whichever is proved first will do; only the last attempt can refute. That an input of H rows
and W columns has such a network at all is an obligation, too.

Stages are composed by C1: what an earlier stage computes is complete, because that stage's theorem says so.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.graph.tensor import Axis
from verify.proof.accesses import Read
from verify.proof.clip_length import covers_clip, every_length
from verify.proof.constraints import available, cover, unclobbered
from verify.proof.family import AXES
from verify.proof.frames import frames_kept
from verify.proof.layout import Layout
from verify.proof.memory import Formula, formulas
from verify.proof.obligation import Obligation
from verify.proof.padding import padding
from verify.proof.ranges import INPUT, Range, existence, range_of
from verify.proof.smt import TIMEOUT_MS, Decision, decide
from verify.proof.unknown import NAME, Fact, UnknownSizes
from verify.proof.verdict import Proved, Unknown, Verdict
from verify.solvers import Solver, open_solvers


@dataclass(frozen=True)
class StageTheorem:
    """What holds of one stage at all sizes of `ranges` (input height, input width), or why it is not proved."""

    stage: int
    ranges: tuple[Range, Range]
    every_clip: bool
    verdict: Verdict
    decisions: tuple[Decision, ...]
    seconds: float


@dataclass(frozen=True)
class Theorems:
    """What was found about a plan: a theorem and a formula of bytes per stage."""

    layout: Layout
    sizes: UnknownSizes
    stages: tuple[StageTheorem, ...]
    formulas: tuple[Formula, ...]

    @property
    def proved(self) -> bool:
        return all(isinstance(theorem.verdict, Proved) for theorem in self.stages)

    def same_padding(self) -> str:
        """At which sizes SAME is the padding that this model has, as a sentence."""
        parts = []
        for axis in AXES:
            forms = self.sizes.family.forms[axis].values()
            modulus, size = math.lcm(*(form.modulus for form in forms)), self.sizes.family.size(axis)
            if modulus > 1:
                parts.append(f"{INPUT[axis]} mod {modulus} = {size % modulus}")
        if not parts:
            return "Padding is the same number of positions at all sizes."
        return f"Padding stays this model's number of positions; with SAME that is so where {' and '.join(parts)}."


def for_all(
    graph: Graph,
    plan: Plan,
    timeout_ms: int = TIMEOUT_MS,
    progress: Callable[[int, int], None] = lambda done, total: None,
    solver: str = "z3",
) -> Theorems:
    """Proves or refutes each stage of a plan at all sizes. The plan itself is for `check` to prove, and must be.

    Args:
      graph, plan: as for verify.proof.check.check; the plan is proved at the model's own sizes.
      timeout_ms: time limit per obligation and attempt.
      progress: called with (decided, all) stages.
      solver: as for `check`.

    Raises:
      SolverError: a solver is not installed.
      ValueError: the plan does not fit the model at all.
    """
    solvers, sizes = open_solvers(solver), UnknownSizes(graph, plan)
    layout = Layout(graph, plan, sizes)
    if layout.faults:
        raise ValueError(f"{layout.faults[0].subject}: {layout.faults[0].text}")
    found = []
    for number in range(len(plan.stages)):
        found.append(_Prover(layout, sizes, number, solvers, timeout_ms).prove())
        progress(number + 1, len(plan.stages))
    return Theorems(layout, sizes, tuple(found), tuple(formulas(layout, sizes)))


class _Prover:
    """One stage."""

    def __init__(self, layout: Layout, sizes: UnknownSizes, number: int, solvers: Sequence[Solver], timeout_ms: int):
        self.layout, self.sizes, self.number = layout, sizes, number
        self.solvers, self.timeout_ms = solvers, timeout_ms
        self.facts = sizes.facts(number)
        self.decisions: list[Decision] = []

    def prove(self) -> StageTheorem:
        start = time.monotonic()
        ranges = (range_of(self.sizes, self.number, Axis.HEIGHT), range_of(self.sizes, self.number, Axis.WIDTH))
        unfit = self.sizes.unfit(self.number)
        verdict: Verdict = Unknown(f"stage {self.number}", f"not an instance of a theorem: {unfit}")
        if not unfit:
            verdict = self._first_that_fails(ranges)
        clips = any(covers_clip(self.layout, read) for read in self._reads())
        took = time.monotonic() - start
        return StageTheorem(self.number, ranges, clips, verdict, tuple(self.decisions), took)

    def _first_that_fails(self, ranges: tuple[Range, Range]) -> Verdict:
        count = 0
        for found in ranges:
            if found.matters and not found.modulus:
                return Unknown(f"stage {self.number}", f"its operators' shapes fit each other at {found.text()} only")
            for obligation in existence(self.sizes, self.number, found):
                self.decisions.append(decide(obligation, self.solvers, self.timeout_ms))
                if not isinstance(self.decisions[-1].verdict, Proved):
                    return self.decisions[-1].verdict
                count += 1
        for obligation in self._obligations():
            verdict = self._decide(obligation, ranges)
            if not isinstance(verdict, Proved):
                return verdict
            count += 1
        return Proved(count)

    def _obligations(self) -> Iterator[Obligation]:
        for claim in (cover, available, unclobbered, padding):
            yield from claim(self.layout, self.number)
        for read in self._reads():
            yield from (every_length if covers_clip(self.layout, read) else frames_kept)(self.layout, read)

    def _reads(self) -> Iterator[Read]:
        return (read for read in self.layout.reads if read.place.stage == self.number)

    def _decide(self, obligation: Obligation, ranges: tuple[Range, Range]) -> Verdict:
        decision = None
        for facts in self._attempts(obligation, ranges):
            decision = decide(with_facts(obligation, facts), self.solvers, self.timeout_ms)
            if isinstance(decision.verdict, Proved):
                break
        assert decision is not None, "there is at least one attempt"
        self.decisions.append(decision)
        return decision.verdict

    def _attempts(self, obligation: Obligation, ranges: tuple[Range, Range]) -> Iterator[list[Fact]]:
        names = names_of(obligation)
        if not names:
            yield []
            return
        yield [known for known in self.facts if known.names <= names]
        letters = "".join(_LETTERS[axis] for axis in AXES if any(name[0] in _LETTERS[axis] for name in names))
        about = [known for known in self.facts if any(name[0] in letters for name in known.names)]
        chain = [k for r in ranges if _LETTERS[r.axis][0] in letters for k in r.chain(self.sizes, self.number)]
        yield list(dict.fromkeys((*about, *chain)))


_LETTERS = {Axis.HEIGHT: "hn", Axis.WIDTH: "wm"}


def names_of(obligation: Obligation) -> set[str]:
    terms = (*obligation.assumptions, obligation.denial, *obligation.definitions)
    return {name for term in terms for name in NAME.findall(term)}


def with_facts(obligation: Obligation, facts: Sequence[Fact]) -> Obligation:
    """The obligation with its sizes declared, positive, and bound by `facts`; counterexamples name sizes first."""
    names = names_of(obligation).union(*(known.names for known in facts))
    order = sorted(names, key=lambda name: (name not in "HW", not name.startswith(("h", "w")), len(name), name))
    positive = tuple(f"(>= {name} 1)" for name in order)

    def explain(values: Mapping[str, int]) -> str:
        sizes = ", ".join(f"{name} = {values[name]}" for name in order)
        return f"{obligation.explain(values)} (where {sizes})" if sizes else obligation.explain(values)

    return replace(
        obligation,
        variables=(*order, *obligation.variables),
        assumptions=(*positive, *(known.term for known in facts), *obligation.assumptions),
        explain=explain,
    )
