"""Memory of a published scheme, in bytes, as its paper counts it: neither the input image nor weights nor a stack.

The arena is a first fit of rectangles, lifetime by bytes. Which rectangles there are is what reproduces the printed
figures of MCUNetV2 and StreamNet. Three of its rules overstate, and `slips=False` puts them right:

- a sum's output counts in full size within the patch stage too, where only a tile of it exists;
- what no later operator reads lives to the end: the last tile of the patch stage and, after it, the stage's output;
- a depthwise convolution right after the patch stage does not work in place.

One understates and stays: a shortcut across the split is read as a tile. Delay lines of shortcuts within the patch
stage are in neither.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from verify.plan.published.network import INPUT, Network, NotPublishableError, Parameters, Step
from verify.plan.published.patches import tile_sizes

_WHOLE = -2
"""The patch stage's output in full size; its last tile, written by the same operator, is a tensor of its own."""


@dataclass(frozen=True)
class Memory:
    """Parts of a figure, in bytes.

    Args:
      arena: peak of the activations, the input as a patch of the image.
      im2col: the largest buffer of 16-bit columns.
      kernel: the largest buffer of 16-bit weights.
      stream_y, stream_x: what stream buffers keep for the next patch of a column and for the next column.
    """

    arena: int
    im2col: int
    kernel: int
    stream_y: int = 0
    stream_x: int = 0

    @property
    def total(self) -> int:
        return self.arena + self.im2col + self.kernel + self.stream_y + self.stream_x


def account_memory(network: Network, parameters: Parameters, streams: bool = False, slips: bool = True) -> Memory:
    """The memory of MCUNetV2 (`streams` False) or of StreamNet with the parameters' `x_level`.

    Raises:
      NotPublishableError: the network cannot be cut like that.
    """
    tiles = tile_sizes(network, parameters)
    patches = Memory(
        arena=first_fit(_rectangles(network, parameters.split, tiles, slips)),
        im2col=max(_im2col(network, place, tiles, parameters.split) for place in range(len(network.steps))),
        kernel=max(_kernel_bytes(step) for step in network.steps),
    )
    if not streams:
        return patches
    buffers = stream_buffers(network, parameters, tiles)
    kept = [buffer for buffer in buffers if buffer.place >= parameters.split - parameters.x_level]
    return replace(patches, stream_y=sum(b.y_bytes for b in buffers), stream_x=sum(b.x_bytes for b in kept))


@dataclass(frozen=True)
class StreamBuffer:
    """What the input of operator `place` keeps from patch to patch, down and across."""

    place: int
    y_bytes: int
    x_bytes: int


def stream_buffers(network: Network, parameters: Parameters, tiles: dict[int, tuple[int, int]]) -> list[StreamBuffer]:
    """Stream buffers of the patch stage, first operator first. The first one has none: its input is the image."""
    step_x = network.grain(parameters)[1]
    found: list[StreamBuffer] = []
    for place in range(parameters.split - 1, 0, -1):
        step = network.steps[place]
        down, across = step.window
        step_x *= across.stride
        row_overlap, column_overlap = (max(0, window.reach - window.stride) for window in (down, across))
        if step.sources[0] not in tiles:
            raise NotPublishableError(f"{step.label} runs before the split, but no patch needs its result")
        height, width = tiles[step.sources[0]]
        size = network.bytes_per_position(step.sources[0])
        line = width + (parameters.n_patch - 1) * step_x
        found.append(StreamBuffer(place, row_overlap * width * size, column_overlap * line * size))
    return found[::-1]


@dataclass(frozen=True)
class Rectangle:
    """`size` bytes from operator `first` to operator `last`, both included.

    After operator `shrinks_at`, a depthwise one that works in place with a stride, only `rest` of them are in use:
    rectangles that begin later may lie in what is free then.
    """

    size: int
    first: int
    last: int
    shrinks_at: int | None = None
    rest: int = 0

    def seen_from(self, first: int) -> int:
        """Bytes that are taken for a rectangle that begins at operator `first`."""
        return self.rest if self.shrinks_at is not None and first > self.shrinks_at else self.size


def first_fit(rectangles: Sequence[Rectangle]) -> int:
    """Highest end address when each, largest first, gets the lowest address free during its life."""
    placed: list[tuple[int, Rectangle]] = []
    for new in sorted(rectangles, key=lambda rectangle: -rectangle.size):
        taken = sorted(
            (offset, offset + old.seen_from(new.first))
            for offset, old in placed
            if new.first <= old.last and old.first <= new.last
        )
        address = 0
        for low, high in taken:
            if low - address >= new.size:
                break
            address = max(address, high)
        placed.append((address, new))
    return max(offset + rectangle.size for offset, rectangle in placed)


def _rectangles(network: Network, split: int, tiles: dict[int, tuple[int, int]], slips: bool) -> list[Rectangle]:
    owner = _owners(network, split, in_place_at_split=not slips)
    readers: dict[int, list[int]] = {tensor: [] for tensor in (_WHOLE, *owner)}
    for tensor, places in network.readers.items():
        for place in places:
            joins = tensor == split - 1 and place == split
            readers[_WHOLE if joins else owner[tensor]].append(place)
    found: dict[int, Rectangle] = {}
    for tensor in (_WHOLE, *(t for t in owner if owner[t] == t)):
        first = 0 if tensor == _WHOLE else max(tensor, 0)
        unread = network.last if slips or tensor == network.last else first
        found[tensor] = Rectangle(
            _size(network, tensor, split, tiles, slips), first, max(readers[tensor], default=unread)
        )
    for place, step in enumerate(network.steps):
        rest = step.window[0].stride * step.window[1].stride
        if owner[place] != place and rest > 1:
            base = found[owner[place]]
            found[owner[place]] = replace(base, shrinks_at=place, rest=math.ceil(base.size / rest))
    if owner[network.last] != network.last:
        found[owner[network.last]] = replace(found[owner[network.last]], last=network.last)
    if slips:
        last = found[split].last if network.steps[split].depthwise else network.last
        found[_WHOLE] = replace(found[_WHOLE], last=last)
    return list(found.values())


def _owners(network: Network, split: int, in_place_at_split: bool) -> dict[int, int]:
    """Whose rectangle each tensor lies in: its own, or that of a depthwise convolution's input."""
    owner = {INPUT: INPUT}
    for place, step in enumerate(network.steps):
        owner[place] = place
        if step.depthwise and place != split:
            owner[place] = owner[step.sources[0]]
        elif step.depthwise and in_place_at_split:
            owner[place] = _WHOLE
    return owner


def _size(network: Network, tensor: int, split: int, tiles: dict[int, tuple[int, int]], slips: bool) -> int:
    if tensor == _WHOLE:
        return network.steps[split - 1].size_bytes
    if tensor >= split:
        return network.steps[tensor].size_bytes
    if slips and tensor != INPUT and len(network.steps[tensor].sources) > 1:
        return network.steps[tensor].size_bytes
    height, width = tiles.get(tensor, (0, 0))
    return height * width * network.bytes_per_position(tensor)


def _im2col(network: Network, place: int, tiles: dict[int, tuple[int, int]], split: int) -> int:
    """Two 16-bit columns of a convolution; one 16-bit channel of a depthwise one, its padding included."""
    step = network.steps[place]
    if not step.weighted:
        return 0
    if not step.depthwise:
        return 4 * step.window[0].kernel * step.window[1].kernel * step.in_channels
    source = step.sources[0]
    if place < split and source not in tiles:
        raise NotPublishableError(f"{network.steps[place].label} runs before the split, but no patch needs its operand")
    height, width = tiles[source] if place < split else network.size_of(source)
    return 2 * (height + step.padding[0]) * (width + step.padding[1])


def _kernel_bytes(step: Step) -> int:
    """16-bit weights of a convolution whose window is larger than one position."""
    larger = step.window[0].kernel * step.window[1].kernel > 1
    return 2 * step.macs_per_position if step.weighted and larger and not step.depthwise else 0
