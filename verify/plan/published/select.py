"""Which parameters the published schemes choose: their own searches, on their own figures.

`StreamNet` follows Algorithm 1 of its paper: of all patch parameters that fit without stream buffers, those on the
Pareto front of memory and multiply-accumulates; for each, every `x_level` that fits; of these the fewest
multiply-accumulates, then the largest patch. The filter looks at patch-based figures, so it may drop what would have
been best with stream buffers; `pareto_filter=False` shows by how much.
"""

import contextlib
import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from verify.plan.published.macs import PaddingRule, count_macs
from verify.plan.published.memory import account_memory, stream_buffers
from verify.plan.published.network import Network, NotPublishableError, Parameters
from verify.plan.published.patches import tile_sizes


class Scheme(enum.Enum):
    """The published schemes. All choose an end of the patch stage and a number of patches; only AUTO an `x_level`."""

    PATCH = "patch"
    """MCUNetV2."""
    PATCH_BYPASS = "patch-bypass"
    """MCUNetV2 with output padding bypassed."""
    STREAM_1D = "stream-1d"
    """StreamNet with stream buffers down the columns of patches."""
    STREAM_2D = "stream-2d"
    """StreamNet with stream buffers down and across: nothing is computed twice."""
    STREAMNET = "streamnet"
    """StreamNet's mixture of the two."""

    @property
    def streams(self) -> bool:
        return self not in (Scheme.PATCH, Scheme.PATCH_BYPASS)


@dataclass(frozen=True)
class Costed:
    """Parameters with what they cost: bytes and multiply-accumulates, both in the paper's count."""

    parameters: Parameters
    memory_bytes: int
    macs: int
    patch_positions: int
    """Positions of one patch of the patch stage's output."""


def parameters(network: Network) -> Iterator[Parameters]:
    """Every end of the patch stage with every number of patches that divides what it gives; nothing kept across."""
    for split in range(1, len(network.steps)):
        if network.is_split(split):
            height, width = network.steps[split - 1].size
            for n_patch in range(1, min(height, width) + 1):
                if height % n_patch == 0 and width % n_patch == 0:
                    yield Parameters(n_patch, split)


def evaluate(
    network: Network, chosen: Parameters, scheme: Scheme, rule: PaddingRule = PaddingRule.PAPER, slips: bool = True
) -> Costed:
    """What a scheme costs with given parameters; `x_level` is the scheme's own except for the mixture's.

    Raises:
      NotPublishableError: the network cannot be cut like that.
    """
    if scheme is not Scheme.STREAMNET:
        chosen = Parameters(chosen.n_patch, chosen.split, chosen.split if scheme is Scheme.STREAM_2D else 0)
    height, width = network.grain(chosen)
    return Costed(
        chosen,
        account_memory(network, chosen, scheme.streams, slips).total,
        count_macs(network, chosen, scheme.streams, PaddingRule.NONE if scheme is Scheme.PATCH else rule),
        height * width,
    )


def evaluated(
    network: Network, scheme: Scheme, rule: PaddingRule = PaddingRule.PAPER, slips: bool = True
) -> Iterator[Costed]:
    """What a scheme costs with all parameters that the papers' account covers."""
    for candidate in parameters(network):
        with contextlib.suppress(NotPublishableError):
            yield evaluate(network, candidate, scheme, rule, slips)


def select(
    network: Network,
    scheme: Scheme,
    sram: int | None = None,
    rule: PaddingRule = PaddingRule.PAPER,
    slips: bool = True,
    pareto_filter: bool = True,
) -> Costed | None:
    """The parameters that a scheme's own search chooses.

    Args:
      network: the model.
      scheme: whose search.
      sram: budget in bytes in the paper's count; None asks for the least memory. The mixture then has no limit, and
        Algorithm 1 chooses the fewest multiply-accumulates.
      rule: which padding is skipped, where the scheme skips any.
      slips: whether memory is counted as printed or with the paper's slips put right.
      pareto_filter: Algorithm 1's, for the mixture.

    Returns:
      None if nothing fits (for the mixture: nothing that its filter leaves).
    """
    if scheme is Scheme.STREAMNET:
        return _algorithm_1(network, sram, rule, slips, pareto_filter)
    found = list(evaluated(network, scheme, rule, slips))
    if sram is None:
        return min(found, key=lambda choice: (choice.memory_bytes, *_cheapest(choice)), default=None)
    return min((choice for choice in found if choice.memory_bytes <= sram), key=_cheapest, default=None)


def _cheapest(choice: Costed) -> tuple[int, int, int]:
    return choice.macs, -choice.patch_positions, choice.memory_bytes


def _algorithm_1(
    network: Network, sram: int | None, rule: PaddingRule, slips: bool, pareto_filter: bool
) -> Costed | None:
    limit = float("inf") if sram is None else sram
    patched = evaluated(network, Scheme.PATCH, rule, slips)
    fitting = [choice for choice in patched if choice.memory_bytes <= limit]
    kept = pareto_front(fitting) if pareto_filter else fitting
    levelled = (choice for record in kept for choice in _levels(network, record, limit, rule))
    return min(levelled, key=_cheapest, default=None)


def pareto_front(choices: Iterable[Costed]) -> list[Costed]:
    """Choices that no other one matches in both figures and beats in one, least memory first."""
    front: list[Costed] = []
    for choice in sorted(choices, key=lambda c: (c.memory_bytes, *_cheapest(c))):
        if not front or choice.macs < front[-1].macs:
            front.append(choice)
    return front


def _levels(network: Network, patched: Costed, limit: float, rule: PaddingRule) -> Iterator[Costed]:
    """Every `x_level` of a patch-based choice that fits."""
    base = patched.parameters
    buffers = stream_buffers(network, base, tile_sizes(network, base))
    with_y = patched.memory_bytes + sum(buffer.y_bytes for buffer in buffers)
    for level in range(base.split + 1):
        memory = with_y + sum(buffer.x_bytes for buffer in buffers if buffer.place >= base.split - level)
        if memory > limit:
            return  # more levels keep more
        chosen = Parameters(base.n_patch, base.split, level)
        yield Costed(chosen, memory, count_macs(network, chosen, True, rule), patched.patch_positions)
