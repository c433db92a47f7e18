"""Inputs and outputs of every element type, passed through, constant, listed twice: the C gives TFLM's bytes."""

from pathlib import Path

import numpy as np

from experiments.bit_exact.run import Case, load, measure, plans, prove
from tests.random_models import Net
from tests.tiny_model import activation, build_model, constant
from verify.graph.tensor import DType, Tensor

CONSTANTS = (
    np.array([[1, -(2**31), 2**31 - 1]], np.int32),
    np.array([True, False, True]),
    np.array([1, -(2**63)], np.int64),
    np.array([1, -(2**15)], np.int16),
    np.array([1.5, -2e30], np.float32),
)


def borders() -> bytes:
    """A convolution, and beside it outputs that nothing computes."""
    net = Net(0)
    x = net.input(1, 4, 3, 2)
    y = net.conv(x, 4, (3, 3), (1, 1), (1, 1))
    others = [
        activation(net.next(), (1, 5, 2), 0.1, 3, DType.UINT8),
        activation(net.next(), (3, 4), dtype=DType.FLOAT32),
        *(Tensor(net.next(), dtype.value, (2, 3), dtype) for dtype in (DType.INT32, DType.BOOL, DType.INT64)),
        activation(net.next(), (7,), 0.1, 0, DType.INT16),
    ]
    fixed = [constant(net.next(), values, 0.1 if values.dtype == np.int16 else None) for values in CONSTANTS]
    return build_model(net.sources, inputs=(x, *others), outputs=(y, x, *others, y, *fixed))


def test_what_nothing_computes_comes_out_as_in_tflm(tmp_path: Path) -> None:
    path = tmp_path / "borders.tflite"
    path.write_bytes(borders())
    case = load(path, 2)
    assert isinstance(case, Case), case
    plan = plans(case, "portable")[-1]
    row = measure(case, prove(case, plan), "host", tmp_path, 2, sanitize=True)
    assert (row.wrong_reference, row.wrong_tflm or 0, row.problems) == (0, 0, ())
