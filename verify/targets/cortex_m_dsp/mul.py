"""MUL by stj_mul_s8_dsp."""

from collections.abc import Mapping, Sequence

import numpy as np

from verify.graph.graph import Node
from verify.ops.arithmetic import Intermediate, Stored
from verify.ops.mul import Mul
from verify.ops.weights import Rescale
from verify.targets.call import Field
from verify.targets.cortex_m_dsp.add import side_by_side
from verify.targets.cortex_m_dsp.rescaling import Rescaling, rescaling
from verify.targets.portable.broadcast import PortableBinary, binary_fields

FULL: Stored = (-128, 127)


class MulDspKernel(PortableBinary[Mul]):
    """Rows and regions, where both operands' channels lie side by side."""

    name = "stj_mul_s8_dsp"
    operator = Mul
    params_type = "stj_mul_dsp_params"
    features = frozenset({"dsp"})

    def runs(self, node: Node) -> bool:
        op = node.op
        if not isinstance(op, Mul) or not side_by_side(op) or (scale := rescaling_of(op)) is None:
            return False
        found = scale.intermediates(*products(op, (FULL, FULL)))
        return all(i.bounds[0] <= i.low.min(initial=0) and i.high.max(initial=0) <= i.bounds[1] for i in found)

    def intermediates(self, node: Node, stored: Sequence[Stored]) -> tuple[Intermediate, ...]:
        op = self.op(node)
        return self.scale(node).intermediates(*products(op, stored))

    def scale(self, node: Node) -> Rescaling:
        scale = rescaling_of(self.op(node))
        assert scale is not None, f"{self.name} does not compute {node.label}"
        return scale

    def params(self, node: Node) -> Mapping[str, Field]:
        op, scale = self.op(node), self.scale(node)
        fields: dict[str, Field] = dict(binary_fields(op))
        for name in ("multiplier", "addend", "shift"):
            fields[name] = int(getattr(scale, name)[0])
        return fields | {"out_min": op.low, "out_max": op.high}


def products(op: Mul, stored: Sequence[Stored]) -> tuple[np.ndarray, np.ndarray]:
    """Interval of the operands' product, zero points taken off."""
    ends = [[x - scale.zero_point for x in low_high] for low_high, scale in zip(stored, op.scales, strict=True)]
    found = [a * b for a in ends[0] for b in ends[1]]
    return np.array([min(found)]), np.array([max(found)])


def rescaling_of(op: Mul) -> Rescaling | None:
    """Of twice the product; None where one multiplication does not give the bits."""
    multiplier, shift = op.multiplier
    rescale = Rescale(np.array([multiplier]), np.array([shift]), op.output.zero_point, op.low, op.high)
    return rescaling(rescale, products(op, (FULL, FULL)), 1)
