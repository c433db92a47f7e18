"""JAX functions as int8 clip models: operators, scales, names, and what is refused."""

import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest

pytest.importorskip("jax")
pytest.importorskip("tensorflow")
import jax
import jax.numpy as jnp
from jax import lax

from export.tflite import ConversionError, to_tflite
from export.tflite.clean import without_transposes
from export.tflite.grids import Grid, spanning
from export.tflite.model import Model, read_model
from stjax import models, nn
from tests.export.clip_models import clips_like, convert, kinds, random_frames, variables_of
from tests.tiny_model import run_litert, run_tflm
from verify.proof.evaluate import evaluate
from verify.tflite import read_model as read_graph
from verify.tflite.schema import RawOperator, RawTensor

pytestmark = pytest.mark.train

SHAPE = (1, 6, 5, 3)
WEIGHTS = np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)
EXAMPLE = np.zeros(SHAPE, np.float32)
WEIGHTS16 = np.linspace(-1, 1, 9, dtype=np.float32).reshape(3, 3)


def calibration(count: int = 4) -> list[np.ndarray]:
    generator = np.random.default_rng(0)
    return [generator.uniform(-1, 1, SHAPE).astype(np.float32) for _ in range(count)]


def pointwise(params, x):
    return x @ params


def scales(contents: bytes) -> dict[str, Grid]:
    return {
        tensor.name: Grid(tensor.quantization.scale[0], tensor.quantization.zero_point[0])
        for tensor in read_model(contents).tensors
        if tensor.quantization
    }


def test_quantized_model_is_close_to_the_function_on_the_calibration_set():
    contents = to_tflite(pointwise, WEIGHTS, EXAMPLE, calibration())
    model = read_model(contents)
    source, target = (Grid(*(value[0] for value in (q.scale, q.zero_point))) for q in ends(model))
    for x in calibration():
        got = (run_tflm(contents, [source.stored(x)])[0].astype(float) - target.zero_point) * target.scale
        # Half a step of the output, and half a step of each of the three inputs and weights of a sum.
        tolerance = 0.5 * target.scale + 1.5 * (source.scale + 1 / 127)
        np.testing.assert_allclose(got.reshape(1, 6, 5, 4), pointwise(WEIGHTS, x), atol=tolerance)


def ends(model: Model) -> list:
    return [model.tensors[key].quantization for key in (*model.inputs, *model.outputs)]


def test_parameters_become_constants_of_the_model():
    model = read_model(to_tflite(pointwise, WEIGHTS, EXAMPLE, calibration()))
    interface = [model.tensors[index] for index in (*model.inputs, *model.outputs)]
    assert [(tensor.shape, tensor.dtype) for tensor in interface] == [(SHAPE, "INT8"), ((1, 6, 5, 4), "INT8")]


# ---- calibration


def test_calibration_set_is_read_once_and_one_at_a_time():
    seen: list[tuple[int, int]] = []
    drawn = 0

    def draw() -> Iterator[np.ndarray]:
        nonlocal drawn
        for sample in calibration(3):
            drawn += 1
            yield sample

    to_tflite(pointwise, WEIGHTS, EXAMPLE, draw(), lambda done, total: seen.append((done, drawn)))
    assert seen == [(1, 1), (2, 2), (3, 3)]


def test_progress_says_how_many_there_are_if_that_is_known():
    seen = []
    to_tflite(pointwise, WEIGHTS, EXAMPLE, calibration(2), lambda *counts: seen.append(counts))
    assert seen == [(1, 2), (2, 2)]


def test_empty_calibration_set_is_refused():
    with pytest.raises(ValueError, match="the calibration set is empty"):
        to_tflite(pointwise, WEIGHTS, EXAMPLE, [])


def test_calibration_input_of_another_shape_is_named():
    wrong = [*calibration(1), np.zeros((1, 5, 6, 3), np.float32)]
    with pytest.raises(ValueError, match=r"input 1 has shape \(1, 5, 6, 3\), the model takes \(1, 6, 5, 3\)"):
        to_tflite(pointwise, WEIGHTS, EXAMPLE, wrong)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_calibration_input_that_is_not_finite_is_named(value):
    with pytest.raises(ValueError, match="calibration input 0 holds NaN or infinity"):
        to_tflite(pointwise, WEIGHTS, EXAMPLE, [np.full(SHAPE, value, np.float32)])


def test_input_range_makes_the_input_a_pixel_minus_128():
    contents = to_tflite(pointwise, WEIGHTS, EXAMPLE, calibration(), input_range=(0, 1))
    assert scales(contents)["input"] == pytest.approx((1 / 255, -128), rel=1e-6)


@pytest.mark.parametrize(
    ("low", "high", "zero_point"), [(0.0, 1.0, -128), (-1.0, 0.0, 127), (-1.0, 1.0, 0), (2.0, 5.0, -128), (0, 0, -128)]
)
def test_grids_hold_zero(low, high, zero_point):
    grid = spanning(low, high)
    assert grid.zero_point in (zero_point, zero_point - 1)
    assert grid.scale > 0


def test_range_that_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="must be finite and in order, found 1.0 to nan"):
        spanning(1.0, float("nan"))


# ---- operators of the networks


STEM = "DEPTHWISE_CONV_2D"
BLOCK = ["CONV_2D", "DEPTHWISE_CONV_2D", "CONV_2D"]
HEAD = ["RESHAPE", "FULLY_CONNECTED", "FULLY_CONNECTED"]
SHIFT = ["SLICE", "SLICE", "CONCATENATION"]
TEMPORAL = ["RESHAPE", "CONV_2D", "RESHAPE"]
EXPECTED = {
    "streamtinynet": [STEM, *BLOCK, *BLOCK, "ADD", "RESHAPE", "DEPTHWISE_CONV_2D", *HEAD],
    "framebyframe": [STEM, *BLOCK, *BLOCK, "ADD", *HEAD],
    "tsm": [STEM, *SHIFT, *BLOCK, *SHIFT, *BLOCK, "SLICE", "ADD", *HEAD],
    "conv3d": [STEM, *["SLICE"] * 4, "CONCATENATION", "CONV_2D", *["SLICE"] * 5, "CONCATENATION", "CONV_2D", *HEAD],
    "conv2plus1d": [STEM, "CONV_2D", *TEMPORAL, "CONV_2D", *TEMPORAL[:-1], *HEAD],
}


@pytest.mark.parametrize("family", EXPECTED)
def test_networks_are_plain_int8_operators(family):
    network = models.preset(f"{family}-touch")
    contents = convert(network, (network.warmup_frames + 1, 27, 15, 1), input_range=(0, 1))
    assert kinds(contents) == EXPECTED[family]
    assert {tensor.dtype for tensor in read_model(contents).tensors} == {"INT8", "INT32"}


def test_temporal_layer_is_a_window_of_t_by_1():
    model = read_model(convert(nn.TemporalConv(4, 2, time="valid", name="h"), (4, 3, 5, 6)))
    reshape, conv, _ = model.operators
    assert model.tensors[reshape.outputs[0]].shape == (1, 4, 15, 6)
    assert model.tensors[conv.inputs[1]].shape == (1, 4, 1, 12)
    assert model.tensors[conv.outputs[0]].shape == (1, 1, 15, 12)


def test_tensors_are_named_after_layers():
    network = models.preset("streamtinynet-touch")
    model = read_model(convert(network, (8, 27, 15, 1)))
    names = [model.tensors[operator.outputs[0]].name for operator in model.operators]
    assert names[:4] == ["stem", "block0.expand", "block0.depthwise", "block0.project"]
    assert names[-4:] == ["temporal", "flatten/reshape", "dense0", "logits"]
    conv = model.operators[1]
    assert [model.tensors[key].name for key in conv.inputs] == ["stem", "block0.expand/kernel", "block0.expand/bias"]
    assert len({tensor.name for tensor in model.tensors}) == len(model.tensors)


def test_shortcut_beside_slices_of_one_tensor_is_quantized():
    """TensorFlow's own quantizer leaves the addition in float here."""
    block = nn.InvertedResidual(8, temporal=nn.TemporalShift(4, 2, time="valid", name="shift"), name="block")
    assert "DEQUANTIZE" not in kinds(convert(block, (3, 4, 4, 8)))


def test_each_summand_has_its_own_range():
    """TensorFlow's own quantizer gives the convolution before an addition the sum's range."""
    network = nn.Sequential((nn.Residual(nn.Conv(2, 1, kernel_init=init(10.0), name="conv"), name="sum"),))
    shape = (1, 4, 4, 2)
    variables = network.init(jax.random.key(0), np.zeros(shape, np.float32))
    contents = to_tflite(network.apply, variables, np.zeros(shape), [np.ones(shape, np.float32)])
    assert scales(contents)["sum.conv"] == pytest.approx((20 / 255, -128), rel=1e-5)
    assert scales(contents)["sum"] == pytest.approx((21 / 255, -128), rel=1e-5)


def test_tensors_that_are_joined_have_one_scale():
    small, large = (nn.Conv(2, 1, kernel_init=init(v), name=n) for v, n in ((1.0, "small"), (5.0, "large")))
    network = nn.Parallel((small, large), "concat", name="join")
    shape = (1, 4, 4, 2)
    variables = network.init(jax.random.key(0), np.zeros(shape, np.float32))
    contents = to_tflite(network.apply, variables, np.zeros(shape), [np.ones(shape, np.float32)])
    assert scales(contents)["small"] == scales(contents)["large"] == pytest.approx((10 / 255, -128), rel=1e-5)


def init(value: float):
    return lambda key, shape, dtype=jnp.float32: jnp.full(shape, value, dtype)


# ---- weights


def test_weights_have_one_scale_per_output_channel():
    model = read_model(to_tflite(pointwise, WEIGHTS * [1, 10, 100, 0], EXAMPLE, calibration()))
    kernel = model.tensors[model.operators[-1].inputs[1]]
    stored = kernel.contents.view(np.int8).reshape(4, 3)
    assert kernel.quantization.axis == 0
    assert np.abs(stored[:3]).max(axis=1).tolist() == [127, 127, 127]
    assert not stored[3].any()
    real = stored * np.array(kernel.quantization.scale)[:, None]
    np.testing.assert_allclose(real, (WEIGHTS * [1, 10, 100, 0]).T, atol=0.5 * max(kernel.quantization.scale))


@pytest.mark.parametrize("value", [0.5, 0.0])
def test_equal_biases_of_layers_get_a_scale_each(value):
    """The converter stores equal constants once."""
    network = nn.Sequential((nn.Conv(4, 1, name="a"), nn.Conv(4, 1, name="b"), nn.DepthwiseConv(3, name="c")))
    shape = (2, 4, 4, 3)
    variables = jax.tree_util.tree_map_with_path(
        lambda path, v: jnp.full(v.shape, value if path[-1].key == "bias" else 0.5),
        network.init(jax.random.key(0), np.zeros(shape)),
    )
    contents = to_tflite(network.apply, variables, np.zeros(shape), clips_like(shape))
    model = read_model(contents)
    assert len({operator.inputs[2] for operator in model.operators}) == 3
    for operator in model.operators:
        source, kernel, bias = (model.tensors[key].quantization for key in operator.inputs)
        np.testing.assert_allclose(bias.scale, source.scale[0] * np.array(kernel.scale), rtol=1e-6)
        stored = model.tensors[operator.inputs[2]].contents.view(np.int32)
        np.testing.assert_allclose(stored * np.array(bias.scale), value, atol=max(bias.scale))


@pytest.mark.parametrize("bits", [2, 4, 6])
def test_coarser_weights_use_fewer_levels(bits):
    model = read_model(convert(models.preset("streamtinynet-touch"), (8, 27, 15, 1), weight_bits=bits))
    kernels = [model.tensors[op.inputs[1]] for op in model.operators if "CONV" in op.kind or "FULLY" in op.kind]
    assert {np.abs(kernel.contents.view(np.int8).astype(int)).max() for kernel in kernels} == {2 ** (bits - 1) - 1}


def test_packed_weights_compute_the_same_in_less_space():
    network = models.preset("streamtinynet-touch")
    plain, packed = (convert(network, (8, 27, 15, 1), weight_bits=4, pack_weights=pack) for pack in (False, True))
    assert len(packed) < 0.75 * len(plain)
    frames = random_frames(plain, 8)
    np.testing.assert_array_equal(run_litert(packed, [frames]), run_litert(plain, [frames]))
    # The planner reads them as int8 and so has the same program.
    graphs = [read_graph(contents, "clip") for contents in (plain, packed)]
    np.testing.assert_array_equal(*(evaluate(graph, [frames])[0] for graph in graphs))


LAYERS = {
    "conv": nn.Sequential((nn.Conv(5, 3, name="l"),)),
    "depthwise": nn.Sequential((nn.DepthwiseConv(3, name="l"),)),
}


@pytest.mark.parametrize("kind", LAYERS)
def test_packed_weights_compute_the_same_in_tflm_and_in_our_references(kind):
    """An odd number of weights: the last byte is half empty. TFLM refuses packed FULLY_CONNECTED."""
    contents = convert(LAYERS[kind], (2, 6, 5, 3), weight_bits=4, pack_weights=True)
    frames = random_frames(contents, 2)
    expected = run_tflm(contents, [frames])[0]
    np.testing.assert_array_equal(evaluate(read_graph(contents, "clip"), [frames])[0], expected)


def test_bits_out_of_range_are_refused():
    with pytest.raises(ValueError, match=r"weight_bits \(=9\) must be from 2 to 8"):
        to_tflite(pointwise, WEIGHTS, EXAMPLE, calibration(), weight_bits=9)
    with pytest.raises(ValueError, match="weights of 8 bits do not go two in a byte"):
        to_tflite(pointwise, WEIGHTS, EXAMPLE, calibration(), pack_weights=True)


# ---- grids from outside


def test_grids_go_before_calibration():
    layer = nn.Conv(4, 1, name="conv")
    variables = variables_of(layer, SHAPE)

    def apply(variables, x):
        y = layer.apply(variables, x)
        return 2 * y, {"conv": y}

    contents = to_tflite(apply, variables, EXAMPLE, calibration(), grids={"conv": (0.125, 3), "input": (0.0625, -5)})
    assert scales(contents)["conv"] == (0.125, 3)
    assert scales(contents)["input"] == (0.0625, -5)


def test_grid_of_an_unknown_result_is_refused():
    with pytest.raises(ValueError, match="no intermediate result has the name nobody; there are input, y"):
        to_tflite(lambda params, x: (x @ params, {"y": x}), WEIGHTS, EXAMPLE, calibration(), grids={"nobody": (1.0, 0)})


# ---- refusals


class Bad(nn.FrameLayer):
    """Something that has no int8 form."""

    function: str

    def output_shape(self, frame_shape):
        return frame_shape

    def _frames(self, frames):
        if self.function == "scan":
            return lax.scan(lambda carry, x: (carry, x + 1), 0, frames)[1]
        return {"sin": jnp.sin, "sort": jnp.sort, "transpose": lambda x: x.transpose(0, 2, 1, 3)}[self.function](frames)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("sin", r'layer "bad" \(SIN\) has no int8 kernel that microcontrollers run'),
        ("scan", r'layer "bad": `jax.lax.scan` has no int8 form; unroll it in Python'),
        ("sort", r'layer "bad" has no form in TensorFlow Lite\'s own operators: `sort`'),
        ("transpose", r'layer "bad" \(TRANSPOSE\) moves \(4, 4, 4, 2\) by the permutation \(0, 2, 1, 3\)'),
    ],
)
def test_layer_without_int8_form_is_refused_by_name(function, message):
    network = nn.Sequential((nn.Conv(2, 1, name="conv"), Bad(function, name="bad"), nn.Conv(2, 1, name="last")))
    with pytest.raises(ConversionError, match=message):
        convert(network, (4, 4, 4, 2))


def test_operator_without_a_layer_is_refused_by_number():
    with pytest.raises(ConversionError, match=r'op \d+ ".+" \(SIN\) has no int8 kernel'):
        to_tflite(lambda params, x: jnp.sin(x @ params), WEIGHTS, EXAMPLE, calibration())


def test_transpose_that_moves_no_data_becomes_a_reshape():
    def tensor(index: int, shape: tuple[int, ...], values: np.ndarray | None = None) -> RawTensor:
        dtype, contents = ("FLOAT32", None) if values is None else ("INT32", values.view(np.uint8))
        return RawTensor(index, f"t{index}", dtype, shape, (), contents, None, False, False, False)

    order = np.array([0, 2, 1, 3], np.int32)
    tensors = (tensor(0, (1, 5, 1, 6)), tensor(1, (4,), order), tensor(2, (1, 1, 5, 6)))
    model = Model(tensors, (RawOperator(0, "TRANSPOSE", (0, 1), (2,), {}),), (0,), (2,), {})
    (operator,) = without_transposes(model).operators
    assert (operator.kind, operator.inputs, operator.options) == ("RESHAPE", (0,), {"new_shape": (1, 1, 5, 6)})


def test_package_loads_neither_jax_nor_tensorflow():
    code = "import sys, export, export.tflite; assert export.to_step; print({'jax', 'tensorflow'} & sys.modules.keys())"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


# ---- activations of 16 bits


def test_int16_activations_give_tflms_bits_and_finer_steps():
    contents = to_tflite(shortcut, WEIGHTS16, EXAMPLE, calibration(), activation_bits=16)
    model = read_model(contents)
    source, target = (Grid(*(value[0] for value in (q.scale, q.zero_point))) for q in ends(model))
    assert (source.zero_point, target.zero_point) == (0, 0)
    assert {model.tensors[key].dtype for key in (*model.inputs, *model.outputs)} == {"INT16"}
    graph = read_graph(contents, "wide")
    for x in calibration():
        stored = source.stored(x, 16)
        got = run_tflm(contents, [stored])[0]
        np.testing.assert_array_equal(got.reshape(-1), evaluate(graph, [stored])[0].reshape(-1))
        # Weights have 8 bits all the same: half a step of each of three in a sum, of inputs up to 1.
        np.testing.assert_allclose(got.reshape(SHAPE) * target.scale, shortcut(WEIGHTS16, x), atol=1.5 / 127 + 1e-3)


def shortcut(params, x):
    return x + x @ params


def test_int16_goes_with_no_learned_grids_and_no_hard_swish():
    with pytest.raises(ValueError, match="must be 8, or 16 without `grids`"):
        to_tflite(pointwise, WEIGHTS, EXAMPLE, calibration(), grids={}, activation_bits=16)
    with pytest.raises(ValueError, match="must be 8, or 16"):
        to_tflite(pointwise, WEIGHTS, EXAMPLE, calibration(), activation_bits=12)
