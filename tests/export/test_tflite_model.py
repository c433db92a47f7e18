"""Reading and writing .tflite files as the exporter does: nothing that a runtime uses changes."""

from pathlib import Path

import numpy as np
import pytest
import tflite

from export.tflite.clean import compact, with_outputs
from export.tflite.layers import place_in
from export.tflite.model import ALIGNMENT, read_model, write_model
from tests.tiny_model import run_tflm
from verify.tflite.schema import parse

DEMO = Path(__file__).parent.parent / "data/demo_model.tflite"
CORPUS = ("mlperf_ic_resnet8_int8", "mlperf_kws_dscnn_int8", "tflm_person_detect", "jester_c1j_clip_int8")


def assert_same(before: bytes, after: bytes) -> None:
    old, new = parse(before), parse(after)
    assert (old.inputs, old.outputs) == (new.inputs, new.outputs)
    for a, b in zip(old.operators, new.operators, strict=True):
        assert (a.kind, a.inputs, a.outputs, a.options) == (b.kind, b.inputs, b.outputs, b.options)
    for a, b in zip(old.tensors, new.tensors, strict=True):
        assert (a.name, a.shape, a.dtype, a.quantization) == (b.name, b.shape, b.dtype, b.quantization)
        assert (a.contents is None) == (b.contents is None)
        assert a.contents is None or np.array_equal(a.contents, b.contents)


def test_written_model_is_the_one_that_was_read():
    before = DEMO.read_bytes()
    after = write_model(read_model(before))
    assert_same(before, after)
    image = np.load(DEMO.with_suffix(".npz"))["inputs"][0]
    np.testing.assert_array_equal(run_tflm(after, [image]), run_tflm(before, [image]))


@pytest.mark.parametrize("name", CORPUS)
def test_models_of_others_keep_everything_too(models_dir, name):
    found = sorted(models_dir.rglob(f"{name}*.tflite"))
    if not found:
        pytest.skip(f"{name} is not among the models")
    before = found[0].read_bytes()
    assert_same(before, write_model(read_model(before)))


def test_constants_are_aligned_in_the_file():
    contents = write_model(read_model(DEMO.read_bytes()))
    model = tflite.Model.GetRootAs(contents, 0)
    addresses = []
    for i in range(model.BuffersLength()):
        buffer = model.Buffers(i)
        if buffer.DataLength():
            addresses.append(buffer._tab.Vector(buffer._tab.Offset(4)))
    assert len(addresses) > 20
    assert {address % ALIGNMENT for address in addresses} == {0}


def test_versions_are_the_newest_of_each_kind():
    versions = read_model(DEMO.read_bytes()).versions
    assert (versions["CONV_2D"], versions["ADD"]) == (3, 2)


def test_model_can_end_earlier():
    model = read_model(DEMO.read_bytes())
    first = model.operators[0].outputs
    short = compact(with_outputs(model, first))
    assert [operator.kind for operator in short.operators] == ["CONV_2D"]
    assert [tensor.index for tensor in short.tensors] == list(range(4))
    image = np.load(DEMO.with_suffix(".npz"))["inputs"][0]
    assert run_tflm(write_model(short), [image])[0].shape == short.tensors[short.outputs[0]].shape


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("jit(f)/Net/Net._face/stjax./block._face/stjax.block/conv._face/stjax.block.conv/add", "block.conv"),
        ("min;max;jit(f)/stjax.stem/add;jit(f)/stjax.other/mul", "stem"),
        ("jit(f)/Net._face/stjax./reshape", None),
        ("Identity_1", None),
    ],
)
def test_layer_is_found_in_the_converters_names(name, place):
    assert place_in(name) == place
