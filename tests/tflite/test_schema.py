"""From bytes to tables: what identifies a model, which fields are meant, and how damage is noticed before it costs."""

import struct
import time

import flatbuffers
import numpy as np
import pytest
import tflite

from tests.tiny_model import activation, build_model, constant
from verify.ops.base import OperatorSource
from verify.tflite import ModelError, schema
from verify.tflite.schema import RawModel, parse

SHAPE = (1, 4, 5, 2)
X, Y, Z = activation(0, SHAPE, 0.1, 5), activation(1, (1, 4, 3, 2), 0.2, -5), activation(2, (1, 12, 2), 0.2, -5)
POOL_OPTIONS = {
    "padding": "VALID",
    "stride_w": 2,
    "stride_h": 1,
    "filter_width": 1,
    "filter_height": 1,
    "fused_activation_function": "RELU6",
}
NEW_SHAPE = constant(3, np.array([1, 12, 2], np.int32))


def small_model() -> bytes:
    pool = OperatorSource("MAX_POOL_2D", (X,), (Y,), POOL_OPTIONS)
    reshape = OperatorSource("RESHAPE", (Y, NEW_SHAPE), (Z,), {"new_shape": (1, 12, 2)})
    return build_model([pool, reshape])


def field_at(table, slot: int) -> int:
    """Where a field of a table stands in the file; `slot` counts from 0 in the schema's order."""
    offset = table._tab.Offset(4 + 2 * slot)
    assert offset, "the field is absent"
    return table._tab.Pos + offset


def patched(data: bytes, position: int, layout: str, value: int) -> bytes:
    changed = bytearray(data)
    struct.pack_into(layout, changed, position, value)
    return bytes(changed)


def root(data: bytes) -> tflite.Model:
    return tflite.Model.GetRootAs(data, 0)


def test_tables_become_plain_data() -> None:
    found = parse(small_model())
    assert [(o.index, o.kind) for o in found.operators] == [(0, "MAX_POOL_2D"), (1, "RESHAPE")]
    assert found.operators[0].options == POOL_OPTIONS
    assert found.operators[1].options == {"new_shape": (1, 12, 2)}
    assert (found.inputs, found.outputs) == ((0,), (3,))
    pooled = found.tensors[1]
    assert (pooled.name, pooled.dtype, pooled.shape) == ("t1", "INT8", (1, 4, 3, 2))
    assert pooled.quantization is not None
    assert pooled.quantization.scale == (float(np.float32(0.2)),)
    assert pooled.quantization.zero_point == (-5,)
    assert pooled.contents is None
    asked = found.tensors[2]
    assert (asked.dtype, asked.quantization) == ("INT32", None)
    assert asked.contents is not None
    assert asked.contents.tobytes() == NEW_SHAPE.data.tobytes()


@pytest.mark.parametrize("data", [b"", b"TFL3", b"\0" * 100, b"PK\3\4" * 10, b"\0\0\0\0TFL2\0\0\0\0"])
def test_what_is_not_a_model_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(ModelError, match=r'^this is not a TFLite model: bytes 4 to 7 of the file must be "TFL3"$'):
        parse(data)


def test_other_schema_versions_are_refused() -> None:
    data = small_model()
    with pytest.raises(ModelError, match="the schema version is 2; only version 3 is known"):
        parse(patched(data, field_at(root(data), 0), "<I", 2))


def test_a_model_needs_a_subgraph() -> None:
    data = small_model()
    with pytest.raises(ModelError, match="the model holds no subgraph"):
        parse(patched(data, root(data)._tab.Vector(root(data)._tab.Offset(8)) - 4, "<I", 0))


@pytest.mark.parametrize(("old", "new", "kind"), [(17, 0, "MAX_POOL_2D"), (0, 17, "MAX_POOL_2D"), (127, 147, None)])
def test_the_larger_operator_code_is_meant(old: int, new: int, kind: str | None) -> None:
    data = build_model([OperatorSource("MAX_POOL_2D", (X,), (Y,), POOL_OPTIONS)])
    code = root(data).OperatorCodes(0)
    data = patched(patched(data, field_at(code, 0), "<b", old), field_at(code, 3), "<i", new)
    assert parse(data).operators[0].kind == (kind or tflite.opcode2name(147))


def test_an_operator_code_that_nobody_knows_has_its_number_as_name() -> None:
    data = small_model()
    assert (
        parse(patched(data, field_at(root(data).OperatorCodes(0), 3), "<i", 9999)).operators[0].kind == "BUILTIN_9999"
    )


def test_another_operators_options_count_as_none() -> None:
    data = small_model()
    table = root(data).Subgraphs(0).Operators(0)
    changed = patched(data, field_at(table, 3), "<B", tflite.BuiltinOptions.AddOptions)
    assert parse(changed).operators[0].options == {}


def test_an_enum_must_have_a_name() -> None:
    data = small_model()
    table = root(data).Subgraphs(0).Operators(0)
    options = tflite.Pool2DOptions()
    options.Init(data, table.BuiltinOptions().Pos)
    with pytest.raises(ModelError, match=r"option fused_activation_function \(=77\) is not a value of ActivationFunct"):
        parse(patched(data, field_at(options, 5), "<b", 77))


def test_names_are_made_printable() -> None:
    data = small_model()
    name = data.index(b"\x02\0\0\0t1\0")
    found = parse(data[: name + 4] + b"\n\xff" + data[name + 6 :])
    assert found.tensors[1].name == "?\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize("slot", [0, 1, 2, 3], ids=["tensors", "inputs", "outputs", "operators"])
def test_a_length_beyond_the_file_is_not_followed(slot: int) -> None:
    data = small_model()
    graph = root(data).Subgraphs(0)
    length = graph._tab.Vector(graph._tab.Offset(4 + 2 * slot)) - 4
    start = time.perf_counter()
    with pytest.raises(ModelError, match=r"a vector of 50000000 entries is more than the|has 50000000 operators"):
        parse(patched(data, length, "<I", 50_000_000))
    assert time.perf_counter() - start < 0.1


def test_tables_that_overlap_are_counted() -> None:
    """One operator listed 50,000 times: a small file that would take seconds."""
    with pytest.raises(ModelError, match="a vector of 50000 entries is more than the file can hold"):
        parse(repeated_operator(50_000))
    assert len(parse(repeated_operator(10)).operators) == 10


def repeated_operator(count: int) -> bytes:
    builder = flatbuffers.Builder(1024)
    tflite.OperatorCodeStart(builder)
    code = tflite.OperatorCodeEnd(builder)
    tflite.OperatorStart(builder)
    operator = tflite.OperatorEnd(builder)
    tflite.SubGraphStartOperatorsVector(builder, count)
    for _ in range(count):
        builder.PrependUOffsetTRelative(operator)
    operators = builder.EndVector()
    tflite.SubGraphStart(builder)
    tflite.SubGraphAddOperators(builder, operators)
    subgraph = tflite.SubGraphEnd(builder)
    vectors = []
    for offset in (code, subgraph):
        builder.StartVector(4, 1, 4)
        builder.PrependUOffsetTRelative(offset)
        vectors.append(builder.EndVector())
    tflite.ModelStart(builder)
    tflite.ModelAddVersion(builder, 3)
    tflite.ModelAddOperatorCodes(builder, vectors[0])
    tflite.ModelAddSubgraphs(builder, vectors[1])
    builder.Finish(tflite.ModelEnd(builder), b"TFL3")
    return bytes(builder.Output())


def test_the_number_of_operators_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "MAX_OPERATORS", 9)
    with pytest.raises(ModelError, match="the model has 10 operators; at most 9 are read"):
        parse(repeated_operator(10))


@pytest.mark.parametrize("slot", [0, 2], ids=["tensor", "operator code"])
def test_references_that_lead_nowhere_are_refused(slot: int) -> None:
    data = small_model()
    graph = root(data).Subgraphs(0)
    if slot:
        changed, message = patched(data, field_at(graph.Operators(1), 0), "<I", 2), "op 1 refers to operator code 2"
    else:
        position = field_at(graph.Tensors(2), 2)
        changed, message = patched(data, position, "<I", 40), "tensor 2 refers to buffer 40; the file has 2"
    with pytest.raises(ModelError, match=message):
        parse(changed)


def test_an_offset_out_of_the_file_is_damage() -> None:
    data = small_model()
    tensor = root(data).Subgraphs(0).Tensors(1)
    with pytest.raises(ModelError, match=r"^the file is damaged at tensor 1: "):
        parse(patched(data, field_at(tensor, 0), "<I", 2**31))


def test_a_truncated_file_is_an_error_or_what_is_left_of_the_model() -> None:
    data = small_model()
    refusals = []
    for length in range(len(data)):
        try:
            assert isinstance(parse(data[:length]), RawModel)
        except ModelError as error:
            refusals.append(str(error))
    assert len(refusals) > 0.9 * len(data)
    assert all(text.isprintable() for text in refusals)
