"""Firmware of every supported model of the shared folder gives the oracles' bits, layer by layer and streamed."""

from dataclasses import replace
from pathlib import Path

import pytest

from experiments.bit_exact.run import Case, Row, find_models, load, measure, plans, prove
from tests.embedded.firmware_harness import MISSING, needs_device
from tests.tflite.corpus import READ, ZOO
from verify.graph.plan import Plan
from verify.targets.registry import PORTABLE

# Small enough for an emulator: together they use every kernel that a network of the folder uses.
DEVICE = (
    "mcunet-10fps_vww",
    "arm_kws_ds_cnn_s_int8",
    "cfu_magic_wand_int8",
    "jester_c1j_tsm_streaming_int8",
    "mlonmcu_aww",
    "mlperf_kws_dscnn_int8",
    "mlperf_sww_streaming_int8",
    "openmv_force_int_quant",
    "tflm_micro_speech_int8",
    "tinymaix_mnist_dw_q",
    "tinymaix_mnist_resnet_q",
)
SANITIZED = ("mcunet-10fps_vww", "jester_c1j_tsm_streaming_int8", "mlperf_kws_dscnn_int8", "cfu_magic_wand_int8")
LARGE_MACS = 300_000_000


def names() -> list[str]:
    return [*ZOO, *(name.rsplit("/", 1)[-1] for name in READ)]


def different(case: Case) -> list[Plan]:
    """All plans, but one for models that take long, and none that is another one's twin (models that cannot stream)."""
    layer, stream, *others = plans(case, PORTABLE)
    if sum(node.macs for node in case.graph.nodes) >= LARGE_MACS:
        return [others[0] if others else stream]
    return [stream, *others] if layer == replace(stream, scheme=layer.scheme) else [layer, stream, *others]


def case_of(models_dir: Path, name: str, samples: int) -> Case:
    path = next((path for path in find_models(models_dir) if path.stem == name), None)
    if path is None:
        pytest.skip(f"{name} is not in {models_dir}")
    case = load(path, samples)
    assert isinstance(case, Case), case
    return case


@pytest.mark.parametrize("name", names())
def test_on_the_host_all_plans_are_exact_and_streamed_ones_on_an_m7(
    models_dir: Path, tmp_path: Path, name: str
) -> None:
    """Both in one test: planning is what takes long. Without an emulator, the tests below say what is skipped."""
    case = case_of(models_dir, name, 2)
    for plan in different(case):
        proved = prove(case, plan)
        assert_exact(case, measure(case, proved, "host", tmp_path, 2, sanitize=name in SANITIZED))
        if name in DEVICE and not MISSING and plan.scheme != "layer":
            assert_exact_on_device(case, measure(case, proved, "mps2-an500", tmp_path, 1))


@needs_device
@pytest.mark.parametrize("name", DEVICE)
@pytest.mark.parametrize(
    ("target", "boards"),
    [("cortex-m-dsp", ("mps2-an386", "mps2-an500")), ("cortex-m-mve", ("mps3-an547",))],
    ids=lambda value: value if isinstance(value, str) else "+".join(value),
)
def test_on_emulated_boards_streamed_plans_are_exact(
    models_dir: Path, tmp_path: Path, name: str, target: str, boards: tuple[str, ...]
) -> None:
    case = case_of(models_dir, name, 1)
    for plan in plans(case, target)[1:]:
        proved = prove(case, plan)
        for board in boards:
            assert_exact_on_device(case, measure(case, proved, board, tmp_path, 1))


def assert_exact_on_device(case: Case, row: Row) -> None:
    assert_exact(case, row)
    assert row.problems == ()
    assert row.stack_measured is not None and row.stack_measured <= row.stack_reserve


def assert_exact(case: Case, row: Row) -> None:
    """Against TFLM; where it is absent or does not run the model, against our references.

    Those equal LiteRT's recorded outputs with one rounding in FULLY_CONNECTED, and TFLM's with two: test_golden.py.
    """
    assert row.wrong_reference == 0, "differs from the operators' references"
    assert not row.wrong_tflm, "differs from TFLM"
