"""Every obligation asks something: its assumptions have a solution, else it would hold whatever its goal is."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.clip.test_per_frame import conv3d, streamtinynet
from tests.random_models import Net, networks
from verify.clip import per_frame
from verify.commands import cli
from verify.graph.graph import Graph
from verify.graph.plan import InputMode, Plan
from verify.plan.request import PUBLISHED, SCHEMES, Patches, PlanningError, Request
from verify.plan.search import make_plan
from verify.proof.constraints import all_obligations
from verify.proof.for_all import for_all
from verify.proof.layout import Layout
from verify.proof.obligation import Obligation, between
from verify.proof.smt import decide_all, verdicts_of
from verify.proof.verdict import Proved
from verify.solvers import open_solvers

DEMO = Path(__file__).parents[1] / "data" / "demo_model.tflite"


def vacuous(obligations: Iterable[Obligation]) -> list[str]:
    """Obligations whose assumptions have no solution."""
    (solver,) = open_solvers("z3")
    by_premise = {obligation.premise(): obligation for obligation in obligations}
    return [
        f"{o.claim} {o.subject}: {o.sentence}"
        for text, o in by_premise.items()
        if solver.solve(text, 5000).result != "sat"
    ]


def of_plan(graph: Graph, plan: Plan) -> list[str]:
    return vacuous(all_obligations(Layout(graph, plan)))


@pytest.fixture(scope="module")
def demo() -> Graph:
    return cli.load_model(DEMO)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("mode", InputMode)
def test_of_the_demonstration_model(demo: Graph, scheme: str, mode: InputMode) -> None:
    assert of_plan(demo, make_plan(demo, Request(scheme, mode))) == []


def test_of_the_zoo(models_dir: Path) -> None:
    for path in sorted((models_dir / "mcunet_zoo").glob("*.tflite"))[:1]:
        graph = cli.load_model(path)
        for request in (Request(), Request("stream-2d", patches=Patches(pads_ends=True))):
            assert of_plan(graph, make_plan(graph, request)) == []


@settings(max_examples=60)
@given(networks(), st.sampled_from(InputMode), st.sampled_from(SCHEMES), st.booleans())
def test_of_random_networks(net: Net, mode: InputMode, scheme: str, paper: bool) -> None:
    graph = net.graph()
    patches = Patches(pads_ends=paper and scheme in PUBLISHED)
    try:
        plan = make_plan(graph, Request(scheme, mode, patches=patches))
    except PlanningError:
        return
    assert of_plan(graph, plan) == []


@pytest.mark.parametrize("clip", [conv3d, streamtinynet])
def test_of_clips_and_of_all_their_lengths(clip: object) -> None:
    graph = per_frame(clip())  # type: ignore[operator]
    for scheme in ("layer", "auto"):
        plan = make_plan(graph, Request(scheme))
        assert of_plan(graph, plan) == []
        assert vacuous(d.obligation for theorem in for_all(graph, plan).stages for d in theorem.decisions) == []


def test_of_theorems_about_all_sizes(demo: Graph) -> None:
    plan = make_plan(demo, Request())
    assert vacuous(d.obligation for theorem in for_all(demo, plan).stages for d in theorem.decisions) == []


@pytest.mark.parametrize("ticks", [1, 2])
def test_no_patch_lies_between_the_first_and_the_last_of_two(demo: Graph, ticks: int) -> None:
    """The rule of published patches was asked of such stages, too; it held, since nothing was asked."""
    plan = make_plan(demo, Request("layer"))
    stages = tuple(replace(stage, pads_ends=True) for stage in plan.stages[:1])
    mutant = replace(plan, stages=(replace(stages[0], ticks=ticks), *plan.stages[1:]))
    assert of_plan(demo, mutant) == []


def test_an_obligation_that_asks_nothing_is_found_and_would_be_proved() -> None:
    nothing = Obligation("C1", "a row", "is computed", ("n",), (between(0, "n", 0),), "true", lambda v: "")
    assert vacuous([nothing]) == ["C1 a row: is computed"]
    decisions = decide_all([nothing], open_solvers("z3"))
    assert verdicts_of(["C1"], [nothing], decisions) == {"C1": Proved(1)}
