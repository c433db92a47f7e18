"""Arena plans for TFLM: a planted fault per rule is refuted, and verdicts agree with running the plan over owners."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.proof.check import Report
from verify.proof.verdict import Proved, Refuted, Unknown
from verify.tflm.arena_plan import ArenaPlan, Execution, Step, Storage
from verify.tflm.plan import plan_arena
from verify.tflm.proof import check_tflm


def execution(sizes: list[int], steps: list[Step], inputs: tuple[int, ...], outputs: tuple[int, ...]) -> Execution:
    tensors = {key: Storage(key, f"t{key}", size) for key, size in enumerate(sizes)}
    return Execution(tensors, tuple(steps), inputs, outputs, frozenset())


def step(index: int, reads: tuple[int, ...], writes: tuple[int, ...], same_place: bool = False) -> Step:
    return Step(index, "KIND", f"t{writes[0]}", reads, writes, same_place)


@pytest.fixture
def shortcut() -> Execution:
    """0 -> 1 -> 2, then 3 = 1 + 2, then 4 is 3 under another shape, then 5 = f(4)."""
    steps = [
        step(0, (0,), (1,)),
        step(1, (1,), (2,)),
        step(2, (1, 2), (3,)),
        step(3, (3,), (4,), True),
        step(4, (4,), (5,)),
    ]
    return execution([40, 32, 20, 32, 32, 7], steps, (0,), (5,))


GOOD = {0: 32, 1: 0, 2: 32, 3: 64, 4: 64, 5: 0}


def check(run: Execution, changes: dict[int, int | None] | None = None, sram: int | None = 96) -> Report:
    return check_tflm(run, ArenaPlan(GOOD | (changes or {})), sram)


def refuted(report: Report, claim: str) -> Refuted:
    verdict = report.verdicts[claim]
    assert report.verdict == "refuted" and not report.proved and isinstance(verdict, Refuted), report.verdicts
    return verdict


def test_a_good_plan_is_proved(shortcut: Execution) -> None:
    report = check(shortcut)
    assert report.proved and list(report.verdicts) == ["C3", "C4", "C5"]
    assert all(isinstance(verdict, Proved) and verdict.obligations for verdict in report.verdicts.values())


def test_c3_and_c4_a_shortcut_that_is_overwritten(shortcut: Execution) -> None:
    """Tensor 2 lies over the end of tensor 1, which op 2 still reads."""
    report = check(shortcut, {2: 16})
    c3, c4 = refuted(report, "C3"), refuted(report, "C4")
    assert c3.subject == 'op 1 "t2" (KIND) reads tensor 1 "t1"'
    assert c3.counterexample == 'op 1 "t2" (KIND) writes byte 16 of the arena as tensor 2 "t2" while it reads'
    assert c4.subject == 'tensor 1 "t1"'
    assert c4.counterexample == 'byte 16 of the arena also belongs to tensor 2 "t2", at op 1 "t2" (KIND)'


def test_c3_names_the_operator_that_wrote_before_the_reader(shortcut: Execution) -> None:
    run = replace(shortcut, steps=(shortcut.steps[0], step(1, (0,), (2,)), *shortcut.steps[2:]))
    c3 = refuted(check(run, {0: 64, 2: 16}), "C3")
    assert c3.subject == 'op 2 "t3" (KIND) reads tensor 1 "t1"'
    assert c3.counterexample == 'op 1 "t2" (KIND) writes byte 16 of the arena as tensor 2 "t2" before that'


def test_c3_an_output_that_the_caller_reads_last() -> None:
    run = execution([16, 16, 16], [step(0, (0,), (1,)), step(1, (0,), (2,))], (0,), (1, 2))
    report = check_tflm(run, ArenaPlan({0: 0, 1: 16, 2: 16}))
    assert refuted(report, "C3").subject == 'the caller reads tensor 1 "t1"'
    assert "also belongs to tensor 2" in refuted(report, "C4").counterexample


def test_c3_a_result_over_another_result_of_the_same_operator() -> None:
    run = execution([16, 16, 16], [step(0, (0,), (1, 2))], (0,), (1,))
    report = check_tflm(run, ArenaPlan({0: 0, 1: 16, 2: 16}))
    assert refuted(report, "C3").subject == 'the caller reads tensor 1 "t1"'


def test_c4_results_that_nobody_reads_must_not_collide_either() -> None:
    run = execution([16, 16, 16, 16], [step(0, (0,), (1, 2, 3))], (0,), (1,))
    report = check_tflm(run, ArenaPlan({0: 0, 1: 16, 2: 32, 3: 32}))
    assert isinstance(report.verdicts["C3"], Proved)
    assert "also belongs to tensor 3" in refuted(report, "C4").counterexample


def test_c4_a_crooked_offset(shortcut: Execution) -> None:
    c4 = refuted(check(shortcut, {5: 8}), "C4")
    assert c4.counterexample == "starts at byte 8 of the arena, which is no multiple of 16"


def test_c5_a_tensor_that_ends_outside(shortcut: Execution) -> None:
    report = check(shortcut, sram=95)
    assert refuted(report, "C5").subject == 'tensor 3 "t3"'
    assert "takes bytes [64, 96); the SRAM has 95" in refuted(report, "C5").counterexample
    assert isinstance(report.verdicts["C4"], Proved)


def test_without_a_budget_c5_is_not_claimed(shortcut: Execution) -> None:
    assert list(check(shortcut, sram=None).verdicts) == ["C3", "C4"]


def test_only_operators_that_leave_bytes_alone_may_keep_their_place(shortcut: Execution) -> None:
    steps = tuple(replace(s, same_place=False) for s in shortcut.steps)
    assert refuted(check(replace(shortcut, steps=steps)), "C3").subject == 'op 3 "t4" (KIND) reads tensor 3 "t3"'
    refuted(check(shortcut, {4: 48}), "C4")  # and not from a place beside


def test_tensors_left_to_tflm_are_named_and_nothing_is_proved_about_them(shortcut: Execution) -> None:
    report = check(shortcut, {2: None})
    assert report.verdict == "unknown" and not report.proved
    c4 = report.verdicts["C4"]
    assert isinstance(c4, Unknown) and 'tensor 2 "t2"' in c4.reason and "about the others hold" in c4.reason
    assert isinstance(check(shortcut, {2: None, 5: 8}).verdicts["C4"], Refuted)


def test_a_workspace_is_not_covered(shortcut: Execution) -> None:
    run = execution([16, 64, 16], [step(0, (0, 1), (2,))], (0,), (2,))
    report = check_tflm(run, ArenaPlan({0: 0, 1: 0, 2: 32}))
    c3 = report.verdicts["C3"]
    assert isinstance(c3, Unknown) and 'tensor 1 "t1"' in c3.reason


@st.composite
def executions(draw: st.DrawFn) -> Execution:
    sizes = [draw(st.integers(1, 40)) for _ in range(2)]
    inputs, steps = (0, 1), []
    for index in range(draw(st.integers(1, 6))):
        reads = tuple(draw(st.sets(st.integers(0, len(sizes) - 1), min_size=1, max_size=2)))
        same = draw(st.booleans()) and len(reads) == 1
        results = [sizes[reads[0]]] if same else [draw(st.integers(1, 40)) for _ in range(draw(st.integers(1, 2)))]
        steps.append(step(index, reads, tuple(range(len(sizes), len(sizes) + len(results))), same))
        sizes += results
    return execution(sizes, steps, inputs, (len(sizes) - 1,))


def overwritten(run: Execution, plan: ArenaPlan) -> bool:
    """Whether anybody reads foreign bytes, in one of the two orders in which what is written together may be."""
    return any(reads_foreign_bytes(run, plan, order) for order in (1, -1))


def reads_foreign_bytes(run: Execution, plan: ArenaPlan, order: int) -> bool:
    """Runs a plan over bytes that know which value they hold.

    A step's results are there before it reads, as the order inside a kernel is not promised.
    """
    arena: dict[int, tuple[int, int]] = {}
    value = {key: key for key in run.tensors}  # a tensor that is another one under a new shape holds its value

    def span(key: int) -> range:
        offset = plan.offsets[key]
        assert offset is not None
        return range(offset, offset + run.tensors[key].size_bytes)

    def write(keys: tuple[int, ...]) -> None:
        for key in keys[::order]:
            arena.update({byte: (value[key], place) for place, byte in enumerate(span(key))})

    def intact(keys: tuple[int, ...]) -> bool:
        return all(arena[byte] == (value[key], place) for key in keys for place, byte in enumerate(span(key)))

    write(run.inputs)
    for s in run.steps:
        if s.same_place and plan.offsets[s.reads[0]] == plan.offsets[s.writes[0]]:
            value[s.writes[0]] = value[s.reads[0]]
        else:
            write(s.writes)
        if not intact(s.reads):
            return True
    return not intact(run.outputs)


@settings(max_examples=100, deadline=None)
@given(executions(), st.data())
def test_c3_agrees_with_running_the_plan_over_owners(run: Execution, data: st.DataObject) -> None:
    plan, peak, bound = plan_arena(run)
    assert bound <= peak and check_tflm(run, plan, peak).proved and not overwritten(run, plan)
    moved = data.draw(st.sampled_from(sorted(run.tensors)))
    mutant = ArenaPlan({**plan.offsets, moved: 16 * data.draw(st.integers(0, 8))})
    report = check_tflm(run, mutant)
    assert isinstance(report.verdicts["C3"], Refuted) == overwritten(run, mutant)
    if isinstance(report.verdicts["C3"], Refuted):
        assert isinstance(report.verdicts["C4"], Refuted)
