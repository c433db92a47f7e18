"""`python -m verify.ops`: the table of a model's operators, of models that are read and of some that are refused."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.random_models import Net
from tests.tiny_model import activation, build_model, constant
from verify.commands import cli, ops
from verify.graph.tensor import DType
from verify.ops.base import OperatorSource
from verify.targets.registry import targets

DEMO = Path(__file__).parent / "data" / "demo_model.tflite"


def table(data: bytes, folder: Path, capsys: pytest.CaptureFixture) -> tuple[int, dict[str, Any], str]:
    """Exit code, what --json prints, and the table."""
    path = folder / "model.tflite"
    path.write_bytes(data)
    code = cli.command(ops.run, [str(path), "--json"])
    value = json.loads(capsys.readouterr().out)
    assert cli.command(ops.run, [str(path)]) == code
    return code, value, capsys.readouterr().out


def column(value: dict[str, Any], name: str) -> list[Any]:
    return [row[name] for row in value["operators"]]


def streams(value: dict[str, Any]) -> list[str | None]:
    return [found["text"] if found else None for found in column(value, "streams")]


def test_every_operator_of_a_model_has_its_line(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    code, value, text = table(DEMO.read_bytes(), tmp_path, capsys)
    assert (code, value["supported"], value["refusal"]) == (cli.PROVED, True, None)
    assert column(value, "index") == list(range(len(value["operators"])))
    for row in value["operators"]:
        assert row["status"] in ("yes", "gone") and (row["note"] is None) == (row["status"] == "yes")
        assert f"{row['index']}  {row['operator']}" in text
        if row["status"] == "yes":
            assert row["kernels"].keys() == targets().keys() and all(row["kernels"].values())


def test_what_becomes_of_operators_and_along_which_axes_they_stream(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    net = Net(1)
    x = net.pad(net.input(1, 6, 5, 2), 1, 1, 1, 1)
    x = net.conv(x, 3, (3, 3), (1, 1), (1, 1), "VALID")
    row = net.mean(x, (1, 2), keep=True)
    x = net.append("MUL", (x, row), net.activation(x.shape, 0.1), {"fused_activation_function": "NONE"})
    net.dense(net.reshape(net.mean(x, (1, 2)), 1, 3), 2)
    code, value, text = table(net.bytes(), tmp_path, capsys)
    assert code == cli.PROVED
    notes = ["part of a reader, or not read", None, None, None, None, "another name", None]
    assert column(value, "note") == notes
    assert streams(value) == [None, "by rows and columns", "no", "by rows, operand 1 whole", "no", None, "no"]
    assert "conv_2d_s8_dsp" in text or "conv_2d_wide_s8_dsp" in text


def test_signals_along_width_stream_upright(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    net = Net(1)
    net.conv(net.input(1, 1, 9, 2), 3, (1, 3), (1, 1), (1, 1))
    assert streams(table(net.bytes(), tmp_path, capsys)[1]) == ["by rows and columns, upright"]


def chain(kinds: Sequence[str]) -> bytes:
    """int8, then these in float, then int8."""
    ends = [activation(0, (1, 4, 3, 2), 0.1)]
    ends += [activation(1 + k, (1, 4, 3, 2), dtype=DType.FLOAT32) for k in range(len(kinds) + 1)]
    ends.append(activation(len(ends), (1, 4, 3, 2), 0.1))
    steps = ["DEQUANTIZE", *kinds, "QUANTIZE"]
    return build_model([OperatorSource(kind, (ends[k],), (ends[k + 1],), {}) for k, kind in enumerate(steps)])


def test_refused_models_have_a_table_too(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    code, value, text = table(chain(["POW", "SEGMENT_SUM", "POW"]), tmp_path, capsys)
    assert (code, value["supported"]) == (cli.BAD_INPUT, False)
    assert column(value, "status") == ["yes", "no", "no", "no", "yes"]
    assert streams(value) == ["by rows", None, None, None, "by rows"]
    assert "TFLite has no int8 kernel for SEGMENT_SUM" in value["operators"][2]["note"]
    assert value["refusal"].endswith("; 3 operators are not supported: POW (ops 1 and 3), SEGMENT_SUM (op 2)")
    assert "no (1): TFLite has no int8 kernel for POW" in text and "no (2): TFLite has no int8 kernel for SEG" in text
    assert "5 operators, 3 of them not supported" in text


def test_so_has_one_whose_input_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    x = activation(0, (1, 4), 0.1, dtype=DType.INT8)
    data = build_model([OperatorSource("ABS", (constant(2, np.zeros((1, 4), np.int8), 0.1),), (x,), {})], inputs=[x])
    code, value, text = table(data, tmp_path, capsys)
    assert (code, column(value, "status")) == (cli.BAD_INPUT, ["no"])
    assert "refused: op 0" in text


def test_errors_of_other_commands_list_the_operators(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    from verify.commands import plan

    path = tmp_path / "model.tflite"
    path.write_bytes(chain(["POW", "SEGMENT_SUM"]))
    assert cli.command(plan.run, [str(path), "--json"]) == cli.BAD_INPUT
    error = json.loads(capsys.readouterr().out)["error"]
    assert [(found["index"], found["kind"]) for found in error["operators"]] == [(1, "POW"), (2, "SEGMENT_SUM")]
    assert error["operators"][0]["reason"] in error["message"]
