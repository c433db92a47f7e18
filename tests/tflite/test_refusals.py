"""Which operators of a model are refused, which of them is named first, and what is said of it."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest

from tests.tflite.raw import KINDS, constant, model, operator, tensor
from tests.tiny_model import activation, build_model
from verify.graph.tensor import DType
from verify.ops.base import OperatorSource
from verify.tflite import ModelError, read, read_model
from verify.tflite.read import build_graph
from verify.tflite.schema import RawModel, RawOperator, RawTensor

FLOAT = {"dtype": "FLOAT32", "quantization": None}


@pytest.fixture
def made_up_operators(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "operators", lambda: KINDS)


def chain(*operators: RawOperator, tensors: Sequence[RawTensor] | None = None) -> RawModel:
    """From tensor 0 to the last operator's result."""
    count = 1 + max(key for found in operators for key in (*found.inputs, *found.outputs))
    return model(tensors or [tensor(k) for k in range(count)], operators, (0,), operators[-1].outputs)


def refusal(found: RawModel) -> ModelError:
    with pytest.raises(ModelError) as caught:
        build_graph(found, "made up", "0" * 64)
    return caught.value


def island(*kinds: str) -> RawModel:
    """int8, then these operators in float, one after the other, then int8 again."""
    tensors = [tensor(0), *(tensor(1 + k, **FLOAT) for k in range(len(kinds) + 1)), tensor(len(kinds) + 2)]
    steps = ("COPY", *kinds, "COPY")
    return chain(*(operator(k, kind, [k], [k + 1]) for k, kind in enumerate(steps)), tensors=tensors)


@pytest.mark.usefixtures("made_up_operators")
class TestAll:
    def test_one_is_not_counted(self) -> None:
        error = refusal(chain(operator(0, "NEW", [0], [1])))
        assert str(error) == 'op 0 "t1" (NEW): this operator is not supported; docs/OPS.md lists those that are'
        assert [(o.index, o.kind, o.label) for o in error.obstacles] == [(0, "NEW", 'op 0 "t1" (NEW)')]

    def test_several_are_listed_with_their_places(self) -> None:
        kinds = ["NEW", "COPY", "NEW", "OTHER", *["NEW"] * 4]
        error = refusal(
            chain(*(operator(k, kind, [k], [k + 1]) for k, kind in enumerate(kinds)), operator(8, "REFUSED", [8], [9]))
        )
        assert str(error).endswith(
            "; 8 operators are not supported: NEW (ops 0, 2, 4, 5 and 2 more), OTHER (op 3), REFUSED (op 8)"
        )
        assert error.obstacles[-1].reason == "stride 9 is not supported; at most 8"

    def test_one_reason_for_all_is_said_once(self) -> None:
        floats = [tensor(k, **FLOAT) for k in range(6)]
        error = refusal(chain(*(operator(k, "REFUSED", [k], [k + 1]) for k in range(5)), tensors=floats))
        assert "float activations are not supported; convert with" in str(error)
        assert str(error).endswith("; the same holds for 4 other operators")

    def test_what_lacks_a_constant_of_a_refused_operator_is_none(self) -> None:
        """VIEW wants its second operand constant, which it would be."""
        tensors = [tensor(0), constant(1, np.zeros(2, np.int32)), tensor(2), tensor(3), tensor(4)]
        steps = operator(0, "NEW", [1], [2]), operator(1, "VIEW", [0, 2], [3]), operator(2, "OTHER", [3], [4])
        assert [o.kind for o in refusal(chain(*steps, tensors=tensors)).obstacles] == ["NEW", "OTHER"]

    def test_what_reads_a_result_that_cannot_be_is_none_either(self) -> None:
        tensors = [tensor(0), tensor(1, (0, 3)), tensor(2)]
        found = chain(operator(0, "NEW", [0], [1]), operator(1, "COPY", [1], [2]), tensors=tensors)
        assert [o.kind for o in refusal(found).obstacles] == ["NEW"]


@pytest.mark.usefixtures("made_up_operators")
class TestTheFirst:
    def test_it_is_the_one_without_an_int8_kernel(self) -> None:
        error = refusal(island("REFUSED", "SQUARE", "REFUSED"))
        assert str(error).startswith(
            'op 2 "t3" (SQUARE): TFLite has no int8 kernel for SQUARE, so the converter kept it float; say it in'
            " others: MUL of the tensor with itself; 3 operators are not supported: REFUSED (ops 1 and 3), SQUARE (op"
            " 2)"
        )
        assert [o.index for o in error.obstacles] == [1, 2, 3], "in the file's order all the same"

    def test_an_operator_that_tflm_lacks_is_named_so(self) -> None:
        assert "kept it float, and TensorFlow Lite Micro has no int8 kernel for EXP" in str(refusal(island("EXP")))
        error = refusal(chain(operator(0, "EXP", [0], [1])))
        assert str(error).endswith("TensorFlow Lite Micro has no int8 kernel for EXP, and neither have we")

    def test_one_that_has_an_int8_kernel_could_be_quantized(self) -> None:
        assert "the converter kept it float, beside int8 operators; quantize it, too" in str(refusal(island("REFUSED")))
        assert "this operator is not supported" in str(refusal(island("NEW"))), "in no element type"

    @pytest.mark.parametrize(
        ("name", "machine"),
        [
            ("edgetpu-custom-op", "Google Edge TPU"),
            ("ethos-u", "Arm Ethos-U"),
            ("NeutronGraph", "NXP"),
            ("XC_conv", "XMOS"),
        ],
    )
    def test_a_compiled_file_is_recognised(self, name: str, machine: str) -> None:
        """Before what else there is in it."""
        found = chain(operator(0, "NEW", [0], [1]), operator(1, f"CUSTOM {name}", [1], [2]))
        message = str(refusal(found))
        assert message.startswith(f'op 1 "t2" (CUSTOM {name}): the file is compiled for a')
        assert machine in message and "bring the original" in message

    def test_operators_of_tensorflow_itself(self) -> None:
        assert "(select TF ops)" in str(refusal(chain(operator(0, "CUSTOM FlexErf", [0], [1]))))


def test_tensors_without_a_name_are_called_by_their_number() -> None:
    x, y, z = (dataclasses.replace(activation(k, (1, 4), 0.1, dtype=DType.INT8), name="") for k in range(3))
    data = build_model([OperatorSource("EXP", (x,), (y,), {}), OperatorSource("EXP", (y,), (z,), {})])
    with pytest.raises(
        ModelError, match=r'^op 0 "#1" \(EXP\): .*; 2 operators are not supported: EXP \(ops 0 and 1\)$'
    ):
        read_model(data, "nameless")
    (node,) = read_model(build_model([OperatorSource("ABS", (x,), (y,), {})]), "nameless").nodes
    assert node.label == 'op 0 "#1" (ABS)'
