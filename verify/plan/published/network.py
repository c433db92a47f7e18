"""A model as the papers see it: one image in, a flat list of operators, each with one result.

A tensor is named by the position of the operator that writes it; the network's input is `INPUT`. Extents are pairs
(height, width).
"""

import math
from dataclasses import dataclass

from verify.graph.graph import Graph, Node
from verify.graph.tensor import Axis, is_image
from verify.graph.window import POINTWISE, Window
from verify.ops.streaming import edge_window, written_rows

INPUT = -1
AXES = (Axis.HEIGHT, Axis.WIDTH)
Extent = tuple[int, int]


class NotPublishableError(Exception):
    """The published schemes say nothing about such a model or such parameters; the message says why."""


@dataclass(frozen=True)
class Parameters:
    """Where a published scheme cuts a network.

    Args:
      n_patch: patches along each side of the input of operator `split`.
      split: operators before this position run patch by patch, the others layer by layer.
      x_level: how many operators, counted back from the split, keep what neighbouring columns of patches share. 0 is
        StreamNet-1D, `split` is StreamNet-2D. An operator can only profit if all that follow it in the patch stage do:
        else what it need not compute again is asked for again.
    """

    n_patch: int
    split: int
    x_level: int = 0


@dataclass(frozen=True)
class Step:
    """One operator.

    Args:
      label: for messages.
      sources: the tensors that it reads.
      windows: per source its windows along height and width; None where a result may need all of the source.
      size: height and width of the result; 1 x 1 where it is no image.
      size_bytes: of the whole result.
      in_channels: channels of the first operand.
      macs: multiply-accumulates in the papers' count, where an element-wise sum costs one per element.
      channel_wise, weighted: whether channels stay apart, and whether there are weights; both: depthwise.
      padding: positions of padding along (height, width), both sides together.
    """

    label: str
    sources: tuple[int, ...]
    windows: tuple[tuple[Window, Window] | None, ...]
    size: Extent
    size_bytes: int
    in_channels: int
    macs: int
    channel_wise: bool
    weighted: bool
    padding: Extent

    @property
    def depthwise(self) -> bool:
        return self.weighted and self.channel_wise

    @property
    def window(self) -> tuple[Window, Window]:
        """Windows over the first source; pointwise where there are none."""
        return self.windows[0] or (POINTWISE, POINTWISE)

    @property
    def macs_per_position(self) -> int:
        return self.macs // (self.size[0] * self.size[1])


class Network:
    """A model's operators in order; `input_size` is that of the image, `last` the position of the last operator.

    Raises:
      NotPublishableError: the model does not take one image, or an operator has several results.
    """

    def __init__(self, graph: Graph):
        shapes = [graph.tensors[tensor].shape for tensor in graph.inputs]
        if len(shapes) != 1 or not is_image(shapes[0]):
            raise NotPublishableError(
                f"the published schemes take one image [1, height, width, channels], not {shapes}"
            )
        self.input_size: Extent = (shapes[0][1], shapes[0][2])
        self.input_bytes = graph.tensors[graph.inputs[0]].size_bytes
        written = {tensor: place for place, node in enumerate(graph.nodes) for tensor in node.outputs}
        self.steps = tuple(_step(graph, node, written) for node in graph.nodes)
        self.last = len(self.steps) - 1
        self.readers: dict[int, list[int]] = {tensor: [] for tensor in range(INPUT, len(self.steps))}
        for place, step in enumerate(self.steps):
            for source in step.sources:
                self.readers[source].append(place)

    def size_of(self, tensor: int) -> Extent:
        return self.input_size if tensor == INPUT else self.steps[tensor].size

    def bytes_per_position(self, tensor: int) -> int:
        """Bytes of one position (all channels) of a tensor."""
        height, width = self.size_of(tensor)
        return (self.input_bytes if tensor == INPUT else self.steps[tensor].size_bytes) // (height * width)

    def is_split(self, split: int) -> bool:
        """Whether a patch stage can end before operator `split`.

        That operator has weights and reads an image larger than one position; of the stage's tensors only the last
        one is read later; and each operator of the stage has windows.
        """
        if not 0 < split <= self.last or not self.steps[split].weighted or self.steps[split].sources != (split - 1,):
            return False
        return (
            max(self.steps[split - 1].size) > 1
            and all(source >= split - 1 for step in self.steps[split:] for source in step.sources)
            and all(window is not None for step in self.steps[:split] for window in step.windows)
        )

    def grain(self, parameters: Parameters) -> Extent:
        """Height and width of a patch of the input of operator `split`.

        Raises:
          NotPublishableError: the network cannot be cut there, or not into so many patches.
        """
        split, n = parameters.split, parameters.n_patch
        if not self.is_split(split):
            raise NotPublishableError(f"no patch stage can end before operator {split} of 0 to {self.last}")
        height, width = self.steps[split - 1].size
        if n < 1 or height % n or width % n:
            raise NotPublishableError(
                f"{n} patches per side must divide {height} x {width}, what operator {split} reads"
            )
        if not 0 <= parameters.x_level <= split:
            raise NotPublishableError(f"stream-x-level {parameters.x_level} must be 0 to the split, {split}")
        return height // n, width // n


def _step(graph: Graph, node: Node, written: dict[int, int]) -> Step:
    if len(node.outputs) != 1:
        raise NotPublishableError(f"{node.label} has {len(node.outputs)} results; the published schemes have one")
    op, shape = node.op, node.output_shapes[0]
    operands = [place for place, tensor in enumerate(node.inputs) if graph.tensors[tensor].data is None]
    sources = tuple(written.get(node.inputs[place], INPUT) for place in operands)
    windows = tuple(_windows(graph, node, place, written) for place in operands)
    padding = op.padding
    pointwise = all(window == (POINTWISE, POINTWISE) for window in windows)
    sums = len(node.inputs) > 1 and op.channel_wise and pointwise and not node.macs
    return Step(
        label=node.label,
        sources=sources,
        windows=windows,
        size=(shape[1], shape[2]) if is_image(shape) else (1, 1),
        size_bytes=graph.tensors[node.outputs[0]].size_bytes,
        in_channels=node.input_shapes[0][-1] if node.input_shapes[0] else 1,
        macs=math.prod(shape) if sums else node.macs,
        channel_wise=op.channel_wise,
        weighted=node.macs > 0,
        padding=(padding.top + padding.bottom, padding.left + padding.right) if padding else (0, 0),
    )


def _windows(graph: Graph, node: Node, operand: int, written: dict[int, int]) -> tuple[Window, Window] | None:
    tensor = node.inputs[operand]
    producer = graph.nodes[written[tensor]] if tensor in written else None
    if written_rows(graph, tensor, producer) != graph.tensors[tensor].rows:
        return None
    height, width = (edge_window(graph, node, operand, producer, axis) for axis in AXES)
    return None if height is None or width is None else (height, width)
