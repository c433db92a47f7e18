"""UNIDIRECTIONAL_SEQUENCE_LSTM by stj_unidirectional_sequence_lstm_s8."""

from collections.abc import Mapping

import numpy as np

from verify.graph.graph import Node
from verify.ops.unidirectional_sequence_lstm import UnidirectionalSequenceLstm
from verify.targets.call import Field
from verify.targets.portable.base import Portable


class UnidirectionalSequenceLstmKernel(Portable[UnidirectionalSequenceLstm]):
    """All sequences and steps at once."""

    name = "stj_unidirectional_sequence_lstm_s8"
    operator = UnidirectionalSequenceLstm
    params_type = "stj_unidirectional_sequence_lstm_params"

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        batches, steps = op.sequences
        fields: dict[str, Field] = {name: name for name in ("weights", "recurrent", "bias", "recurrent_bias")}
        for name, pairs in (
            ("", [gate.scale for gate in op.gates]),
            ("again_", [gate.recurrent_scale for gate in op.gates]),
            ("cell_", op.cell_factors),
        ):
            fields |= {f"{name}multiplier": tuple(m for m, _ in pairs), f"{name}shift": tuple(s for _, s in pairs)}
        fields |= {"out_zero_point": op.zero_points[1], "cell_min": op.cells[0], "cell_max": op.cells[1]}
        fields |= {"tanh_shift": op.shift, "batches": batches, "steps": steps}
        strides = (1, batches) if op.time_major else (steps, 1)
        fields |= {"batch_stride": strides[0], "step_stride": strides[1]}
        return fields | {"depth": op.shape[-1], "units": op.units}

    def stored(self, node: Node) -> Mapping[str, np.ndarray]:
        op, own = self.op(node), self.op(node).constants
        bias = own["bias"] - _of_zero_point(own["weights"], op.zero_points[0])
        again = -_of_zero_point(own["recurrent"], op.zero_points[1])
        return {"weights": own["weights"], "recurrent": own["recurrent"], "bias": bias, "recurrent_bias": again}

    def restored(self, node: Node, arrays: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        op, own = self.op(node), self.op(node).constants
        found = {name: arrays[name].reshape(values.shape) for name, values in own.items()}
        again = -_of_zero_point(found["recurrent"], op.zero_points[1])
        found["bias"] = found["bias"] + _of_zero_point(found["weights"], op.zero_points[0])
        return found if np.array_equal(arrays["recurrent_bias"].reshape(again.shape), again) else {}


def _of_zero_point(weights: np.ndarray, zero_point: int) -> np.ndarray:
    """What a zero point adds to each sum, modulo 2^32."""
    return (zero_point * weights.astype(np.int64).sum(axis=-1)).astype(np.int32)
