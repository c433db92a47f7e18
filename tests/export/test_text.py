"""Constants and calls as C text: exact numbers, stable lines, accepted by a C compiler."""

import ctypes
import time

import numpy as np
import pytest

from export.c.text import LINE_WIDTH, call_text, constant_text, params_text
from tests.kernel_harness import load_call
from verify.targets.call import Constant, KernelCall

COPY = """
#include <stdint.h>
#include <string.h>
{text}
void run(void *to);
void run(void *to) {{ memcpy(to, values, sizeof values); }}
"""


@pytest.mark.parametrize(
    ("ctype", "values"),
    [
        ("int8_t", np.arange(-128, 128, dtype=np.int8)),
        ("uint8_t", np.arange(256, dtype=np.uint8)),
        ("int32_t", np.array([-(2**31), 1 - 2**31, -1, 0, 1, 2**31 - 1], np.int32)),
        ("float", np.array([0, -0.0, 1, -2, 0.1, 1 / 3, 3.4e38, 1.2e-38, 1e-45, 16777217], np.float32)),
        ("int16_t", np.arange(12, dtype=np.int16).reshape(3, 4)),
    ],
)
def test_a_compiler_reads_back_the_same_bytes(ctype: str, values: np.ndarray) -> None:
    text = constant_text(Constant("values", values))
    read = np.empty_like(values)
    load_call(COPY.format(text=text)).run(ctypes.c_void_p(read.ctypes.data))
    assert read.tobytes() == values.tobytes()


def test_lines_are_short_and_hold_equally_many_numbers() -> None:
    lines = constant_text(Constant("values", np.arange(-500, 500, dtype=np.int32))).splitlines()
    assert lines[0] == "static const int32_t values[1000] = {"
    assert lines[-1] == "};"
    assert max(map(len, lines)) <= LINE_WIDTH
    assert len({line.count(",") for line in lines[1:-2]}) == 1


def test_a_call() -> None:
    call = KernelCall(
        "stj_conv_2d_s8",
        "stj_conv_2d_params",
        {"weights": "op_3_weights", "stride_h": 2, "extent": (1, (2, 3)), "scale": 0.5, "bias": None, "low": -(2**31)},
        (Constant("op_3_weights", np.array([[1, -2]], np.int8)),),
    )
    assert call_text(call, "op_3") == (
        "static const int8_t op_3_weights[2] = {\n"
        "    1, -2,\n"
        "};\n"
        "static const stj_conv_2d_params op_3 = {\n"
        "    .weights = op_3_weights,\n"
        "    .stride_h = 2,\n"
        "    .extent = {1, {2, 3}},\n"
        "    .scale = 0.5f,\n"
        "    .bias = 0,\n"
        "    .low = (-2147483647 - 1),\n"
        "};\n"
    )
    assert call_text(call, "op_3").endswith(params_text(call, "op_3"))


@pytest.mark.parametrize(
    ("values", "message"),
    [(np.zeros(0, np.int8), "has no elements"), (np.array([np.inf], np.float32), "not finite")],
)
def test_what_c_cannot_hold_is_refused(values: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        constant_text(Constant("values", values))


def test_two_megabytes_take_seconds() -> None:
    weights = np.random.default_rng(0).integers(-128, 128, 2**21, dtype=np.int8)
    start = time.perf_counter()
    constant_text(Constant("weights", weights))
    assert time.perf_counter() - start < 10
