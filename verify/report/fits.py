"""Whether a plan fits known boards, and how often it may run there in a second: an estimate, said to be one."""

from dataclasses import dataclass

from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.report.boards import BOARDS, Board
from verify.report.names import thousands
from verify.targets.registry import PORTABLE, target_named

CODE_BYTES = 64 << 10
"""Flash that is left for kernels, generated code and the library's routines, which only a build knows: three networks
take 8 to 60 KiB (make -C embedded build).
"""

CYCLES = (1.0, 1.5)
"""Clock cycles per instruction between which cores with caches or tightly coupled memory are expected to lie."""


@dataclass(frozen=True)
class Fit:
    """A plan on a board.

    Args:
      board: the board.
      state: "fits", "does-not-fit" or "other-target"; `verdict` says it in words.
      sram_share, flash_share: of the board's memory, flash with CODE_BYTES.
      runs_per_second: at the most and at the fewest of CYCLES, slower first; None where it is not known.
    """

    board: Board
    state: str
    verdict: str
    sram_share: float
    flash_share: float
    runs_per_second: tuple[float, float] | None

    @property
    def rate(self) -> str:
        """The range in words, in no more digits than an estimate has."""
        if self.runs_per_second is None:
            return "not known"
        low, high = (_rounded(rate) for rate in self.runs_per_second)
        return low if low == high else f"{low} to {high}"


def fits_of(plan: Plan, weight_bytes: int, instructions: int | None) -> list[Fit]:
    """A plan on each of BOARDS, given its bytes of constants and its estimated instructions."""
    needed = target_named(plan.target).features
    return [_fit(board, plan, needed, weight_bytes, instructions) for board in BOARDS]


def unit(graph: Graph) -> str:
    """What a run of the network is called: of a picture a frame."""
    return (
        "frames" if any(len(shape) == 4 and shape[1] > 1 and shape[2] > 1 for shape in graph.input_shapes) else "runs"
    )


def _fit(board: Board, plan: Plan, needed: frozenset[str], weights: int, instructions: int | None) -> Fit:
    sram, flash = board.sram_bytes - plan.sram_bytes, board.flash_bytes - CODE_BYTES - weights
    runs, rate = needed <= board.features, None
    if sram < 0:
        state, verdict = "does-not-fit", f"{thousands(-sram)} B of SRAM too few"
    elif flash < 0:
        state, verdict = "does-not-fit", f"{thousands(-flash)} B of flash too few"
    elif not runs:
        other = PORTABLE if not board.features else "cortex-m-dsp"
        state, verdict = "other-target", f"needs --target {other}"
    else:
        state, verdict = "fits", "fits"
    if runs and board.thumb2 and instructions:
        low, high = (board.clock_hertz / (instructions * cycles) for cycles in sorted(CYCLES, reverse=True))
        rate = low, high
    shares = plan.sram_bytes / board.sram_bytes, (weights + CODE_BYTES) / board.flash_bytes
    return Fit(board, state, verdict, *shares, rate)


def _rounded(rate: float) -> str:
    """Two digits."""
    return f"{float(f'{rate:.2g}'):,g}"
