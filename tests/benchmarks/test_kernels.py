"""`python -m benchmarks.kernels`: lines that describe layers, counts per layer, tables, flame graphs."""

import dataclasses
import xml.etree.ElementTree as ElementTree
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.kernels import __main__ as command
from benchmarks.kernels import cycles, flame, peers, tables
from benchmarks.kernels.measure import GENERATED, Measured, Setting, measure
from benchmarks.kernels.single import LayerError, layer_model
from tests.embedded.firmware_harness import CORTEX_M7, ROOT, needs_device
from verify.commands import cli
from verify.tflite import read_model

LINES = {
    "conv:1x1:8:5:w6:h2": ("CONV_2D", 8 * 5 * 12, (1, 2, 6, 5)),
    "conv:3x3:3:4:w7:h5:s2:relu": ("CONV_2D", 27 * 4 * 12, (1, 3, 4, 4)),
    "dw:3x3:6:w5:h5:valid": ("DEPTHWISE_CONV_2D", 9 * 6 * 9, (1, 3, 3, 6)),
    "dw:5x1:3:w4:h6:m2": ("DEPTHWISE_CONV_2D", 5 * 6 * 24, (1, 6, 4, 6)),
    "fc:12:3": ("FULLY_CONNECTED", 36, (1, 3)),
    "add:4:w3:h2": ("ADD", 0, (1, 2, 3, 4)),
    "mul:4:w3:h2:relu": ("MUL", 0, (1, 2, 3, 4)),
    "maxpool:2x2:4:w6:h4:s2": ("MAX_POOL_2D", 0, (1, 2, 3, 4)),
    "avgpool:3x3:4:w6:h4": ("AVERAGE_POOL_2D", 0, (1, 4, 6, 4)),
    "mean:4:w3:h2": ("MEAN", 0, (1, 4)),
    "quantize:2:w3:h2": ("QUANTIZE", 0, (1, 2, 3, 2)),
    "dequantize:2:w3:h2": ("DEQUANTIZE", 0, (1, 2, 3, 2)),
    "relu:2:w3:h2": ("RELU", 0, (1, 2, 3, 2)),
    "flip:2:w3:h2": ("QUANTIZE", 0, (1, 2, 3, 2)),
    "pad:2:w3:h2": ("PAD", 0, (1, 4, 5, 2)),
    "maximum:2:w3:h2": ("MAXIMUM", 0, (1, 2, 3, 2)),
    "resize:2:w3:h2": ("RESIZE_NEAREST_NEIGHBOR", 0, (1, 4, 6, 2)),
    "sqdiff:2:w3:h2": ("SQUARED_DIFFERENCE", 0, (1, 2, 3, 2)),
    "div:2:w3:h2": ("DIV", 0, (1, 2, 3, 2)),
    "less:2:w3:h2": ("LESS", 0, (1, 2, 3, 2)),
    "select:2:w3:h2": ("SELECT_V2", 0, (1, 2, 3, 2)),
    "matmul:2:4:w3": ("BATCH_MATMUL", 24, (3, 4)),
    "matmul:2:4:w3:m2": ("BATCH_MATMUL", 24, (3, 4)),
    "addn:2:w3:h2": ("ADD_N", 0, (1, 2, 3, 2)),
    "logsoftmax:2:w3:h2": ("LOG_SOFTMAX", 0, (1, 2, 3, 2)),
    "cumsum:2:w3:h2": ("CUMSUM", 0, (1, 2, 3, 2)),
}


@pytest.mark.parametrize("line", LINES)
def test_layers_by_themselves(line: str) -> None:
    (node,) = layer_model(line).nodes
    assert (node.op.kind, node.macs, node.output_shapes[0]) == LINES[line]


def test_lines_that_name_no_layer() -> None:
    with pytest.raises(LayerError, match="there is no layer 'pool'; there are conv, dw"):
        layer_model("pool:3")
    with pytest.raises(LayerError, match="conv takes 2 counts of channels; found 1"):
        layer_model("conv:3x3:8")
    with pytest.raises(LayerError, match="'x3' is no window"):
        layer_model("dw:x3:8")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    path = ROOT / "tests" / "data" / "demo_model.tflite"
    graph = read_model(path.read_bytes(), path.stem)
    return measure(graph, Setting("portable", CORTEX_M7), "auto", tmp_path_factory.mktemp("kernels"))


@needs_device
def test_every_layer_is_counted(demo: Measured) -> None:
    """What kernels executed by layer adds up to what the profile has by function, to the instruction."""
    assert [layer.index for layer in demo.layers] == list(range(21))
    assert demo.layers[0].calls == 32 * 32  # one pixel at a time
    assert not demo.problems
    by_function: dict[str, int] = {}
    for layer in demo.layers:
        assert layer.instructions == sum(layer.functions.values())
        assert layer.code_bytes > 0 and layer.instructions >= layer.macs
        for name, count in layer.functions.items():
            by_function[name] = by_function.get(name, 0) + count
    kernels = {name: count for name, count in by_function.items() if not name.startswith(GENERATED)}
    assert kernels.items() <= demo.functions.items()
    assert not {name for name in demo.functions if "_s8" in name} - kernels.keys()
    # A layer's part in the generated code is the calling instruction.
    calls = sum(count for name, count in by_function.items() if name.startswith(GENERATED))
    assert calls == sum(layer.calls for layer in demo.layers)


@needs_device
def test_tables_compare(demo: Measured) -> None:
    ((key, again),) = tables.from_json(tables.to_json([demo])).items()
    assert key == ("demo_model", "portable", CORTEX_M7, "auto")
    assert again.instructions == demo.instructions and again.layers[3].shape == demo.layers[3].shape
    assert [row[4] for row in tables.model_rows([demo], {})] == ["new"]
    assert [row[4] for row in tables.model_rows([demo], {key: again})] == ["="]
    slower = dataclasses.replace(again, instructions=demo.instructions // 2)
    assert [row[4] for row in tables.model_rows([demo], {key: slower})] == ["+100.00%"]
    assert {row[9] for row in tables.layer_rows(demo, again)} == {"="}
    other = dataclasses.replace(demo, setting=Setting("portable", "mps3-an547"), output_sha256="0")
    (problem,) = tables.problems([demo, other], {})
    assert tables.problems([other], {key: again}) == [problem]
    assert problem == f"demo_model, portable@mps3-an547: its outputs differ from those of portable@{CORTEX_M7}"


@needs_device
def test_flame_graph(demo: Measured) -> None:
    """Boxes of a level stand side by side; each level of operators has all the instructions."""
    for level in (0, 1):
        boxes = [box for box in flame.boxes(demo) if box.level == level]
        assert sum(box.count for box in boxes) == demo.instructions
        assert all(a.start + a.count == b.start for a, b in pairwise(boxes))
    root = ElementTree.fromstring(flame.flame_svg(demo))
    titles = [title.text for title in root.iter("{http://www.w3.org/2000/svg}title")]
    assert len(titles) == len(list(flame.boxes(demo)))
    assert any(title and title.startswith("op 0 CONV_2D 64x64x3 > 32x32x8, 3x3 / 2x2: ") for title in titles)
    assert f"op 0 CONV_2D 64x64x3 > 32x32x8, 3x3 / 2x2: {demo.layers[0].instructions:,}" in flame.profile_text(demo)


@needs_device
def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--layer", "add:4:w3:h2", "--on", f"portable@{CORTEX_M7}", "-o", str(tmp_path)]
    assert command.main([*arguments, "--profiles", str(tmp_path)]) == 0
    assert "stj_add_s8" in capsys.readouterr().out
    (measured,) = tables.from_json((tmp_path / "results.json").read_text()).values()
    assert measured.layers[0].elements == 24
    assert f"python -m benchmarks.kernels {' '.join(arguments)}" in (tmp_path / "results.md").read_text()
    assert (tmp_path / f"add-4-w3-h2-portable@{CORTEX_M7}.svg").is_file()


def test_command_refuses() -> None:
    with pytest.raises(cli.InputError, match="is no TARGET@BOARD; targets are"):
        command.main(["--on", "fastest"])
    with pytest.raises(cli.InputError, match="no model below"):
        command.main(["--only", "there is no such name"])


def test_peers() -> None:
    assert peers.best("mlperf_ic_resnet8_int8", CORTEX_M7) == 24_180_034
    assert peers.best("mlperf_ic_resnet8_int8", "host") is None
    assert peers.cycles_of("mlperf_kws_dscnn_int8")["ST X-CUBE-AI 9.0 (H7A3)"] == 3.17


def test_stretches_of_code() -> None:
    """Cut behind branches and where counts change; what was not executed is left out."""
    code = {0: "nop", 2: "adds r0, r0, #1", 4: "bne elsewhere", 6: "nop", 8: "mul r0, r0, r1", 12: "bx lr", 14: "nop"}
    executed = {0: 1, 2: 9, 4: 9, 6: 1, 8: 1, 12: 1}
    found = [(stretch.lines, stretch.times) for stretch in cycles.stretches(code, executed)]
    assert found == [
        (("nop",), 1),
        (("adds r0, r0, #1", "bne elsewhere"), 9),
        (("nop", "mul r0, r0, r1", "bx lr"), 1),
    ]


def test_instructions_stand_by_themselves() -> None:
    assert cycles.readable("bne.w\t#-40 <stj_dot4+0x8>") == "bne.w elsewhere"
    assert cycles.readable("bl\t0x1234 <memcpy>") == "b elsewhere"
    assert cycles.readable("ldr\tr3, [r1], #4 @ comment") == "ldr r3, [r1], #4"


@needs_device
@pytest.mark.skipif(not cycles.available(), reason="not installed: llvm")
def test_cycles_are_estimated(demo: Measured) -> None:
    """Two instructions per cycle at most; and divisions of floats take their time."""
    assert demo.cycles_estimated is not None
    assert demo.instructions / 2 < demo.cycles_estimated < 2 * demo.instructions
    stretches = [cycles.Stretch((text,), 1) for text in ("vdiv.f32 s0, s0, s1", "add r0, r1, r2")]
    division, sum_ = cycles.cycles_of(stretches)
    lacking = cycles.Stretch(("add r0, r1, r2", "vcmpe.f32 s15, s13"), 1)  # not in the model of LLVM 14
    assert 0 < cycles.cycles_of([lacking])[0] < 10
    assert division > 10 > 2 > sum_
