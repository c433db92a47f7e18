"""ADD and SUB by stj_add_s8_dsp."""

import functools
from collections.abc import Mapping, Sequence

import numpy as np

from verify.graph.graph import Node
from verify.ops.add import Add
from verify.ops.arithmetic import Intermediate, Stored, intermediate
from verify.ops.broadcast import Binary, broadcast_strides
from verify.ops.rows import five_axes
from verify.targets.call import Field
from verify.targets.cortex_m_dsp.lines import BYTES, Line, fitted
from verify.targets.portable.broadcast import PortableBinary, binary_fields


class AddDspKernel(PortableBinary[Add]):
    """Rows and regions, where both operands' channels lie side by side and one line gives the sum."""

    name = "stj_add_s8_dsp"
    operator = Add
    params_type = "stj_add_dsp_params"
    features = frozenset({"dsp"})

    def runs(self, node: Node) -> bool:
        op = node.op
        return isinstance(op, Add) and side_by_side(op) and line_of(op) is not None

    def intermediates(self, node: Node, stored: Sequence[Stored]) -> tuple[Intermediate, ...]:
        op, line = self.op(node), line_of(self.op(node))
        assert line is not None, f"{self.name} does not compute {node.label}"
        wrong = line.results(op.low, op.high) - wanted(op)
        ends = [np.array(low_high, np.int64) for low_high in stored]
        sums = line.sums(ends[0][:, None], ends[1][None, :])
        return (
            intermediate("sum before its shift", sums.min(), sums.max()),
            intermediate("line less the operator's result, of all pairs", wrong.min(), wrong.max(), (0, 0)),
        )

    def params(self, node: Node) -> Mapping[str, Field]:
        op, line = self.op(node), line_of(self.op(node))
        assert line is not None, f"{self.name} does not compute {node.label}"
        fields = {name: field for name, field in binary_fields(op).items() if name != "in_zero_point"}
        fields |= {"multiplier": (line.first, line.second), "addend": line.addend}
        return fields | {"out_min": op.low, "out_max": op.high}


def side_by_side(op: Binary) -> bool:
    """Whether a step along the result's channels, as `binary_fields` has them, is one byte in both operands."""
    steps = [broadcast_strides(shape, op.result).elements[4] for shape in op.shapes]
    return five_axes(op.result)[4] == 1 or steps == [1, 1]


def wanted(op: Add) -> np.ndarray:
    """The operator's results of all pairs of bytes, [a, b]."""
    return np.clip(op.combine(BYTES[:, None], BYTES[None, :]), op.low, op.high)


@functools.lru_cache(maxsize=512)
def line_of(op: Add) -> Line | None:
    """A line for all pairs of bytes, whose sums fit int32; None where there is none."""
    first, second = (scale.scale / op.output.scale for scale in op.scales)
    line = fitted(wanted(op), (first, op.sign * second), op.low, op.high)
    ends = np.array([-128, 127])
    fits = line is not None and bool(np.abs(line.sums(ends[:, None], ends[None, :])).max() < 2**31)
    return line if fits else None
