"""Which part of each tensor a patch needs, along one axis, by walking back from the patch's grain.

Intervals are half open. Unless they are clipped, they reach outside the image: padding that the published schemes carry
along like pixels.
"""

from collections.abc import Iterator

from verify.plan.published.network import Network, Parameters

Interval = tuple[int, int]


def patch_intervals(
    network: Network, parameters: Parameters, axis: int, clip: bool = False
) -> Iterator[dict[int, Interval]]:
    """What each patch in turn, along the axis (0 height, 1 width), computes of each tensor of the patch stage.

    A tensor is missing where a patch needs nothing of it. The last `x_level` operators read only what no patch before
    had; with x_level 0 all patches overlap. A shortcut that a streamed operator reads late counts as kept until then,
    as in the paper, which has no buffer for it.
    """
    grain = network.grain(parameters)[axis]
    first_streamed = parameters.split - parameters.x_level
    reached: dict[int, int] = {}
    for patch in range(parameters.n_patch):
        needs = {parameters.split - 1: (patch * grain, (patch + 1) * grain)}
        for place in range(parameters.split - 1, -1, -1):
            if place not in needs:
                continue
            for tensor, (low, high) in _operands(network, place, needs[place], axis):
                if clip:
                    low, high = max(low, 0), min(high, network.size_of(tensor)[axis])
                if place >= first_streamed:
                    low = max(low, reached.get(tensor, low))
                if low < high:
                    known = needs.get(tensor, (low, high))
                    needs[tensor] = (min(low, known[0]), max(high, known[1]))
        yield needs
        reached |= {tensor: max(high, reached.get(tensor, high)) for tensor, (_, high) in needs.items()}


def tile_sizes(network: Network, parameters: Parameters) -> dict[int, tuple[int, int]]:
    """Height and width of each tensor's tile in a patch, padding included; all patches have the same."""
    whole = Parameters(parameters.n_patch, parameters.split)
    height, width = (next(patch_intervals(network, whole, axis)) for axis in (0, 1))
    return {tensor: (_length(height[tensor]), _length(width[tensor])) for tensor in height}


def _operands(network: Network, place: int, output: Interval, axis: int) -> list[tuple[int, Interval]]:
    step = network.steps[place]
    windows = [window[axis] for window in step.windows if window is not None]
    return [
        (source, (window.start(output[0]), window.end(output[1] - 1)))
        for source, window in zip(step.sources, windows, strict=True)
    ]


def _length(interval: Interval) -> int:
    return interval[1] - interval[0]
