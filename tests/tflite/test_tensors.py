"""What a tensor must be before anybody relies on it."""

import numpy as np
import pytest

from tests.tflite.raw import constant, tensor
from verify.graph.tensor import DType, Quantization
from verify.tflite.errors import ModelError, safe_text
from verify.tflite.schema import RawQuantization, RawTensor
from verify.tflite.tensors import check_activation, check_static, read_tensor

NAN, INF = float("nan"), float("inf")


def quantized(*scales: float, points: tuple[int, ...] | None = None, axis: int = 0) -> RawQuantization:
    return RawQuantization(scales, (0,) * len(scales) if points is None else points, axis)


def weights(shape: tuple[int, ...], quantization: RawQuantization) -> RawTensor:
    return constant(7, np.zeros(shape, np.int8), quantization=quantization)


def packed(contents: list[int], shape: tuple[int, ...], quantization: RawQuantization | None = None) -> RawTensor:
    return constant(7, np.array(contents, np.uint8), shape=shape, dtype="INT4", quantization=quantization)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (tensor(7, dtype="RESOURCE"), 'tensor 7 "t7" has element type RESOURCE; known are INT8, '),
        (tensor(7, dtype="INT4"), "has element type INT4; that is known for constants, such as weights, only"),
        (packed([0, 0], (5,)), r"has 2 bytes of contents; its shape \[5\] needs 3"),
        (tensor(7, sparse=True), "is stored sparsely; convert the model without sparse weights"),
        (tensor(7, external=True), "is stored outside the flatbuffer"),
        (tensor(7, (1,) * 9), "has rank 9; at most 8 is read"),
        (tensor(7, (1, 0, 3)), r"has shape \[1, 0, 3\]; every dimension must be fixed and at least 1"),
        (tensor(7, (-1, 3)), r"has shape \[-1, 3\]; every dimension must be fixed"),
        (tensor(7, (2**31 - 1,) * 8), "more than 256 MiB"),
        (tensor(7, (2**26 + 1,), dtype="INT32"), r"has shape \[67108865\], more than 256 MiB"),
        (constant(7, np.zeros(5, np.int8), shape=(6,)), r"has 5 bytes of contents; its shape \[6\] needs 6"),
        (constant(7, np.zeros(3, np.int16), dtype="INT32"), r"has 6 bytes of contents; its shape \[3\] needs 12"),
        (tensor(7, quantization=quantized(0.0)), "has scale 0; scales must be finite and not zero"),
        (tensor(7, quantization=quantized(0.5, NAN)), "has scale nan"),
        (tensor(7, quantization=quantized(INF)), "has scale inf"),
        (tensor(7, quantization=quantized(-0.5)), "has scale -0.5; an activation's must be from 1e-30 to 1e\\+30"),
        (tensor(7, quantization=quantized(1e-38)), "has scale 1e-38; an activation's must be from 1e-30"),
        (tensor(7, quantization=quantized(0.5, points=())), "has 1 scales and 0 zero points; each scale needs one"),
        (tensor(7, quantization=quantized(0.5, points=(128,))), r"zero points outside of INT8, \[-128, 127\]"),
        (tensor(7, dtype="UINT8", quantization=quantized(0.5, points=(-1,))), r"outside of UINT8, \[0, 255\]"),
        (weights((2, 3), quantized(1, 1, 1, axis=2)), "is quantized along axis 2; its rank is 2"),
        (weights((2, 3), quantized(1, 1, 1, axis=-1)), "is quantized along axis -1; its rank is 2"),
        (weights((2, 3), quantized(1, 1, 1)), r"has 3 scales along axis 0 of its shape \[2, 3\]; they must agree"),
        (weights((), quantized(1, 1)), r"has 2 scales along axis 0 of its shape \[\]; they must agree"),
    ],
)
def test_what_breaks_a_rule_is_refused(raw: RawTensor, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        read_tensor(raw)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (tensor(7, quantization=None), "has element type INT8 and no quantization; an activation needs a scale"),
        (tensor(7, (4,), quantization=quantized(1, 1, 1, 1)), "has 4 scales; an activation has one"),
    ],
)
def test_an_activation_has_one_scale(raw: RawTensor, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        check_activation(raw, read_tensor(raw))


def test_int4_constants_are_read_as_int8_from_the_lower_half_on() -> None:
    found = read_tensor(packed([0x7F, 0x80, 0x51], (5, 1), quantized(1, 2, 3, 4, 5)))
    assert found.dtype is DType.INT8
    assert found.data is not None and found.data.dtype == np.int8
    assert found.data.tolist() == [[-1], [7], [0], [-8], [1]]
    assert found.quantization == Quantization((1, 2, 3, 4, 5), (0,) * 5)


@pytest.mark.parametrize(("shape", "signature"), [((1, 4), (-1, 4)), ((1, 4), ()), ((1, 4), (1, 4)), ((3, 4), (3, 4))])
def test_a_batch_left_open_is_taken_for_one(shape: tuple[int, ...], signature: tuple[int, ...]) -> None:
    check_static(tensor(0, shape, signature=signature))


@pytest.mark.parametrize(("shape", "signature"), [((2, 4), (-1, 4)), ((1, 4), (1, -1)), ((1, 4), (-1, -1))])
def test_an_input_of_unknown_size_is_refused(shape: tuple[int, ...], signature: tuple[int, ...]) -> None:
    with pytest.raises(ModelError, match=r'tensor 0 "t0" has a dynamic shape .*; convert the model with fixed input'):
        check_static(tensor(0, shape, signature=signature))


def test_contents_have_the_shape_and_the_element_type() -> None:
    values = np.array([[1, -2, 2**30], [4, 5, 6]], np.int32)
    read = read_tensor(constant(3, values))
    assert (read.index, read.name, read.shape, read.dtype) == (3, "t3", (2, 3), DType.INT32)
    assert read.data is not None
    np.testing.assert_array_equal(read.data, values)


def test_weights_may_have_negative_scales_along_an_axis() -> None:
    read = read_tensor(weights((2, 3), quantized(0.5, -0.25, 1, points=(0, 0, 0), axis=1)))
    assert read.quantization == Quantization((0.5, -0.25, 1), (0, 0, 0), 1)


def test_the_axis_of_a_vector_needs_no_care() -> None:
    read = read_tensor(weights((3,), quantized(1, 2, 3, axis=3)))
    assert read.quantization == Quantization((1, 2, 3), (0, 0, 0), 0)
    read = read_tensor(tensor(1, quantization=quantized(0.5, axis=3)))
    assert read.quantization == Quantization((0.5,), (0,), 0)


def test_floats_have_no_quantization() -> None:
    assert read_tensor(tensor(1, dtype="FLOAT32", quantization=quantized(0.0))).quantization is None


def test_names_are_made_printable() -> None:
    assert safe_text("a\nb\x1b[31m\u2028é") == "a?b?[31m?é"
    assert safe_text("x" * 500, limit=20) == "x" * 17 + "..."
    assert str(ModelError("a\r\nb")) == "a??b"
