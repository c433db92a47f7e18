"""The model as a graph of operators over tensors, in execution order. Data only.

Reading has already folded constants, aliased reshapes away and absorbed paddings where that is exact, so a node's
view of a tensor (`input_shapes`) may differ from the tensor's own shape; the bytes are the same.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    """

    index: int
    name: str
    op: "Op"
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    input_shapes: tuple[tuple[int, ...], ...]
    output_shapes: tuple[tuple[int, ...], ...]

    @property
    def label(self) -> str:
        return f'op {self.index} "{self.name}" ({self.op.kind})'


@dataclass(frozen=True, eq=False)
class Graph:
    """A whole model. `nodes` are topologically ordered; `sha256` is that of the file's bytes, in hex.

    `output_shapes` and `input_shapes` are what the model file declares for its interface.
    """

    name: str
    sha256: str
    tensors: dict[int, Tensor]
    nodes: tuple[Node, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    input_shapes: tuple[tuple[int, ...], ...]
    output_shapes: tuple[tuple[int, ...], ...]
