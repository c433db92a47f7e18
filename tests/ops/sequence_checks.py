"""Checks of operators that keep something from call to call: TFLM's bits in each, proved, replayed, and as C."""

from pathlib import Path

import numpy as np
import pytest

from export.__main__ import write_folder
from export.c.emit import emit
from tests.clip.c_library import Library
from tests.clip.stateful import calls_of, tflm_calls
from tests.random_models import Net
from verify.clip import by_call
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.proof.evaluate import evaluate_calls
from verify.proof.replay import replay_frames
from verify.tflite import ModelError, read_model

CALLS = 7


def assert_same(found: list[list[np.ndarray]], expected: list[list[np.ndarray]]) -> None:
    for number, (ours, theirs) in enumerate(zip(found, expected, strict=True)):
        for k, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            np.testing.assert_array_equal(a.ravel(), b.ravel(), f"call {number}, output {k}")


def check_tflm(net: Net) -> None:
    """Call after call as TFLM has it, and not always the same."""
    model = read_model(net.bytes(), "sequences")
    calls = calls_of(model, CALLS)
    expected = list(evaluate_calls(model, calls))
    assert len({array.tobytes() for outputs in expected for array in outputs}) > 3, "they say something"
    assert_same(tflm_calls(net.bytes(), calls), expected)


def check_program(net: Net, folder: Path | None = None, scheme: str = "stream") -> None:
    """The program of one call, proved and run over garbage; with a folder, as C under a sanitizer too."""
    model = read_model(net.bytes(), "sequences")
    calls, program = calls_of(model, CALLS), by_call(model)
    expected = list(evaluate_calls(model, calls))
    assert_same(list(evaluate_calls(program, calls)), expected)
    plan = make_plan(program, Request(scheme))
    report, proved = check(program, plan)
    assert proved is not None, report.verdicts
    assert_same(replay_frames(program, plan, calls, 1), expected)
    if folder is None:
        return
    write_folder(folder, emit(proved))
    library = Library(folder, proved)
    for (call,), wanted in zip(calls, expected, strict=True):
        assert library.push(call) == 0
        np.testing.assert_array_equal(library.output(0), wanted[0].reshape(-1))


def refused(net: Net, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        read_model(net.bytes(), "refused")
