"""Legal plans of random networks: all have to be proved and to give the model's exact outputs.

Networks are those of the property tests (tests/random_models.py). Plans are the planner's in every scheme and input
mode, and ones that no search would choose: random cuts, stages by rows or by rows and columns, delayed sources, and
operators that compute rows again.
"""

import tempfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from embedded.tools.firmware import build as build_firmware
from embedded.tools.firmware import run as run_firmware
from experiments.mutation.models import SLOW
from experiments.mutation.run import identities
from export.__main__ import write_folder
from export.c.emit import emit
from tests.random_models import Net, networks
from verify.commands.check import random_inputs
from verify.graph.graph import Graph
from verify.graph.plan import InputMode, Plan
from verify.graph.tensor import Axis
from verify.plan.build import build
from verify.plan.draft import Draft
from verify.plan.forms.late import late
from verify.plan.forms.layer import layer
from verify.plan.forms.recomputing import variants
from verify.plan.request import SCHEMES, Patches, PlanningError, Request
from verify.plan.runs import grow
from verify.plan.search import make_plan
from verify.plan.uses import Uses
from verify.proof.check import ProvedPlan, check
from verify.proof.evaluate import evaluate
from verify.proof.replay import replay

CHUNK = 50
"""Networks drawn from one seed."""


@dataclass
class Legal:
    """How many networks got a plan each, and what failed. `kinds` counts plans by what they contain."""

    networks: int = 0
    proved: int = 0
    exact: int = 0
    compiled: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)


def run_legal(count: int, compiled: int, workers: int, progress: Callable[[int, int], None]) -> Legal:
    """One random plan for each of `count` random networks; so many of them also as C on this computer."""
    sizes = [min(CHUNK, count - first) for first in range(0, count, CHUNK)]
    found, kinds, every = Legal(), Counter[str](), max(1, count // max(1, compiled)) if compiled else 0
    with ProcessPoolExecutor(workers) as pool:
        jobs = [pool.submit(run_chunk, number, size, every) for number, size in enumerate(sizes)]
        for job in as_completed(jobs):
            part = job.result()
            kinds.update(part.kinds)
            found.failures += part.failures
            for name in ("networks", "proved", "exact", "compiled"):
                setattr(found, name, getattr(found, name) + getattr(part, name))
            progress(found.networks, count)
    found.kinds = dict(sorted(kinds.items()))
    return found


def run_chunk(number: int, count: int, every: int) -> Legal:
    """`count` networks; each `every`-th also as C."""
    found, kinds = Legal(), Counter[str]()

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=SLOW,
    )
    @given(networks(), st.integers(0, 2**32 - 1))
    def one(net: Net, choice: int) -> None:
        graph, rng = net.graph(), np.random.default_rng(choice)
        plan = random_plan(graph, rng)
        found.networks += 1
        kinds.update(features(plan))
        problem, proved = judged(graph, plan)
        found.proved += proved is not None
        found.exact += not problem
        if proved is not None and every and (number * CHUNK + found.networks) % every == 0 and graph.nodes:
            found.compiled += 1
            problem = problem or compiled_problem(graph, proved)
        if problem:
            found.failures.append(f"chunk {number}, network {found.networks}: {problem}")

    one()
    found.kinds = dict(kinds)
    return found


def random_plan(graph: Graph, rng: np.random.Generator) -> Plan:
    """The planner's plan half of the time, else one of random cuts."""
    uses, mode = Uses(graph), list(InputMode)[rng.integers(len(InputMode))]
    if not graph.nodes or rng.integers(2):
        return planned(graph, mode, rng)
    drafts: list[Draft] = []
    while not drafts or drafts[-1].end < len(graph.nodes):
        drafts.append(random_draft(uses, drafts[-1].end if drafts else 0, mode, rng))
    return build(uses, drafts, mode, "random")


def planned(graph: Graph, mode: InputMode, rng: np.random.Generator) -> Plan:
    """By the planner, in any scheme; a published scheme that says nothing about this network makes way for "auto"."""
    count = len(graph.nodes)
    patches = Patches(int(rng.integers(2, 4)), int(rng.integers(1, count))) if count > 1 else Patches()
    try:
        return make_plan(graph, Request(SCHEMES[rng.integers(len(SCHEMES))], mode, patches=patches))
    except PlanningError:
        return make_plan(graph, Request("auto", mode, max_macs=float(rng.choice((1, 1.5, 4)))))


def random_draft(uses: Uses, start: int, mode: InputMode, rng: np.random.Generator) -> Draft:
    """A stage from node `start` on: alone, or grown to a random end."""
    fed: tuple[int, ...] = ()
    if start == 0 and mode is InputMode.ROWS and rng.integers(4):
        fed = (uses.graph.inputs[0],) if uses.rows(uses.graph.inputs[0]) > 1 else ()
    length, chosen = int(rng.integers(0, len(uses.graph.nodes) - start + 1)), None
    for draft in grow(uses, start, fed):
        ends = all(uses.readers[t] and uses.readers[t][-1] < draft.end and t not in uses.graph.outputs for t in fed)
        if ends:
            chosen = draft
        if draft.end - start >= length and chosen is not None:
            break
    if chosen is None or length == 0:
        return layer(uses, start)
    if not rng.integers(3):
        chosen = replace(chosen, columns=None)
    if rng.integers(2):
        chosen = late(uses, chosen)
    again = variants(uses, chosen, {}) if rng.integers(2) else []
    return again[rng.integers(len(again))][0] if again else chosen


def features(plan: Plan) -> list[str]:
    """What a plan contains, for the table of what was tried."""
    found = [f"input {plan.input_mode.value}", f"scheme {plan.scheme}"]
    tests = {
        "stages by rows": any(stage.ticks > 1 and stage.columns == 1 for stage in plan.stages),
        "stages by rows and columns": any(stage.columns > 1 for stage in plan.stages),
        "operators that compute rows again": any(
            Axis.HEIGHT in f.demand for stage in plan.stages for f in stage.firings
        ),
        "operators that compute columns again": any(
            Axis.WIDTH in f.demand for stage in plan.stages for f in stage.firings
        ),
        "rings of pixels": any(buffer.pixels for buffer in plan.buffers),
        "tiles": any(buffer.columns for buffer in plan.buffers),
        "rows of one step only": any(not buffer.carry for buffer in plan.buffers),
    }
    return found + [name for name, present in tests.items() if present]


def judged(graph: Graph, plan: Plan) -> tuple[str, ProvedPlan | None]:
    """What is wrong with a plan that should be proved and exact; empty if nothing is."""
    report, proved = check(graph, plan)
    if proved is None:
        return f"not proved: {report.verdicts}", None
    if (seen := identities(graph, plan)) != "right":
        return f"the run of identities is {seen}", proved
    inputs = random_inputs(graph, 0)
    expected = evaluate(graph, inputs)
    for garbage in (1, 2):
        for got, answer in zip(replay(graph, plan, inputs, garbage), expected, strict=True):
            if not np.array_equal(got, answer):
                return "its replay differs from the model", proved
    return "", proved


def compiled_problem(graph: Graph, proved: ProvedPlan) -> str:
    """What is wrong with the plan's C, run on this computer under sanitizers."""
    inputs = random_inputs(graph, 1)
    with tempfile.TemporaryDirectory(prefix="stjax-legal-") as folder:
        write_folder(Path(folder) / "gen", emit(proved))
        firmware = build_firmware(Path(folder) / "gen", "host", Path(folder) / "host", sanitize=True)
        outputs = run_firmware(firmware, [array[None] for array in inputs]).outputs
    expected = evaluate(graph, inputs)
    same = all(np.array_equal(a[0].reshape(-1), e.reshape(-1)) for a, e in zip(outputs, expected, strict=True))
    return "" if same else "its C gives other outputs than the model"


def legal_markdown(found: Legal) -> str:
    lines = [
        f"Made by `python -m experiments.mutation --legal {found.networks} -o experiments/mutation`.",
        "",
        f"{found.networks:,} random networks, one random legal plan each: {found.proved:,} proved, "
        f"{found.exact:,} exact in the run of identities and in replay over two kinds of garbage. {found.compiled} of "
        "them also as C on the host under address and undefined-behaviour sanitizers, bit for bit.",
        "",
        "| plans with | count |",
        "|---|---:|",
        *(f"| {kind} | {count:,} |" for kind, count in found.kinds.items()),
        "",
        f"Failures: {len(found.failures) or 'none'}",
        *(f"- {failure}" for failure in found.failures[:20]),
    ]
    return "\n".join(lines) + "\n"
