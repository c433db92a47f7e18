"""What an architecture costs, and what it may cost."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Costs:
    """Of the program of one frame.

    Args:
      sram: bytes, proved, everything counted.
      instructions: of a frame with an answer, by the target's cost model: an estimate.
      flash: bytes of weights and tables; code comes to them.
      macs: multiply-accumulates of a frame.
      parameters: numbers that are learned.
      peak: the operator at which most bytes are in use.
      problem: why there is no program of one frame; the other figures are then 0.
    """

    sram: int = 0
    instructions: float = 0.0
    flash: int = 0
    macs: int = 0
    parameters: int = 0
    peak: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Budget:
    """What a network may cost; None: anything."""

    sram: int
    instructions: float | None = None
    flash: int | None = None

    def excess(self, costs: Costs) -> dict[str, float]:
        """By how much each limit is passed, as a share of it: what fits has no number above 0."""
        if costs.problem:
            return {"program": 1.0}
        limits = {name: limit for name, limit in asdict(self).items() if limit is not None}
        return {name: getattr(costs, name) / limit - 1 for name, limit in limits.items()}

    def admits(self, costs: Costs) -> bool:
        return all(share <= 0 for share in self.excess(costs).values())
