"""Which functions between DEQUANTIZE and QUANTIZE become tables, and which stay."""

import dataclasses

import pytest

from tests.tflite.raw import model, operator, tensor
from verify.ops.float_table import STEPS
from verify.tflite.islands import with_tables
from verify.tflite.schema import RawModel, RawTensor

FLOAT = {"dtype": "FLOAT32", "quantization": None}


def island(*steps: str) -> RawModel:
    count = len(steps)
    tensors = [tensor(0), *(tensor(1 + k, **FLOAT) for k in range(count + 1)), tensor(count + 2)]
    kinds = ("DEQUANTIZE", *steps, "QUANTIZE")
    operators = [operator(k, kind, [k], [k + 1]) for k, kind in enumerate(kinds)]
    return model(tensors, operators, (0,), (count + 2,))


def test_they_stand_in_the_place_of_the_quantize() -> None:
    found = with_tables(island("NEG", "SQUARE"))
    assert [(o.index, o.kind, o.inputs, o.outputs) for o in found.operators] == [
        (0, "DEQUANTIZE", (0,), (1,)),
        (3, "QUANTIZE", (0,), (4,)),
    ]
    assert found.operators[1].options == {STEPS: ("NEG", "SQUARE")}
    assert "NEG+SQUARE (before op 3)" in found.notes[-1]


def changed(found: RawModel, key: int, **changes: object) -> RawModel:
    tensors: list[RawTensor] = list(found.tensors)
    tensors[key] = dataclasses.replace(tensors[key], **changes)  # type: ignore[arg-type]
    return dataclasses.replace(found, tensors=tuple(tensors))


@pytest.mark.parametrize(
    "found",
    [
        island(),
        island("TANH"),
        changed(island("NEG"), 2, shape=(1, 4, 3, 1)),
        changed(island("NEG"), 1, dtype="FLOAT16"),
        dataclasses.replace(island("NEG"), outputs=(2, 3)),
        dataclasses.replace(island("NEG"), operators=(*island("NEG").operators, operator(3, "COPY", [2], [4]))),
        dataclasses.replace(island("NEG"), operators=island("NEG").operators[1:]),
        model(
            [tensor(0, **FLOAT), tensor(1)],
            [operator(0, "NEG", [0], [0]), operator(1, "QUANTIZE", [0], [1])],
            (0,),
            (1,),
        ),
        model([tensor(0)], [operator(0, "QUANTIZE", [-1], [0]), operator(1, "QUANTIZE", [], [0])], (), (0,)),
    ],
    ids=[
        "none",
        "a function that is not known",
        "shapes",
        "type",
        "an output",
        "a reader",
        "no beginning",
        "a loop",
        "ends",
    ],
)
def test_others_stay_as_they_are(found: RawModel) -> None:
    assert with_tables(found) is found


def test_the_dequantize_may_have_other_readers() -> None:
    found = island("NEG")
    operators = (*found.operators, operator(3, "COPY", [1], [3]))
    assert len(with_tables(dataclasses.replace(found, operators=operators)).operators) == 3
