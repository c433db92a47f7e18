"""FULLY_CONNECTED by stj_fully_connected_s8_dsp: one vector by four output channels at a time."""

import math
from collections.abc import Iterator, Mapping

from verify.graph.graph import Node
from verify.graph.tensor import row_count
from verify.ops.fully_connected import FullyConnected
from verify.targets.call import Field
from verify.targets.cortex_m_dsp.products import PACKED_BITS, UNIT, Layout
from verify.targets.cortex_m_dsp.rescaling import FINEST, accumulators, rescaling
from verify.targets.cortex_m_dsp.weighted import Plan, ProductKernel, matrix_of
from verify.targets.kernel import Work


class FullyConnectedDsp(ProductKernel[FullyConnected]):
    """Rows of vectors; weights are int8, two in a halfword, which takes accumulators below 2^23."""

    name = "stj_fully_connected_s8_dsp"
    operator = FullyConnected
    params_type = "stj_fully_connected_dsp_params"

    def plans(self, node: Node) -> Iterator[Plan]:
        op = self.op(node)
        matrix = matrix_of(op, op.input_zero_point)
        ends = accumulators(matrix.weights, op.bias, op.input_zero_point)
        for finest in FINEST:
            if scale := rescaling(op.rescale, ends, PACKED_BITS, op.rounding, finest=finest):
                yield Plan(matrix, scale, Layout(4, wide=False), int(scale.halves))

    def tiles(self, node: Node) -> bool:
        return False

    def scratch_bytes(self, node: Node) -> int:
        """The vector as two words for each unit."""
        return 8 * self.plan(node).matrix.units

    def reads_past(self, node: Node, operand: int) -> int:
        """A vector is read by words."""
        return -self.op(node).weights.shape[1] % UNIT

    def work(self, node: Node, rows: int, columns: int | None) -> Work:
        """Vectors; the units that each is made into, once, and those of each four channels."""
        op, plan = self.op(node), self.plan(node)
        vectors = rows * math.prod(op.output_shape) // plan.channels // row_count(op.output_shape)
        units, groups = plan.matrix.units, -(-plan.channels // 4)
        done = {"call": 1.0, "vector": vectors, "unit": vectors * units, "value": vectors * plan.channels}
        return done | {"four": vectors * groups, "unit of four": vectors * groups * units}

    def params(self, node: Node) -> Mapping[str, Field]:
        op, plan = self.op(node), self.plan(node)
        out_depth, in_depth = op.weights.shape
        fields: dict[str, Field] = {"stream": "stream", "units": plan.matrix.units, "away": plan.form}
        fields |= {"in_depth": in_depth, "out_depth": out_depth}
        fields["vectors_per_row"] = math.prod(op.output_shape) // out_depth // row_count(op.output_shape)
        fields |= {"in_zero_point": op.input_zero_point, "out_zero_point": op.rescale.zero_point}
        return fields | {"out_min": op.rescale.low, "out_max": op.rescale.high}
