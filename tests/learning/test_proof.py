"""C5 and C6 of heads that learn: proved by both solvers, and a fault in each number refuted."""

import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from tests.learning.small import learning, net, planned
from verify.graph.learning import Learning, Readout
from verify.graph.plan_json import PlanError, plan_from_json, plan_to_json
from verify.learning import HEADS, dense, means
from verify.learning.head import Fact, fields_of, saved_bytes
from verify.ops.readout import without_readout
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.proof.learning import head_arithmetic
from verify.proof.verdict import Proved, Refuted
from verify.solvers import open_solvers

ROOMS = {"means": {"room": 0, "passes": 1}, "dense": {}}


@pytest.mark.parametrize("head", HEADS)
def test_a_head_is_proved_and_its_bytes_are_counted(head):
    graph, plan = planned(head, **ROOMS[head])
    report, proved = check(graph, plan, solver="both")
    assert proved is not None, report.verdicts
    alone = replace(plan, learning=None)
    assert plan.sram_bytes == alone.sram_bytes + plan.learning.bytes
    assert plan_from_json(plan_to_json(plan)) == plan


def wrong(head: str, change: dict[str, object], **budgets: int) -> dict[str, str]:
    """Subjects and texts of the refuted claims of a plan whose head is changed."""
    graph, plan = planned(head, **ROOMS[head])
    report, _ = check(graph, replace(plan, learning=replace(plan.learning, **change), **budgets))
    return {claim: v.subject for claim, v in report.verdicts.items() if isinstance(v, Refuted)}


@pytest.mark.parametrize(
    ("head", "change", "claim"),
    [
        ("means", {"bytes": 59}, "C5"),
        ("dense", {"bytes": 1}, "C5"),
        ("dense", {"room": 7}, "C5"),
        ("dense", {"classes": 5}, "C5"),
        ("dense", {"classes": 2, "bytes": 999}, "C5"),
        ("dense", {"features": 4, "bytes": 999}, "C5"),
        ("dense", {"room": 256, "bytes": 9999}, "C5"),
        ("dense", {"passes": 2**15 + 1}, "C5"),
        ("dense", {"classes": 2**40, "bytes": 2**40}, "C5"),
        ("other", {}, "C5"),
        ("dense", {"rate": -9}, "C6"),
        ("dense", {"bias_rate": -17}, "C6"),
        ("dense", {"rate": 31}, "C6"),
    ],
)
def test_a_fault_in_a_number_is_refuted(head, change, claim):
    name, own = ("dense", {"head": head}) if head not in HEADS else (head, {})
    assert [*wrong(name, {**change, **own})] == [claim]


def test_the_budgets_include_the_head():
    graph, plan = planned()
    assert wrong("dense", {}, sram_budget=plan.sram_bytes) == {}
    assert wrong("dense", {}, sram_budget=plan.sram_bytes - 1) == {"C5": "SRAM"}
    assert wrong("dense", {}, flash_budget=700) == {"C5": "flash"}


def test_a_plan_and_a_network_that_do_not_go_together_are_refused():
    graph, plan = planned()
    whole = net().graph()
    plain = make_plan(whole, Request())
    for network, other in ((graph, replace(plan, learning=None)), (whole, replace(plain, learning=plan.learning))):
        report, proved = check(network, other)
        assert proved is None and isinstance(report.verdicts["C1"], Refuted)


def test_a_plan_file_with_a_wrong_head_is_no_plan():
    plan = planned()[1]
    text = plan_to_json(plan)
    with pytest.raises(PlanError, match=r"plan.learning.rate must be at most 30, found 31"):
        plan_from_json(text.replace(f'"rate": {plan.learning.rate}', '"rate": 31', 1))
    with pytest.raises(PlanError, match="classes"):
        plan_from_json(text.replace('"classes": 4', '"classes": 0'))


# -- the facts: a state at the ends of its ranges, and faults in what heads say


def decided(facts: Iterator[Fact]) -> bool:
    class Other:
        name = "other"

        def __init__(self, found: list[Fact]):
            self.found = found

        def facts(self, *_: object) -> Iterator[Fact]:
            return iter(self.found)

        def first(self, *_: object) -> dict[str, np.ndarray]:
            return {}

        def valid(self, *_: object) -> bool:
            return True

    solver = open_solvers("z3")[0]
    owed = head_arithmetic(Other([*facts]), *any_head())  # pyright: ignore[reportArgumentType]
    return all(solver.solve(o.smtlib(), 10_000).result == "unsat" for o in owed)


def any_head() -> tuple[Learning, Readout]:
    graph = without_readout(net().graph())
    assert graph.readout is not None
    return learning(graph), graph.readout


@pytest.mark.parametrize(
    ("module", "name", "value"),
    [
        (means, "HORIZON", 257),
        (means, "HORIZON", 300),
        (dense, "SHADOW", 2**23),
        (dense, "BIAS", 2**31 - 1),
        (dense, "ONE", 2**16),
    ],
)
def test_faults_in_what_a_head_says_are_found(module, name, value, monkeypatch):
    head = means.Means() if module is means else dense.Dense()
    assert decided(head.facts(*any_head()))
    monkeypatch.setattr(module, name, value)
    assert not decided(head.facts(*any_head()))


def test_an_example_too_many_is_found():
    """Without halving, sums outgrow their 16 bits: the range that a step begins with is not the one that it leaves."""
    seen = {"n": ("1", "128"), "s": ("(* (- 128) n)", "(* 127 n)"), "x": ("(- 128)", "127")}
    assert not decided(iter([Fact("sum", "(+ s x)", "(- 16384)", "16256", seen)]))


def test_too_many_features_are_refused():
    found, readout = any_head()
    reach = max(127 - readout.zero_point, 128 + readout.zero_point)
    for head, most in (("means", (2**31 - 1) // 255**2), ("dense", (2**30 - 2**22 - 1) // (127 * reach))):
        large = replace(found, features=most)
        assert decided(HEADS[head].facts(large, readout)), head
        assert not decided(HEADS[head].facts(replace(large, features=most + 1), readout)), head


def test_what_is_valid_is_what_the_ranges_say():
    found, _ = any_head()
    for name, head in HEADS.items():
        own = replace(found, head=name)
        zeros = fields_of(head, own, bytes(saved_bytes(head, own)))
        assert head.valid(own, zeros)
        beyond = [("shadow", 127 * 2**16 + 1), ("bias", 2**30 + 1), ("filled", 7)]
        bad = {"means": [("sums", 1), ("counts", 129)], "dense": beyond}
        for field, value in bad[name]:
            changed = {**zeros, field: np.full_like(zeros[field], value)}
            assert not head.valid(own, changed), field


def test_steps_from_every_corner_of_the_ranges_stay_in_them():
    """By numbers, what the facts say by terms: the sums of means from their ends, with both ends of int8."""
    for n, low in itertools.product(range(1, means.HORIZON + 1), (True, False)):
        s, x = (-128 * n, -128) if low else (127 * n, 127)
        full = n == means.HORIZON
        after, count = ((s + 1) // 2 + x, n // 2 + 1) if full else (s + x, n + 1)
        assert -128 * count <= after <= 127 * count
        assert 0 <= (2 * (s + 128 * n) + n) // (2 * n) <= 255


def test_proved_says_how_many_obligations():
    graph, plan = planned()
    verdicts = check(graph, plan)[0].verdicts
    without = check(graph_without_head(), make_plan(graph_without_head(), Request()))[0].verdicts
    for claim in ("C5", "C6"):
        more, less = verdicts[claim], without[claim]
        assert isinstance(more, Proved) and isinstance(less, Proved) and more.obligations > less.obligations


def graph_without_head():
    return net().graph()
