"""Where a node finds its operands and puts its results: buffers of a plan as views.

A buffer that keeps all of its tensor can be seen under any shape of the same bytes. One that keeps part of it has
slots, and slots mean the same pixel to writer and reader only under one shape; anything else is refused.
"""

from verify.graph.graph import Graph, Node
from verify.graph.plan import Buffer, Plan, Policy
from verify.graph.tensor import is_image, row_count
from verify.ops.streaming import written_rows
from verify.program.program import Base, Pixels, Place, Rows
from verify.program.refuse import require, require_int32

Shape = tuple[int, ...]


class Views:
    """The buffers of one plan, as its nodes see them."""

    def __init__(self, graph: Graph, plan: Plan):
        self.graph = graph
        self.buffers = {buffer.tensor: buffer for buffer in plan.buffers}
        for buffer in plan.buffers:
            self._check(buffer)

    def name(self, tensor: int) -> str:
        return f'tensor {tensor} "{self.graph.tensors[tensor].name}"'

    def place(self, tensor: int, delay: int = 0) -> Place:
        """Where the frame `delay` frames back begins."""
        if self.graph.tensors[tensor].data is not None:
            return Place(Base.CONSTANT, 0, tensor)
        buffer = self.buffers[tensor]
        if buffer.policy is Policy.EXTERNAL:
            return Place(Base.SOURCE, 0, self.graph.inputs.index(tensor))
        if buffer.frames == 1:
            require(delay == 0, "C8", self.name(tensor), f"is read {delay} frames back, but one frame of it is kept")
            return Place(Base.ARENA, buffer.offset)
        size = self.graph.tensors[tensor].size_bytes
        return Place(Base.ARENA, buffer.offset, slots=buffer.frames, slot_bytes=size, delay=delay)

    def rows(self, tensor: int, shape: Shape, delay: int = 0) -> Rows:
        """All of a tensor, or a ring of rows, under the shape `shape` of a node's own view."""
        size, count = self.graph.tensors[tensor].size_bytes, row_count(shape)
        require(size % count == 0, "C4", self.name(tensor), f"of {size} bytes is seen as {count} rows")
        return Rows(tensor, self.place(tensor, delay), size // count, self._capacity(tensor, count))

    def _capacity(self, tensor: int, count: int) -> int:
        if self.graph.tensors[tensor].data is not None or self.buffers[tensor].policy is not Policy.RING:
            return count
        buffer, written = self.buffers[tensor], self.written_rows(tensor)
        require(not buffer.tiled, "C3", self.name(tensor), "is kept by pixels, but a kernel for whole rows uses it")
        text = f"is kept as a ring of {buffer.rows} rows of {written}, but a node sees it as {count} rows"
        require(count == written, "C3", self.name(tensor), f"{text}; slots then differ between writer and reader")
        return buffer.rows

    def pixels(self, tensor: int, shape: Shape, delay: int = 0) -> Pixels:
        """An image, or the pixels that are kept of it."""
        data = self.graph.tensors[tensor]
        text = f"has the shape {data.shape}, but a node that computes it by columns sees {shape}"
        require(is_image(data.shape) and data.shape == shape, "C2", self.name(tensor), text)
        _, height, width, channels = data.shape
        pixel = channels * data.dtype.size_bytes
        place, buffer = self.place(tensor, delay), self.buffers.get(tensor)
        if data.data is not None or buffer is None or buffer.policy is not Policy.RING:
            return Pixels(tensor, place, pixel, width, height, height * width)
        if buffer.pixels:
            return Pixels(tensor, place, pixel, width, 0, buffer.pixels)
        columns = buffer.columns or width
        return Pixels(tensor, place, pixel, columns, buffer.rows, buffer.rows * columns)

    def frames(self, node: Node) -> Rows:
        """The frames of its only operand that a node slides over: a row of the view is a whole frame."""
        tensor = node.inputs[0]
        buffer, delays = self.buffers[tensor], node.delays_of(0)
        text = f"slides over {delays[0] + 1} frames of {self.name(tensor)}, of which the plan keeps {buffer.frames}"
        whole = buffer.policy is Policy.WHOLE and buffer.frames > delays[0]
        require(whole, "C8", node.label, text)
        return Rows(tensor, Place(Base.ARENA, buffer.offset), self.graph.tensors[tensor].size_bytes, buffer.frames)

    def written_rows(self, tensor: int) -> int:
        """Rows in which a tensor comes into being."""
        return written_rows(self.graph, tensor, self.graph.producers.get(tensor))

    def _check(self, buffer: Buffer) -> None:
        subject = self.name(buffer.tensor)
        require_int32(f"buffer of {subject}", offset=buffer.offset, rows=buffer.rows, frames=buffer.frames)
        require_int32(f"buffer of {subject}", columns=buffer.columns, pixels=buffer.pixels)
        external = buffer.policy is Policy.EXTERNAL
        text = f"stays in the caller's memory, but has the offset {buffer.offset}; there it begins at 0"
        require(not external or buffer.offset == 0, "C4", subject, text)
        kept = self.graph.kept_frames(buffer.tensor)
        text = f"keeps {buffer.frames} frames; the model reads {kept} of it, and a plan keeps as many"
        require(buffer.frames == kept, "C8", subject, text)
