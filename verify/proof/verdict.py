"""Verdicts: proved, refuted with a counterexample, or unknown with a reason. Never a bool."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Proved:
    """Every obligation of the claim was shown to hold."""

    obligations: int


@dataclass(frozen=True)
class Refuted:
    """One obligation fails. `counterexample` names operator, tensor, tick and row, the smallest found.

    `values` are the obligation's unknowns there (verify.proof.constraints), for those who draw it.
    """

    subject: str
    counterexample: str
    values: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Unknown:
    """Neither: the solver gave up or ran out of time."""

    subject: str
    reason: str


Verdict = Proved | Refuted | Unknown
