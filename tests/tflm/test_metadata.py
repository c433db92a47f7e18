"""The arena plan in a .tflite's metadata: what is written is read back, every fault is refused by name."""

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import tflite

from tests.random_models import Net
from tests.tflite.raw import constant, model, operator, tensor
from verify.tflite import ModelError, read_model
from verify.tflite.schema import parse
from verify.tflm.arena_plan import ArenaPlan
from verify.tflm.execution import read_execution
from verify.tflm.metadata import NAME, _Rewriter, read_arena_plan, write_arena_plan


@pytest.fixture(scope="module")
def small() -> bytes:
    net = Net(5)
    net.dense(net.mean(net.conv(net.input(1, 5, 4, 2), 3, (3, 3), (1, 1), (1, 1))), 2)
    return net.bytes()


def activations(data: bytes) -> list[int]:
    return [raw.index for raw in parse(data).tensors if raw.contents is None]


def words_for(data: bytes, *header: int, offset: int = -1) -> list[int]:
    return [*header, *[offset] * len(parse(data).tensors)]


def with_words(data: bytes, words: Sequence[int], extra: bytes = b"") -> bytes:
    """The file with these words as its arena plan, whatever they mean."""
    return _Rewriter(data).with_plan(struct.pack(f"<{len(words)}i", *words) + extra)


def read(data: bytes) -> ArenaPlan:
    return read_arena_plan(data, parse(data))


def test_what_is_written_is_read_back_and_the_model_stays(small: bytes) -> None:
    offsets: dict[int, int | None] = {index: 16 * k for k, index in enumerate(activations(small))}
    written = write_arena_plan(small, len(parse(small).tensors), ArenaPlan(offsets))
    found = read(written).offsets
    assert {key: found[key] for key in offsets} == offsets
    assert all(found[key] is None for key in found.keys() - offsets.keys())
    assert small in written and written.index(small) % 16 == 0
    before, after = read_model(small, "a"), read_model(written, "a")
    assert [node.op for node in before.nodes] != [] and len(before.nodes) == len(after.nodes)
    for old, new in zip(parse(small).tensors, parse(written).tensors, strict=True):
        assert (old.name, old.shape, old.dtype, old.quantization) == (new.name, new.shape, new.dtype, new.quantization)
        assert old.contents is new.contents is None or np.array_equal(old.contents, new.contents)


def test_a_second_plan_takes_the_place_of_the_first_and_other_metadata_stay(small: bytes) -> None:
    once = with_words(small, words_for(small, 1, 1, len(parse(small).tensors)))
    renamed = once.replace(NAME, b"SomethingElseOfSameLen!"[: len(NAME)])
    twice = with_words(renamed, words_for(small, 1, 1, len(parse(small).tensors)))
    thrice = with_words(twice, words_for(small, 0, 0, len(parse(small).tensors)))
    table = tflite.Model.GetRootAs(thrice, 0)
    names = [table.Metadata(k).Name() for k in range(table.MetadataLength())]
    assert names == [b"SomethingElseOfSameLen!"[: len(NAME)], NAME]
    assert read(thrice) == read(twice)


def test_litert_accepts_the_file_and_computes_the_same(small: bytes) -> None:
    litert = pytest.importorskip("ai_edge_litert.interpreter")
    written = with_words(small, words_for(small, 1, 1, len(parse(small).tensors)))
    outputs = []
    for data in (small, written):
        interpreter = litert.Interpreter(
            model_content=data, experimental_op_resolver_type=litert.OpResolverType.BUILTIN_REF
        )
        interpreter.allocate_tensors()
        detail = interpreter.get_input_details()[0]
        interpreter.set_tensor(detail["index"], np.arange(40, dtype=np.int8).reshape(detail["shape"]))
        interpreter.invoke()
        outputs.append(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))
    assert np.array_equal(*outputs)


def test_no_plan_is_said_with_the_way_out(small: bytes) -> None:
    with pytest.raises(ModelError, match=r"no metadata OfflineMemoryAllocation.*verify.tflm MODEL.tflite --emit"):
        read(small)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ((2, 1), "version 2 is not known; known are 0 and 1"),
        ((-1, 1), "version -1 is not known"),
        ((1, 3), "for 3 subgraphs; the model has 1"),
    ],
)
def test_a_wrong_header_is_refused(header: tuple[int, int], message: str, small: bytes) -> None:
    count = len(parse(small).tensors)
    with pytest.raises(ModelError, match=message):
        read(with_words(small, words_for(small, *header, count)))
    assert read(with_words(small, words_for(small, 1, 1, count)))


@pytest.mark.parametrize("change", [-1, 1, 10**9])
def test_a_wrong_count_is_refused(change: int, small: bytes) -> None:
    count = len(parse(small).tensors)
    with pytest.raises(ModelError, match=f"offsets for {count + change} tensors; the model has {count}"):
        read(with_words(small, words_for(small, 1, 1, count + change)))


@pytest.mark.parametrize("kept", [0, 1, 2, 3, 5])
def test_a_truncated_plan_is_refused(kept: int, small: bytes) -> None:
    words = words_for(small, 1, 1, len(parse(small).tensors))
    with pytest.raises(ModelError, match="OfflineMemoryAllocation: truncated"):
        read(with_words(small, words[:kept]))
    with pytest.raises(ModelError, match="OfflineMemoryAllocation: truncated"):
        read(with_words(small, words[:-1], b"\0\0\0"))


def test_negative_offsets_and_offsets_of_constants_are_refused(small: bytes) -> None:
    words = words_for(small, 1, 1, len(parse(small).tensors))
    free = activations(small)[0]
    fixed = next(raw.index for raw in parse(small).tensors if raw.contents is not None)
    for index, offset, message in ((free, -2, "offset -2 of tensor .* is negative"), (fixed, 0, "which is constant")):
        changed = list(words)
        changed[3 + index] = offset
        with pytest.raises(ModelError, match=message):
            read(with_words(small, changed))


def test_a_buffer_that_does_not_exist_is_refused(small: bytes) -> None:
    written = bytearray(with_words(small, words_for(small, 1, 1, len(parse(small).tensors))))
    entry = tflite.Model.GetRootAs(bytes(written), 0).Metadata(0)._tab
    struct.pack_into("<I", written, entry.Pos + entry.Offset(6), 9999)
    with pytest.raises(ModelError, match="refers to buffer 9999; the file has"):
        read(bytes(written))


def test_two_plans_are_refused(small: bytes) -> None:
    words = words_for(small, 1, 1, len(parse(small).tensors))
    renamed = with_words(small, words).replace(NAME, NAME[:-1] + b"!")
    both = with_words(renamed, words).replace(NAME[:-1] + b"!", NAME)
    with pytest.raises(ModelError, match="is there 2 times"):
        read(both)


def test_no_damaged_byte_raises_anything_else(small: bytes) -> None:
    written = with_words(small, words_for(small, 1, 1, len(parse(small).tensors)))
    rng = np.random.default_rng(0)
    prefix = len(written) - len(small)
    for _ in range(400):
        damaged = bytearray(written)
        damaged[rng.integers(8, prefix)] = rng.integers(256)
        try:
            found = parse(bytes(damaged))
            read_arena_plan(bytes(damaged), found)
            write_arena_plan(bytes(damaged), len(found.tensors), ArenaPlan({}))
        except ModelError:
            continue


def test_an_execution_has_the_operators_that_our_reader_folds_away() -> None:
    tensors = [
        tensor(0),
        constant(1, np.array([1, 24], np.int32)),
        tensor(2, (1, 24)),
        tensor(3, (1, 24)),
        tensor(4, (0,)),
    ]
    found = read_execution(
        model(
            tensors,
            [operator(0, "RESHAPE", [0, 1], [2]), operator(1, "CUSTOM thing", [2, -1, 4], [3])],
            inputs=[0],
            outputs=[3],
        )
    )
    assert {key: storage.size_bytes for key, storage in found.tensors.items()} == {0: 24, 2: 24, 3: 24}
    assert [(step.reads, step.writes, step.same_place) for step in found.steps] == [
        ((0,), (2,), True),
        ((2,), (3,), False),
    ]


def test_what_no_operator_writes_is_a_workspace() -> None:
    tensors = [tensor(0), tensor(1, (640,)), tensor(2)]
    found = read_execution(model(tensors, [operator(0, "CUSTOM ethos-u", [0, 1], [2])], [0], [2]))
    assert found.workspaces == {1}


@pytest.mark.parametrize(
    ("operators", "changes", "message"),
    [
        ([("COPY", [0], [2]), ("COPY", [0], [2])], {}, 'op 1 "t2" .*op 0 "t2" .* writes tensor 2 "t2" too'),
        ([("COPY", [1], [2]), ("COPY", [0], [1])], {}, "is read before op 1 .* in execution order"),
        ([("COPY", [7], [2])], {}, "tensor 7 does not exist; the file has 3"),
        ([("COPY", [0], [1])], {}, 'network outputs: no operator writes tensor 2 "t2"'),
        ([("COPY", [0], [2])], {"dtype": "STRING"}, "element type STRING, which has no known size"),
        ([("COPY", [0], [2])], {"shape": (1, -1)}, r"shape \[1, -1\]; convert the model with fixed shapes"),
        ([("COPY", [0], [2])], {"external": True}, "stored outside the flatbuffer"),
    ],
)
def test_a_model_that_cannot_run_in_this_order_is_refused(
    operators: list[tuple[str, list[int], list[int]]], changes: dict[str, Any], message: str
) -> None:
    changed = tensor(2, **changes)
    built = [operator(k, *parts) for k, parts in enumerate(operators)]
    with pytest.raises(ModelError, match=message):
        read_execution(model([tensor(0), tensor(1), changed], built, [0], [2]))
