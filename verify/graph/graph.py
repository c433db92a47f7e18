"""The model as a graph of operators over tensors, in execution order. Data only.

Reading has already folded constants, aliased reshapes away and absorbed paddings where that is exact, so a node's
view of a tensor (`input_shapes`) may differ from the tensor's own shape; the bytes are the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from verify.graph.learning import Readout
from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from verify.ops.base import Op


@dataclass(frozen=True, eq=False)
class Node:
    """One operator application.

    Args:
      index: position of the operator in the model file (reports and errors use it).
      name: name of its first output tensor.
      op: attributes and facts, resolved: weights, multipliers, geometry.
      inputs: keys into `Graph.tensors`, activations and the constants read element by element (an ADD's constant);
        weights and biases belong to `op`.
      outputs: keys into `Graph.tensors`.
      input_shapes, output_shapes: the shapes under which this node sees them.
      delays: in the program of one frame of a clip (verify.clip), which frames each operand is read from: 0 is the
        frame of this run, 1 the one before. Several, oldest first, for an operator that slides over frames: its view
        then has one row per frame. Empty where every operand is this frame's.
    """

    index: int
    name: str
    op: "Op"
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    input_shapes: tuple[tuple[int, ...], ...]
    output_shapes: tuple[tuple[int, ...], ...]
    delays: tuple[tuple[int, ...], ...] = ()

    def delays_of(self, operand: int) -> tuple[int, ...]:
        """Frames back from which an operand is read, oldest first."""
        return self.delays[operand] if self.delays else (0,)

    @property
    def slides_over_frames(self) -> bool:
        """Whether the rows of an operand are frames."""
        return any(len(delays) > 1 for delays in self.delays)

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one run; a window over frames gives one row where its operator has one per slot."""
        slots = self.input_shapes[0][1] - self.delays[0][0] if self.slides_over_frames else 1
        return self.op.macs // slots

    @property
    def label(self) -> str:
        return f'op {self.index} "{self.name}" ({self.op.kind})'


@dataclass(frozen=True)
class LeftOut:
    """Channels of a tensor (positions along its last axis, ascending) that are left out, and what each of them holds.

    A value of None is that of a channel that need not hold one value: nothing that stays reads it.
    """

    tensor: int
    channels: tuple[int, ...]
    values: tuple[int | None, ...]


@dataclass(frozen=True, eq=False)
class State:
    """Tensor `read` holds in each call what `written` held at the end of the call before, in the first one `first`."""

    read: int
    written: int
    first: np.ndarray


@dataclass(frozen=True, eq=False)
class Graph:
    """A whole model. `nodes` are topologically ordered; `sha256` is that of the file's bytes, in hex.

    `output_shapes` and `input_shapes` are what the model file declares for its interface.

    A graph may be the program of one frame of a clip model (verify.clip). Then `clip_frames` is the clip's length,
    `warm_up` how many frames pass before the outputs are the clip model's, and `fills` the stored value that stands for
    frames before the first one, for tensors whose history the clip model pads. `rings` are tensors of which more
    frames are kept than are read, so that all rings stand as before after fewer frames. Of the clip model's outputs,
    which have `results` positions in time, position p comes at frame `first_result` + p, one at each frame; with one
    position, whatever its parts are, all of it comes with the clip's last frame (verify.graph.answers).

    A model may have `states`, which nobody writes and which outlive a call; verify.clip.calls makes of it the program
    of one call, in which they are what was computed one call, or several, before.

    Of a file of several subgraphs it is number `subgraph`. `notes` say what reading took for granted.

    `upright` says that signals along width are seen as signals along height (verify.tflite.upright). `phased` are
    operators, by index, that read the rows of their operands in phases (verify.ops.row_phases).

    `readout` is the last layer of the model, where that was taken off for a head that learns (verify.ops.readout).

    A graph may be what is left of another one, `whole`, without the channels `left_out` (verify.channels.reduced).
    """

    name: str
    sha256: str
    tensors: dict[int, Tensor]
    nodes: tuple[Node, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    input_shapes: tuple[tuple[int, ...], ...]
    output_shapes: tuple[tuple[int, ...], ...]
    clip_frames: int = 1
    warm_up: int = 0
    rings: dict[int, int] = field(default_factory=dict)
    results: int = 1
    first_result: int = 0
    fills: dict[int, int] = field(default_factory=dict)
    upright: bool = False
    phased: tuple[int, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    whole: "Graph | None" = None
    subgraph: int = 0
    notes: tuple[str, ...] = ()
    states: tuple[State, ...] = ()
    readout: Readout | None = None

    @cached_property
    def by_index(self) -> dict[int, Node]:
        """The nodes by their position in the model file, which is how plans name them."""
        return {node.index: node for node in self.nodes}

    @cached_property
    def producers(self) -> dict[int, Node]:
        """Per tensor the node that writes it; network inputs and constants have none."""
        return {tensor: node for node in self.nodes for tensor in node.outputs}

    @cached_property
    def readers(self) -> dict[int, tuple[Node, ...]]:
        """Per tensor the nodes that read it, in order, each once; only tensors that are read are in it."""
        found: dict[int, tuple[Node, ...]] = {}
        for node in self.nodes:
            for tensor in dict.fromkeys(node.inputs):
                found[tensor] = (*found.get(tensor, ()), node)
        return found

    @cached_property
    def goes_on(self) -> bool:
        """Whether something outlives a run: what one frame, or one call, computes is read in later ones."""
        return any(delay for node in self.nodes for delays in node.delays for delay in delays)

    @property
    def stateful(self) -> bool:
        """Whether outputs depend on earlier calls: a model with states, or a program that goes on."""
        return bool(self.states) or self.goes_on

    def feeds_later_frames(self) -> set[int]:
        """Indices of the nodes whose results later frames need; the others may be left out of some frames."""
        needed = {t for t in self.tensors if self.kept_frames(t) > 1}
        found: set[int] = set()
        for node in reversed(self.nodes):
            if needed.intersection(node.outputs):
                found.add(node.index)
                needed.update(node.inputs)
        return found

    def frames_stand_alone(self) -> bool:
        """Whether all that later frames need of a frame depends on that frame alone.

        Then a frame that repeats the one before leaves the same behind, and need not be computed again.
        """
        feeds = self.feeds_later_frames()
        kept = {t for t in self.tensors if self.kept_frames(t) > 1}
        alone = all(delay == 0 for n in self.nodes if n.index in feeds for delays in n.delays for delay in delays)
        made = {t for n in self.nodes if n.index in feeds for t in n.outputs} | set(self.inputs)
        read = {t for n in self.nodes if n.index not in feeds for t in n.inputs}
        return bool(kept) and alone and not (read & made) - kept

    def kept_frames(self, tensor: int) -> int:
        """How many frames of a tensor are kept: one more than the largest delay from which it is read, or more."""
        delays = [
            delay
            for node in self.readers.get(tensor, ())
            for operand, read in enumerate(node.inputs)
            if read == tensor
            for delay in node.delays_of(operand)
        ]
        return max(1 + max(delays, default=0), self.rings.get(tensor, 1))


def without_unused(nodes: Sequence[Node], outputs: Iterable[int], states: Sequence[State] = ()) -> list[Node]:
    """The nodes, in their order, without those whose results nobody reads, in this call or in a later one."""
    ends = set(outputs)
    while True:
        needed, kept = set(ends), list[Node]()
        for node in reversed(nodes):
            if needed.intersection(node.outputs):
                kept.append(node)
                needed.update(node.inputs)
        later = {state.written for state in states if state.read in needed}
        if later <= ends:
            return kept[::-1]
        ends |= later
