"""What planner, checker and exporter ask of a kernel: how one operator is computed by a target.

A proof builds on most answers, so they have no default: a kernel that leaves one open cannot be made.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, Generic, Self, TypeVar

import numpy as np

from verify.graph.graph import Node
from verify.graph.tensor import Axis, is_image, row_count
from verify.ops.arithmetic import Intermediate, Stored
from verify.targets.call import Constant, Field, KernelCall

T = TypeVar("T")

Work = Mapping[str, float]
"""How much of each kind of thing is to be done; for the estimate of instructions (verify.targets.cost)."""


class Kernel(ABC, Generic[T]):
    """A kernel: one C function for rows, one for regions where it has tiles, and what they need.

    Attributes:
      name: the C function's; its header and its source file are called the same.
      operator: the class of operators that it computes.
      params_type: C type of its parameter struct.
      features: what the target must have, in words of its own ("dsp", "mve").
      form: which way of using these functions it is, where there are several (`forms`).
      packed: whether it stores its weights in less than a byte each.
    """

    name: ClassVar[str]
    operator: type[T]
    params_type: ClassVar[str]
    features: ClassVar[frozenset[str]] = frozenset()
    form: str = ""
    packed: ClassVar[bool] = False

    @property
    def called(self) -> str:
        """What plans call it: by the function and the form."""
        return f"{self.name}/{self.form}" if self.form else self.name

    def forms(self) -> tuple[Self, ...]:
        """Other ways of using the same functions: less working memory for more instructions, the fewest first."""
        return ()

    @property
    def tile_name(self) -> str:
        """Name of the function for regions, for nodes that have one (`tiles`)."""
        return f"{self.name}_tile"

    def op(self, node: Node) -> T:
        """The node's operator, which must be one of this kernel's."""
        assert isinstance(node.op, self.operator), f"{self.name} does not compute {node.label}"
        return node.op

    def runs(self, node: Node) -> bool:
        """Whether it computes this very node."""
        return isinstance(node.op, self.operator)

    @abstractmethod
    def intermediates(self, node: Node, stored: Sequence[Stored]) -> tuple[Intermediate, ...]:
        """Integers that it computes besides those that the operator names, and what they must stay within (claim C6).

        Args:
          node: the operator.
          stored: what each operand can hold.
        """

    @abstractmethod
    def tiles(self, node: Node) -> bool:
        """Whether its file has a function that computes a region of rows and columns of this node."""

    @abstractmethod
    def in_place(self, node: Node) -> frozenset[int]:
        """Operands whose storage the output may take over: element i is read, for good, before element i is written."""

    @abstractmethod
    def scratch_bytes(self, node: Node) -> int:
        """Bytes of working memory that it needs besides operands and results: the last view of its `out`, if any."""

    @abstractmethod
    def reads_past(self, node: Node, operand: int) -> int:
        """Bytes that it may read past the end of a row of an operand: of no matter, but they must be there."""

    @abstractmethod
    def stack_bytes(self, tile: bool) -> int:
        """Deepest use of the stack below the call: its own frame and those of what it calls."""

    def work(self, node: Node, rows: int, columns: int | None) -> Work:
        """What a call for so many result rows (and columns; None: all of them) has to do, in words of its own.

        Its measured prices go by these words, all of which it names for every node: what is not done is 0.
        """
        shape = node.output_shapes[0]
        total, width = row_count(shape), shape[-2] if is_image(shape) else 1
        share = rows / total * ((width if columns is None else columns) / width)
        values = share * sum(math.prod(shape) for shape in node.output_shapes)
        read = share * sum(math.prod(shape) for shape in node.input_shapes)
        positions = rows * (width if columns is None else columns)
        taps, there = _taps(node)
        done = {"call": 1, "row": rows, "position": positions, "value": values, "read": read}
        done |= {"mac": node.macs * share} if node.macs else {}
        done |= {"tap": positions * taps, "tap there": positions * there}
        return done | {"value tap": values * taps, "value tap there": values * there}

    @abstractmethod
    def params(self, node: Node) -> Mapping[str, Field]:
        """Fields of the parameter struct in the order of their declaration; arrays by their names in `stored`."""

    def stored(self, node: Node) -> Mapping[str, np.ndarray]:
        """The weight layout: arrays by name, as they lie in flash, from the operator's constants."""
        return {}

    def restored(self, node: Node, arrays: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        """The inverse of `stored`: the operator's own `constants`, from arrays as they were read back (flat)."""
        return {}

    def call(self, node: Node, prefix: str) -> KernelCall:
        """The call of this node; the names of its arrays begin with `prefix` and an underscore."""
        constants = tuple(Constant(f"{prefix}_{name}", values) for name, values in self.stored(node).items())
        fields = {name: _prefixed(field, prefix) for name, field in self.params(node).items()}
        return KernelCall(self.name, self.params_type, fields, constants, self.tiles(node))

    def flash_bytes(self, node: Node) -> int:
        """Bytes of flash for the constants and the parameters of this node."""
        return self.call(node, "").flash_bytes


def _taps(node: Node) -> tuple[float, float]:
    """Taps of the first operand's window, and how many of them lie on the image, on the average."""
    taps = there = 1.0
    for axis in (Axis.HEIGHT, Axis.WIDTH):
        if (window := node.op.window(0, axis)) is not None and is_image(node.input_shapes[0]):
            at = 1 if axis is Axis.HEIGHT else 2
            extent, results = node.input_shapes[0][at], node.output_shapes[0][at]
            starts = np.array([window.start(position) for position in range(results)])
            places = starts[:, None] + window.dilation * np.arange(window.kernel)
            taps *= window.kernel
            there *= float(((places >= 0) & (places < extent)).sum() / results)
    return taps, there


def _prefixed(field: Field, prefix: str) -> Field:
    if isinstance(field, tuple):
        return tuple(_prefixed(part, prefix) for part in field)
    return f"{prefix}_{field}" if isinstance(field, str) else field
