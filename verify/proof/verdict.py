"""Verdicts: proved, refuted with a counterexample, or unknown with a reason. Never a bool."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Proved:
    """Every obligation of the claim was shown to hold, and there is at least one: nothing follows from not asking."""

    obligations: int

    def __post_init__(self) -> None:
        if self.obligations < 1:
            raise ValueError("a claim is not proved by no obligations")


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
