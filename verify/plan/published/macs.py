"""Multiply-accumulates of a published scheme, as its paper counts them.

Per operator of the patch stage: positions computed along height, times positions computed along width, times
multiply-accumulates per position. Along an axis the positions are

    all that every patch's tile has         for MCUNetV2, which computes padding like pixels
    those inside the image                  where output padding is bypassed (`PaddingRule`)
    the image's                             where a stream buffer keeps what patches share
"""

import enum
from collections.abc import Callable

from verify.plan.published.network import Network, Parameters
from verify.plan.published.patches import patch_intervals


class PaddingRule(enum.Enum):
    """Which computed positions outside the image are left out."""

    NONE = "none"
    """None of them: MCUNetV2."""
    PAPER = "paper"
    """Those of the first and the last patch of an axis only. It gives the printed figures; tiles of other patches that
    reach beyond the image read shifted pixels, so no correct program computes like that."""
    EXACT = "exact"
    """All of them."""


def count_macs(
    network: Network,
    parameters: Parameters,
    streams: bool = False,
    rule: PaddingRule = PaddingRule.PAPER,
) -> int:
    """Multiply-accumulates of one inference.

    Args:
      network: the model.
      parameters: of the scheme; `x_level` counts only where it streams.
      streams: whether patches of one column share what they have in common (StreamNet) or nothing (MCUNetV2).
      rule: which padding is skipped.

    Raises:
      NotPublishableError: the network cannot be cut like that.
    """
    if not streams:
        parameters = Parameters(parameters.n_patch, parameters.split)
    across = _positions(network, parameters, 1, rule)
    down = None if streams else _positions(network, parameters, 0, rule)
    total = sum(step.macs for step in network.steps[parameters.split - parameters.x_level :])
    for place, step in enumerate(network.steps[: parameters.split - parameters.x_level]):
        rows = step.size[0] if down is None else down(place)
        total += step.macs_per_position * rows * across(place)
    return total


def _positions(network: Network, parameters: Parameters, axis: int, rule: PaddingRule) -> Callable[[int], int]:
    """A function that says how many positions of a tensor all patches together compute along the axis."""
    patches = list(patch_intervals(network, parameters, axis, clip=rule is PaddingRule.EXACT))

    def count(tensor: int) -> int:
        intervals = [patch.get(tensor, (0, 0)) for patch in patches]
        skipped = 0
        if rule is PaddingRule.PAPER:
            skipped = max(0, -intervals[0][0]) + max(0, intervals[-1][1] - network.size_of(tensor)[axis])
        return sum(high - low for low, high in intervals) - skipped

    return count
