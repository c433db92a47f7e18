"""Claims C3, C4 and C5 about an arena plan for TensorFlow Lite Micro, as obligations.

Lifetimes follow from the model alone. A position is an operator's place in the file; the caller writes the network's
inputs at -1 and reads its outputs after the last operator. A tensor is alive from its writer to its last reader.
Variables: `t` a position, `w` the position of a write, `b` a byte of the arena.

What the interpreter places itself when it starts (tensors of offset -1, scratch memory of kernels, its own structures)
is not in the plan, and nothing here is claimed about it.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from verify.proof.check import Report, named
from verify.proof.obligation import Obligation, Term, between, constant, num
from verify.proof.smt import TIMEOUT_MS, decide_all, verdicts_of
from verify.proof.verdict import Proved, Refuted, Unknown, Verdict
from verify.solvers import open_solvers
from verify.tflm.arena_plan import TFLM_ALIGNMENT, ArenaPlan, Execution, Storage

TFLM_CLAIMS: dict[str, tuple[str, str]] = {
    "C3": ("unclobbered", "no byte of a tensor is overwritten while an operator still reads it"),
    "C4": ("placed", f"tensors alive together are disjoint, aligned to {TFLM_ALIGNMENT}"),
    "C5": ("budget", "every planned tensor ends inside the SRAM; what TFLM adds is not in the plan"),
}

BEFORE = -1
"""The position at which the caller writes the inputs."""

NAMED = 8
"""How many tensors that are not covered a verdict names; the report's value has them all."""


@dataclass(frozen=True)
class Placed:
    """A tensor with its place: bytes [offset, end), alive at positions [first, last], both included.

    `twin` is the tensor whose bytes it holds at the same place, through operators that leave them alone; its own index
    if there is none.
    """

    storage: Storage
    offset: int
    first: int
    last: int
    twin: int

    @property
    def end(self) -> int:
        return self.offset + self.storage.size_bytes


class TflmLayout:
    """The derived facts of one arena plan. Tensors without an offset, and workspaces, are left out."""

    def __init__(self, execution: Execution, plan: ArenaPlan):
        self.execution = execution
        self.end = len(execution.steps)
        self.writer = dict.fromkeys(execution.inputs, BEFORE)
        last: dict[int, int] = {}
        for position, step in enumerate(execution.steps):
            self.writer |= dict.fromkeys(step.writes, position)
            last |= dict.fromkeys((*step.reads, *step.writes), position)
        last |= dict.fromkeys(execution.outputs, self.end)
        self.placed: dict[int, Placed] = {}
        self.uncovered: list[Storage] = []
        """Left to the interpreter, or written by no operator (its working memory, of unknown contents)."""
        twins = self._twins(plan)
        for key, storage in execution.tensors.items():
            offset = plan.offsets.get(key)
            if key not in self.writer or offset is None:
                self.uncovered.append(storage)
            else:
                first = self.writer[key]
                self.placed[key] = Placed(storage, offset, first, last.get(key, first), twins.get(key, key))

    def _twins(self, plan: ArenaPlan) -> dict[int, int]:
        twins: dict[int, int] = {}
        for step in self.execution.steps:
            if step.same_place:
                source, result = step.reads[0], step.writes[0]
                if plan.offsets.get(source) == plan.offsets.get(result) is not None:
                    twins[result] = twins.get(source, source)
        return twins

    def who(self, position: int) -> str:
        """Who acts at a position."""
        return self.execution.steps[position].label if 0 <= position < self.end else "the caller"

    def conflicting(self, tensor: Placed) -> list[Placed]:
        """All that must not share a byte with it while both are alive."""
        return [other for other in self.placed.values() if other.twin != tensor.twin]

    def reads(self) -> Iterator[tuple[int, Placed]]:
        """Every read of a placed tensor, with its position."""
        for position, step in enumerate(self.execution.steps):
            yield from ((position, self.placed[key]) for key in step.reads if key in self.placed)
        yield from ((self.end, self.placed[key]) for key in self.execution.outputs if key in self.placed)


def check_tflm(
    execution: Execution,
    plan: ArenaPlan,
    sram_bytes: int | None = None,
    timeout_ms: int = TIMEOUT_MS,
    progress: Callable[[int, int], None] = lambda done, total: None,
    solver: str = "z3",
) -> Report:
    """Proves or refutes the claims about `plan`; C5 only where there is a budget `sram_bytes`.

    A claim about tensors that the plan leaves to the interpreter is Unknown, unless it is refuted.

    Raises:
      SolverError: a solver is not installed.
    """
    start, solvers = time.monotonic(), open_solvers(solver)
    layout = TflmLayout(execution, plan)
    claims = [claim for claim in TFLM_CLAIMS if claim != "C5" or sram_bytes is not None]
    obligations = list(tflm_obligations(layout, sram_bytes))
    decisions = decide_all(obligations, solvers, timeout_ms, progress)
    verdicts = verdicts_of(claims, obligations, decisions)
    if layout.uncovered:
        verdicts = {claim: _limited(verdict, layout.uncovered) for claim, verdict in verdicts.items()}
    return Report(verdicts, len(obligations), time.monotonic() - start, named(solvers), decisions)


def _limited(verdict: Verdict, uncovered: list[Storage]) -> Verdict:
    """A proof about some tensors is none about all of them."""
    if isinstance(verdict, Refuted):
        return verdict
    names = ", ".join(storage.label for storage in uncovered[:NAMED])
    more = f" and {len(uncovered) - NAMED} more" if len(uncovered) > NAMED else ""
    held = f"; the {verdict.obligations} obligations about the others hold" if isinstance(verdict, Proved) else ""
    return Unknown(
        f"{len(uncovered)} tensors",
        f"left to TFLM, or an operator's own working memory, so not covered: {names}{more}{held}",
    )


def tflm_obligations(layout: TflmLayout, sram_bytes: int | None) -> Iterator[Obligation]:
    yield from unclobbered(layout)
    yield from placed(layout)
    if sram_bytes is not None:
        yield from budget(layout, sram_bytes)


def unclobbered(layout: TflmLayout) -> Iterator[Obligation]:
    """C3: from its writing to each reading, the reading operator's own results included, nobody writes its bytes."""
    for position, tensor in layout.reads():
        others = [o for o in layout.conflicting(tensor) if tensor.first <= o.first <= position]
        yield _not_overwritten(layout, tensor, position, others)


def _not_overwritten(layout: TflmLayout, tensor: Placed, position: int, others: list[Placed]) -> Obligation:
    def explain(v: Mapping[str, int]) -> str:
        other = next(o for o in others if o.first == v["w"] and o.offset <= v["b"] < o.end)
        when = "while it reads" if v["w"] == position else "before that"
        return f"{layout.who(v['w'])} writes byte {v['b']} of the arena as {other.storage.label} {when}"

    writes = " ".join(f"(and (= w {num(o.first)}) {_inside(o)})" for o in others)
    return Obligation(
        claim="C3",
        subject=f"{layout.who(position)} reads {tensor.storage.label}",
        sentence="no byte that it reads has been overwritten, nor is while it runs",
        variables=("w", "b"),
        assumptions=(_inside(tensor), between(tensor.first, "w", position + 1)),
        denial=f"(or false {writes})",
        explain=explain,
    )


def placed(layout: TflmLayout) -> Iterator[Obligation]:
    """C4: each tensor is aligned, and shares no byte with another one that is alive at the same position."""
    tensors = list(layout.placed.values())
    for number, tensor in enumerate(tensors):
        subject = tensor.storage.label
        text = f"starts at byte {tensor.offset} of the arena, which is no multiple of {TFLM_ALIGNMENT}"
        crooked = f"(not (= (mod {tensor.offset} {TFLM_ALIGNMENT}) 0))"
        yield constant("C4", subject, f"starts at a multiple of {TFLM_ALIGNMENT}", crooked, text)
        later = set(map(id, tensors[number + 1 :]))
        others = [other for other in layout.conflicting(tensor) if id(other) in later]
        if others:
            yield _disjoint(layout, tensor, others)


def _disjoint(layout: TflmLayout, tensor: Placed, others: list[Placed]) -> Obligation:
    def explain(v: Mapping[str, int]) -> str:
        other = next(o for o in others if o.offset <= v["b"] < o.end and o.first <= v["t"] <= o.last)
        return f"byte {v['b']} of the arena also belongs to {other.storage.label}, at {layout.who(v['t'])}"

    shared = " ".join(f"(and {_alive(other)} {_inside(other)})" for other in others)
    return Obligation(
        claim="C4",
        subject=tensor.storage.label,
        sentence="shares no byte with a tensor that is alive at the same operator",
        variables=("t", "b"),
        assumptions=(_alive(tensor), _inside(tensor)),
        denial=f"(or {shared})",
        explain=explain,
    )


def budget(layout: TflmLayout, sram_bytes: int) -> Iterator[Obligation]:
    """C5: each tensor ends inside the arena."""
    for tensor in layout.placed.values():
        text = f"takes bytes [{tensor.offset}, {tensor.end}); the SRAM has {sram_bytes}"
        outside = f"(> {tensor.end} {sram_bytes})"
        yield constant("C5", tensor.storage.label, "ends inside the SRAM", outside, text)


def _inside(tensor: Placed) -> Term:
    return between(tensor.offset, "b", tensor.end)


def _alive(tensor: Placed) -> Term:
    return between(tensor.first, "t", tensor.last + 1)
