"""Reading published models: what is read, what is refused and how, and that nothing is lost on the way."""

import json
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tests.tflite.corpus import READ, REFUSED, ZOO
from verify.graph.graph import Graph
from verify.graph.tensor import row_count
from verify.tflite import ModelError, read_model

OPERATOR = {"conv": "CONV_2D", "dwconv": "DEPTHWISE_CONV_2D", "add": "ADD", "avgpool": "AVERAGE_POOL_2D"}


def read(models_dir: Path, name: str) -> Graph:
    folder = "mcunet_zoo" if name in ZOO else "corpus"
    return read_model((models_dir / folder / f"{name}.tflite").read_bytes(), name)


def kinds(graph: Graph) -> Counter[str]:
    return Counter(node.op.kind for node in graph.nodes)


def node(graph: Graph, index: int):
    return next(node for node in graph.nodes if node.index == index)


def test_the_table_names_every_model(models_dir: Path) -> None:
    corpus = models_dir / "corpus"
    found = {str(path.relative_to(corpus).with_suffix("")) for path in corpus.glob("**/*.tflite")}
    assert found == {*READ, *REFUSED}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_says_where_and_why(models_dir: Path, name: str) -> None:
    index, kind, text = REFUSED[name]
    where = f"{kind}: " if index is None else rf'op {index}( ".*")? \({kind}\): '
    where = where.replace(kind + ":", re.escape(kind) + ":")
    with pytest.raises(ModelError, match=f"^{where}{re.escape(text)}"):
        read(models_dir, name)


@pytest.mark.parametrize("name", READ)
def test_interface_and_work_are_those_of_the_manifest(models_dir: Path, name: str) -> None:
    """The manifest was made by other programs: LiteRT's view of inputs and outputs, and a count of MACs."""
    graph = read(models_dir, name)
    manifest = json.loads((models_dir / "corpus" / "MANIFEST.json").read_text())
    records = [record for record in manifest["models"] if record["file"] == f"{name}.tflite"]
    if not records:
        assert name.startswith("derived/")
        return
    (record,) = records
    assert graph.sha256 == record["sha256"]
    shapes = graph.input_shapes + graph.output_shapes
    for key, shape, stated in zip(
        graph.inputs + graph.outputs, shapes, record["inputs"] + record["outputs"], strict=True
    ):
        tensor = graph.tensors[key]
        assert (list(shape), tensor.dtype.value) == (stated["shape"], stated["dtype"])
        if tensor.quantization is not None:
            assert tensor.quantization.scale == (stated["scale"],)
            assert tensor.quantization.zero_point == (stated["zero_point"],)
    # One matrix product of this network has the initial state, zeros, as its input, and is folded.
    folded = 118 * 472 if name == "arm_kws_basic_lstm_s" else 0
    assert sum(node.macs for node in graph.nodes) + folded == record["macs"]


@pytest.mark.parametrize("name", ZOO)
def test_zoo_models_have_the_layers_that_their_designers_list(models_dir: Path, name: str) -> None:
    """Every padding is absorbed, the last reshape is gone, and operators and MACs are those of the published tables."""
    graph = read(models_dir, name)
    layers = json.loads((models_dir / "mcunet_zoo" / "layers" / f"{ZOO[name]}.json").read_text())
    assert kinds(graph) == Counter(OPERATOR[layer["op"]] for layer in layers["ops"])
    weighted = [layer for layer in layers["ops"] if layer["op"] in ("conv", "dwconv")]
    assert sum(node.macs for node in graph.nodes) == sum(layer["macs"] for layer in weighted)
    assert [list(shape[1:]) for shape in graph.input_shapes] == [layers["input"]]
    assert graph.output_shapes in (((1, 1000),), ((1, 2),))


def test_the_first_padding_of_a_zoo_model_belongs_to_its_reader(models_dir: Path) -> None:
    graph = read(models_dir, "mcunet-5fps_vww")
    first = graph.nodes[0]
    assert (first.index, first.op.kind) == (1, "CONV_2D")  # op 0 was its PAD
    assert (first.inputs, first.input_shapes) == (graph.inputs, ((1, 80, 80, 3),))
    assert first.output_shapes == ((1, 40, 40, 16),)
    padding = first.op.padding
    assert padding is not None
    # The PAD adds a row and a column on every side; an output of 40 rows does not need the last ones.
    assert (padding.top, padding.left) == (1, 1)
    assert padding.value == first.op.padding_zero == graph.tensors[graph.inputs[0]].quantization.zero_point[0]


def test_a_view_that_claims_another_scale_is_read(models_dir: Path) -> None:
    """This model's last reshape does: the bytes stay, and the output has the scale that the file declares for it."""
    graph = read(models_dir, "mcunet-320kb-1mb_imagenet")
    output = graph.tensors[graph.outputs[0]]
    assert (output.shape, graph.output_shapes) == ((1, 1, 1, 1000), ((1, 1000),))
    assert output.quantization is not None
    assert output.quantization.scale == (float(np.float32(0.201787993)),)
    assert output.quantization.zero_point == (-44,)


def test_the_shape_of_a_reshape_is_computed_while_reading(models_dir: Path) -> None:
    """SHAPE, STRIDED_SLICE, PACK and the RESHAPE that they feed leave nothing behind."""
    graph = read(models_dir, "tinymaix_mbnet96_0p25_q")
    assert kinds(graph) == {"CONV_2D": 15, "DEPTHWISE_CONV_2D": 13, "MEAN": 1, "SOFTMAX": 1}
    mean, last = node(graph, 27), node(graph, 32)
    assert (last.inputs, last.input_shapes) == (mean.outputs, ((1, 1, 1, 256),))
    assert mean.output_shapes == ((1, 256),)


def test_an_input_of_pixels_in_a_row_is_an_image(models_dir: Path) -> None:
    graph = read(models_dir, "arm_kws_ds_cnn_s_int8")
    assert graph.input_shapes == ((1, 490),)
    first, second = graph.nodes[:2]
    # The file has (1, 490) before and after it; which axes elements lie on does not matter to a lookup.
    assert (first.op.kind, first.input_shapes) == ("QUANTIZE", ((1, 49, 10, 1),))
    assert first.output_shapes == second.input_shapes == ((1, 49, 10, 1),)
    assert {graph.tensors[t].shape for t in (*first.inputs, *second.inputs)} == {(1, 49, 10, 1)}
    graph = read(models_dir, "tflm_micro_speech_int8")
    assert graph.input_shapes == ((1, 1960),)
    assert row_count(graph.tensors[graph.inputs[0]].shape) == 49


def test_a_padding_with_two_readers_stays(models_dir: Path) -> None:
    """The input of this model is padded once and cut into seven overlapping slices."""
    graph = read(models_dir, "cfu_hps_presence_320x240_int8")
    assert kinds(graph) == {
        "PAD": 1,
        "STRIDED_SLICE": 11,
        "CONV_2D": 32,
        "MAX_POOL_2D": 13,
        "CONCATENATION": 2,
        "FULLY_CONNECTED": 3,
        "LOGISTIC": 1,
    }
    pad = graph.nodes[0]
    assert (pad.op.kind, pad.output_shapes) == ("PAD", ((1, 242, 322, 1),))
    assert sum(pad.outputs[0] in node.inputs for node in graph.nodes) == 7


def test_a_zoo_model_is_read_in_no_time(models_dir: Path) -> None:
    data = (models_dir / "mcunet_zoo" / "mcunet-512kb-2mb_imagenet.tflite").read_bytes()
    assert len(data) > 2_000_000
    read_model(data, "warm-up")
    start = time.process_time()
    read_model(data, "timed")
    assert time.process_time() - start < 0.3


def test_reading_loads_no_framework_and_no_solver() -> None:
    heavy = {"jax", "tensorflow", "flax", "z3", "ai_edge_litert", "tflite_micro"}
    code = "import sys, verify.tflite; print(*{name.split('.')[0] for name in sys.modules})"
    root = Path(__file__).resolve().parents[2]
    result = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    loaded = set(result.stdout.split())
    assert "numpy" in loaded
    assert not loaded & heavy
