"""Programs on identities: wrong plans are seen, legal ones pass, and the machine without a compiler agrees."""

import ctypes
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from experiments.mutation.faults import KINDS
from experiments.mutation.legal import random_plan
from experiments.mutation.models import base_plans
from experiments.mutation.run import CannotRunError, fault_of_plan
from tests.clip.test_per_frame import conv3d, shifted, streamtinynet
from tests.identities.test_text import CASES, FAULTY_PLANS, Case, ring, with_buffer
from tests.kept import kept
from tests.random_models import Net, networks
from verify.clip import per_frame
from verify.graph.graph import Graph
from verify.graph.plan import InputMode, Plan, Policy
from verify.identities import compiler, plain
from verify.identities.compiler import NoCompilerError, shared_library
from verify.identities.plain import PlainMachine
from verify.identities.run import fault_of_program
from verify.plan.build import build
from verify.plan.request import Request
from verify.plan.runs import Runs
from verify.plan.search import make_plan
from verify.plan.uses import Uses
from verify.program.lower import lower
from verify.proof import check as proof
from verify.proof.check import check
from verify.proof.verdict import Unknown
from verify.targets.choice import kernels_of


def fault(graph: Graph, plan: Plan, in_numpy: bool = False) -> str | None:
    machine = PlainMachine if in_numpy else None
    return fault_of_program(graph, kernels_of(graph, plan), lower(graph, plan), machine)


@pytest.fixture(scope="module")
def right() -> Case:
    return CASES["residual"]()


@pytest.mark.parametrize("name", FAULTY_PLANS)
def test_wrong_plans_are_seen(right: Case, name: str) -> None:
    change, words = FAULTY_PLANS[name]
    assert words in (fault(right.graph, change(right.plan)) or "")


def test_a_buffer_between_two_multiples_of_eight_is_seen(right: Case) -> None:
    moved = with_buffer(right.plan, replace(ring(right.plan), offset=ring(right.plan).offset + 4))
    assert "no multiple of 8" in (fault(right.graph, moved) or "")


def test_padding_that_is_not_zero_is_seen(right: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """C7: of a model whose padding holds something else than what its operator takes for zero."""
    node = next(node for node in right.graph.nodes if node.op.padding is not None)
    monkeypatch.setattr(type(node.op), "padding_zero", property(lambda op: op.padding.value + 1))
    assert "skips padding of" in (fault(right.graph, right.plan) or "")


@settings(max_examples=25, deadline=None)
@given(networks(), st.integers(0, 2**32 - 1))
@example(kept("constant_operand_first"), 0)
def test_legal_plans_are_right(net: Net, choice: int) -> None:
    graph = net.graph()
    assert fault(graph, random_plan(graph, np.random.default_rng(choice))) is None


@pytest.mark.parametrize("scheme", ["layer", "stream"])
@pytest.mark.parametrize("model", [conv3d, shifted, streamtinynet])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_streams_are_right(model: Callable[[], Graph], scheme: str, step: int) -> None:
    graph = per_frame(model())
    assert fault(graph, make_plan(graph, Request(scheme, InputMode.ROWS, time_step=step))) is None


@settings(max_examples=25, deadline=None)
@given(networks(), st.integers(0, 2**32 - 1))
def test_both_machines_say_the_same(net: Net, choice: int) -> None:
    graph, rng = net.graph(), np.random.default_rng(choice)
    for base in base_plans(graph)[:4]:
        for _ in range(3):
            mutant = KINDS[rng.integers(len(KINDS))].mutate(graph, base, rng)
            if mutant is not None:
                agree(graph, mutant)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("model", [conv3d, shifted, streamtinynet])
def test_both_machines_say_the_same_of_streams(model: Callable[[], Graph], seed: int) -> None:
    graph, rng = per_frame(model()), np.random.default_rng(seed)
    base = make_plan(graph, Request(["stream", "layer"][seed % 2], InputMode.ROWS))
    mutants = [mutant for kind in KINDS if (mutant := kind.mutate(graph, base, rng)) is not None]
    for mutant in [base, *mutants[:: max(1, len(mutants) // 8)]]:
        agree(graph, mutant)


def agree(graph: Graph, plan: Plan) -> None:
    try:
        compiled = fault_of_plan(graph, plan)
    except CannotRunError:
        return
    in_numpy = fault(graph, plan, in_numpy=True)
    assert (compiled is None) == (in_numpy is None)
    # Where several things are wrong in one call, the two may come upon another of them first.
    if compiled and in_numpy and ", where there is" in compiled and ", where there is" in in_numpy:
        assert compiled == in_numpy


def test_taps_in_the_padding_need_no_room_in_a_ring() -> None:
    """Three of a window's four taps are ever on the image, so a ring of three rows is enough."""
    net = Net(1)
    x = net.input(1, 5, 1, 1)
    pair = net.append("CONCATENATION", [x, x], net.like(x, (1, 5, 1, 2)), {"axis": 3})
    options = {"padding": "SAME", "stride_h": 3, "stride_w": 1, "filter_height": 4, "filter_width": 1}
    net.append("MAX_POOL_2D", [pair], net.like(x, (1, 2, 1, 2)), options)
    graph = net.graph()
    uses = Uses(graph)
    runs = Runs(uses, InputMode.ROWS)
    run = next(run for run in runs.of(0, runs.feedable(0)[-1]) if run.end == 2)
    plan = build(uses, [run.by_rows.draft], InputMode.ROWS, "stream")
    (kept,) = [buffer for buffer in plan.buffers if buffer.tensor == graph.nodes[0].outputs[0]]
    assert (kept.policy, kept.rows) == (Policy.RING, 3)
    assert check(graph, plan)[1] is not None
    assert fault(graph, plan) is None and fault(graph, plan, in_numpy=True) is None


def test_without_a_compiler_it_is_run_all_the_same(right: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> Path:
        raise NoCompilerError("none here")

    monkeypatch.setattr(plain, "shared_library", none)
    assert fault(right.graph, right.plan) is None


def test_a_disagreement_with_the_solver_is_unknown(right: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """An emitter of programs that is wrong, under a plan that is right."""

    def wrong(graph: Graph, plan: Plan):
        program = lower(graph, plan)
        stage = program.stages[-1]
        late = replace(program, stages=(*program.stages[:-1], replace(stage, calls=stage.calls[::-1])))
        return replace(late, stages=late.stages[::-1])

    monkeypatch.setattr(proof, "lower", wrong)
    report, proved = check(right.graph, right.plan)
    assert proved is None and report.verdict == "unknown"
    assert isinstance(report.verdicts["C5"], proof.Proved)
    for claim in ("C1", "C2", "C3", "C4", "C7"):
        verdict = report.verdicts[claim]
        assert isinstance(verdict, Unknown) and "a run of identities finds a fault" in verdict.reason


def test_the_compiled_machine_is_kept_where_nobody_else_can_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first = shared_library.__wrapped__()
    assert first == shared_library.__wrapped__() and first.parent.parent == tmp_path
    assert first.parent.stat().st_mode & 0o777 == 0o700
    first.parent.chmod(0o777)
    assert shared_library.__wrapped__().parent != first.parent
    ctypes.CDLL(str(first))


def test_a_folder_that_cannot_be_made_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert compiler.shared_library.__wrapped__().is_file()
