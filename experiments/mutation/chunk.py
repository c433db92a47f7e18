"""What became of some mutants of plan files, as data."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Finding:
    """A mutant that is proved and wrong, or that ends in an exception: what happened, and the file itself."""

    subject: str
    seed: list[int]
    kinds: list[str]
    outcome: str
    plan: str


@dataclass
class Chunk:
    """Mutants of one subject from one seed, counted by kind of change and outcome."""

    subject: str
    number: int
    mutants: int = 0
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    compiled: int = 0
    findings: list[Finding] = field(default_factory=list)

    def add(self, kinds: list[str], outcome: str, reason: str) -> None:
        self.mutants += 1
        kind = kinds[0] if len(kinds) == 1 else "several changes"
        self.counts.setdefault(kind, {}).setdefault(outcome, 0)
        self.counts[kind][outcome] += 1
        if reason:
            self.reasons[reason] = self.reasons.get(reason, 0) + 1
