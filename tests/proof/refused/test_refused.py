"""Plans that are wrong as C are refused with a line that names why, by the checker or when they are to become C."""

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from export.c.emit import ExportError, emit
from tests.proof.refused.plans import KINDS
from verify.graph.graph import Graph
from verify.graph.plan_json import PlanError, plan_from_json, plan_to_json
from verify.proof.check import check
from verify.proof.verdict import Refuted
from verify.targets.choice import with_kernels
from verify.targets.target import NoKernelError
from verify.tflite import read_model

FOLDER = Path(os.environ.get("STJAX_PLANS", Path(__file__).resolve().parents[4] / "shared" / "plans"))
PLANS = sorted(FOLDER.glob("*.json"))
OPEN = pytest.mark.xfail(strict=True, reason="proved today")
STILL_OPEN: set[str] = set()
"""Kinds that nothing refuses yet; what is mended leaves this set."""
FILES_STILL_OPEN: set[str] = set()
RIGHT_TODAY = {"tiled_rings_stack"}
"""Files that were wrong about other kernels: its 792 bytes of stack are enough for today's, which need 512."""


def refusal(graph: Graph, text: str) -> str:
    """What is said against a plan file on its way to C; empty if nothing is."""
    try:
        report, proved = check(graph, with_kernels(graph, plan_from_json(text)))
    except (PlanError, NoKernelError) as error:
        return str(error)
    if proved is None:
        refuted = [v for v in report.verdicts.values() if isinstance(v, Refuted)]
        assert refuted, f"undecided: {report.verdicts}"
        return "\n".join(f"{verdict.subject}: {verdict.counterexample}" for verdict in refuted)
    try:
        emit(proved)
    except ExportError as error:
        return str(error)
    return ""


def cases(names: Iterable[str], still_open: set[str]) -> list[Any]:
    return [pytest.param(name, marks=[OPEN] if name in still_open else []) for name in names]


@pytest.mark.parametrize("name", cases(KINDS, STILL_OPEN))
def test_a_plan_that_no_planner_writes_is_refused_by_name(name: str) -> None:
    kind = KINDS[name]
    graph, plan = kind.make()
    said = refusal(graph, plan_to_json(plan))
    assert re.search(kind.names, said), said or "nothing is said against it"


@pytest.mark.skipif(not PLANS, reason=f"no plans in {FOLDER}")
@pytest.mark.parametrize("name", cases([path.stem for path in PLANS], FILES_STILL_OPEN))
def test_plans_of_a_folder_are_refused(name: str) -> None:
    graph = read_model((FOLDER / f"{name}.tflite").read_bytes(), name)
    assert bool(refusal(graph, (FOLDER / f"{name}.json").read_text())) == (name not in RIGHT_TODAY)
