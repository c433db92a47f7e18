"""Faults of every kind in the plans of two small models: none is proved, and each kind refuted at least once.

The large version is `python -m experiments.mutation`; its run of identities is held against the replay here.
"""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.mutation.faults import KINDS, Kind
from experiments.mutation.legal import judged, random_plan
from experiments.mutation.models import base_plans
from experiments.mutation.run import CannotRunError, Mutants, fault_of_plan, identities
from tests.random_models import Net, networks
from verify.commands.check import random_inputs
from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.identities.messages import TAKEN_TEXT
from verify.proof.evaluate import evaluate
from verify.proof.replay import ReplayError, replay

SEEDS = 2


@pytest.fixture(scope="module")
def small() -> list[Mutants]:
    return [Mutants(name, Path()) for name in ("residual", "clip: window over frames")]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_no_fault_survives(small: list[Mutants], kind: Kind) -> None:
    counts = [mutants.count(kind, SEEDS) for mutants in small]
    notes = [note for mutants in small for note in mutants.notes if note.what in ("survivor", "undecided")]
    assert not notes
    assert sum(count.planted for count in counts) >= 2
    # Contents that stay for longer than they need to do no harm where nothing else claims their place.
    if kind.name != "carry set":
        assert sum(count.refuted + count.harmless_refuted for count in counts) >= 1


@settings(max_examples=25, deadline=None)
@given(networks(), st.integers(0, 2**32 - 1))
def test_every_legal_plan_is_proved_and_exact(net: Net, choice: int) -> None:
    graph = net.graph()
    problem, proved = judged(graph, random_plan(graph, np.random.default_rng(choice)))
    assert proved is not None and not problem, problem


@settings(max_examples=10, deadline=None)
@given(networks(), st.integers(0, 2**32 - 1))
def test_a_run_of_identities_sees_what_replay_sees(net: Net, choice: int) -> None:
    """Numbers may agree by chance where identities do not; never the other way round."""
    graph, rng = net.graph(), np.random.default_rng(choice)
    inputs = [random_inputs(graph, seed) for seed in (0, 1)]
    for base in base_plans(graph)[:3]:
        for _ in range(4):
            mutant = KINDS[rng.integers(len(KINDS))].mutate(graph, base, rng)
            if mutant is not None and (wrong := replay_is_wrong(graph, mutant, inputs)) is not None:
                assert identities(graph, mutant) != "right" or not wrong


def replay_is_wrong(graph: Graph, plan: Plan, inputs: list[list[np.ndarray]]) -> bool | None:
    """None where the replay does not run the plan."""
    try:
        runs = [(replay(graph, plan, x, garbage), evaluate(graph, x)) for garbage, x in enumerate(inputs, 1)]
    except ReplayError:
        return None
    return any(not np.array_equal(a, e) for run, answers in runs for a, e in zip(run, answers, strict=True))


def identities_are_wrong(graph: Graph, plan: Plan) -> bool:
    """But for operands that are overwritten while they are read, which replay never does."""
    try:
        fault = fault_of_plan(graph, plan)
    except CannotRunError:
        return True
    return fault is not None and TAKEN_TEXT not in fault


def test_identities_are_seldom_wrong_where_numbers_are_right(small: list[Mutants]) -> None:
    """The run of identities is no pessimist: over several inputs, numbers show nearly all that it shows."""
    mutants, inputs, shown, both = small[0], [random_inputs(small[0].graph, seed) for seed in range(4)], 0, 0
    for kind in KINDS:
        for seed in range(2):
            found = mutants.mutant(kind, seed)
            wrong = replay_is_wrong(mutants.graph, found[1], inputs) if found else None
            if found and wrong is not None and identities_are_wrong(mutants.graph, found[1]):
                shown, both = shown + 1, both + wrong
    assert shown >= 20 and both >= 0.9 * shown


def test_kinds_have_names_of_their_own() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS) >= 12
