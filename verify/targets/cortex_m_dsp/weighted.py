"""Kernels whose layers are products of weights with vectors: how a node is planned, stored and had back."""

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from verify.graph.graph import Node
from verify.ops.arithmetic import Intermediate, Stored
from verify.ops.weights import Weighted
from verify.targets.cortex_m_dsp.products import Layout, Matrix
from verify.targets.cortex_m_dsp.rescaling import Rescaling, accumulators
from verify.targets.measured import Measured

FULL: Stored = (-128, 127)

T = TypeVar("T", bound=Weighted)


@dataclass(frozen=True, eq=False)
class Plan:
    """How a layer is computed.

    Args:
      matrix: the layer as a product.
      scale: how its accumulators are scaled and rescaled.
      layout: of the stream.
      form: which of the product's rescalings it is.
    """

    matrix: Matrix
    scale: Rescaling
    layout: Layout
    form: int

    @property
    def channels(self) -> int:
        return len(self.matrix.weights)

    def intermediates(self, stored: Stored) -> tuple[Intermediate, ...]:
        """What must fit, for inputs within `stored`."""
        m = self.matrix
        return self.scale.intermediates(*accumulators(m.weights, m.bias, m.input_zero_point, stored))

    @property
    def exact(self) -> bool:
        """Whether weights lie in the layout, and everything fits for all int8 inputs."""
        return self.layout.fits(self.matrix, self.scale) and all(
            bool((i.low >= i.bounds[0]).all() and (i.high <= i.bounds[1]).all()) for i in self.intermediates(FULL)
        )


class ProductKernel(Measured[T]):
    """Weights, biases and rescaling in one stream of words."""

    features = frozenset({"dsp"})

    def plans(self, node: Node) -> Iterator[Plan]:
        """Ways to compute a node, the fastest first; whether they are exact is not their question."""
        raise NotImplementedError

    def plan(self, node: Node) -> Plan:
        plan = _exact(self, node)
        assert plan is not None, f"{self.name} does not compute {node.label}"
        return plan

    def runs(self, node: Node) -> bool:
        return isinstance(node.op, self.operator) and _exact(self, node) is not None

    def intermediates(self, node: Node, stored: Sequence[Stored]) -> tuple[Intermediate, ...]:
        return self.plan(node).intermediates(stored[0])

    def in_place(self, node: Node) -> frozenset[int]:
        return frozenset()

    def stored(self, node: Node) -> Mapping[str, np.ndarray]:
        plan = self.plan(node)
        return {"stream": plan.layout.stream(plan.matrix, plan.scale)}

    def restored(self, node: Node, arrays: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        op, plan = self.op(node), self.plan(node)
        found = plan.layout.constants(arrays["stream"], plan.matrix, op.rescale, plan.scale)
        return {**found, "weights": found["weights"].reshape(op.weights.shape)}


@functools.lru_cache(maxsize=512)
def _exact(kernel: ProductKernel[T], node: Node) -> Plan | None:
    """The first plan that is exact: asked for many times of each node of a model."""
    return next((plan for plan in kernel.plans(node) if plan.exact), None)


def matrix_of(op: Weighted, input_zero_point: int) -> Matrix:
    return Matrix(op.weights.reshape(len(op.weights), -1), op.bias, input_zero_point)


def clamps(op: Weighted) -> bool:
    """Whether results have a range of their own, beyond that of int8."""
    return (op.rescale.low, op.rescale.high) != FULL
