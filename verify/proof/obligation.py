"""One thing to prove, as SMT-LIB 2 text in linear integer arithmetic with div by constants.

An obligation holds when its assumptions and the denial of its goal have no solution together. The text is ours, not a
solver's printout, so that any SMT solver can be given it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from verify.graph.plan import Schedule

Term = str

Extent = int | Term
"""A number of rows, columns or ticks: known, or a term where the theorem is for all sizes (verify.proof.sizes)."""


@dataclass(frozen=True)
class Obligation:
    """`denial` is the negated goal. `variables` stand in the order in which a counterexample is made small.

    `explain` turns a solution of the variables into a sentence about the plan; `definitions` are the functions that the
    terms use.
    """

    claim: str
    subject: str
    sentence: str
    variables: tuple[str, ...]
    assumptions: tuple[Term, ...]
    denial: Term
    explain: Callable[[Mapping[str, int]], str]
    definitions: tuple[str, ...] = ()

    def smtlib(self, also: tuple[Term, ...] = ()) -> str:
        """The text, with further assertions `also`."""
        # Names come from the model file: a line break in one would end the comment.
        comment = [f"; {ascii_line(text)}" for text in (f"{self.claim}: {self.sentence}", self.subject)]
        return "\n".join([*comment, self.question(also)])

    def question(self, also: tuple[Term, ...] = ()) -> str:
        """The text without what it is about: obligations with equal ones have the same answer."""
        return self._asking((*self.assumptions, self.denial, *also))

    def premise(self) -> str:
        """The assumptions alone. Where no solution of these exists, the obligation holds whatever its goal is."""
        return self._asking(self.assumptions)

    def _asking(self, terms: tuple[Term, ...]) -> str:
        lines = ["(set-logic ALL)", *(f"(declare-const {name} Int)" for name in self.variables), *self.definitions]
        return "\n".join([*lines, *(f"(assert {term})" for term in terms), "(check-sat)", ""])


def ascii_line(text: str) -> str:
    """The text on one line of ASCII."""
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in text)


def num(value: int) -> Term:
    return str(value) if value >= 0 else f"(- {-value})"


def term(value: Extent) -> Term:
    return num(value) if isinstance(value, int) else value


def between(low: Extent, value: Term, high: Extent) -> Term:
    """low <= value < high."""
    return f"(and (<= {term(low)} {value}) (< {value} {term(high)}))"


def frontier(schedule: Schedule, rows: Extent, tick: Term) -> Term:
    """Rows complete after tick `tick` >= 0 (verify.graph.plan), as a term."""
    raw = f"(* {schedule.grain} (div (+ (* {schedule.rate} {tick}) {num(schedule.offset)}) {schedule.period}))"
    return f"(let ((f {raw})) (ite (< f 0) 0 (ite (> f {rows}) {rows} f)))"


def frontier_before(schedule: Schedule, rows: Extent, tick: Term) -> Term:
    """Rows complete before tick `tick` >= 0 begins; nothing is complete before tick 0."""
    return f"(ite (<= {tick} 0) 0 {frontier(schedule, rows, f'(- {tick} 1)')})"


def constant(claim: str, subject: str, sentence: str, denial: Term, explanation: str) -> Obligation:
    """An obligation without unknowns: arithmetic on the plan's own numbers."""
    return Obligation(claim, subject, sentence, (), (), denial, lambda _: explanation)
