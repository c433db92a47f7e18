"""An operator's builtin options as a dict, by introspection of the `tflite` package's schema classes.

Keys are the schema's names ("stride_h", "fused_activation_function"); enums become their schema names ("SAME").
"""

import functools
import re
from collections.abc import Callable
from typing import Any

import tflite
from flatbuffers.table import Table

from verify.tflite.errors import ModelError

MAX_ENTRIES = 64
"""Vectors among the options hold shapes and axes."""

MAX_TEXT = 1000
"""Characters of a text among the options, such as a variable's name."""

_ENUMS: dict[str, Any] = {
    "fused_activation_function": tflite.ActivationFunctionType,
    "idx_out_type": tflite.TensorType,
    "in_data_type": tflite.TensorType,
    "kernel_type": tflite.LSTMKernelType,
    "mode": tflite.MirrorPadMode,
    "out_data_type": tflite.TensorType,
    "out_type": tflite.TensorType,
    "output_type": tflite.TensorType,
    "padding": tflite.Padding,
    "quantized_bias_type": tflite.TensorType,
    "weights_format": tflite.FullyConnectedOptionsWeightsFormat,
}
"""Which enum a field holds: the generated classes return plain numbers and do not say."""

SHARED_TABLES = {
    "AVERAGE_POOL_2D": "Pool2DOptions",
    "L2_NORMALIZATION": "L2NormOptions",
    "L2_POOL_2D": "Pool2DOptions",
    "MAX_POOL_2D": "Pool2DOptions",
    "MAXIMUM": "MaximumMinimumOptions",
    "MINIMUM": "MaximumMinimumOptions",
    "MEAN": "ReducerOptions",
    "SUM": "ReducerOptions",
    "REDUCE_PROD": "ReducerOptions",
    "REDUCE_MAX": "ReducerOptions",
    "REDUCE_MIN": "ReducerOptions",
    "REDUCE_ANY": "ReducerOptions",
    "REDUCE_ALL": "ReducerOptions",
    "PADV2": "PadV2Options",
}
"""Tables of options that do not carry their operator's own name, letter by letter."""

_TABLES: dict[int, str] = {code: name for name, code in vars(tflite.BuiltinOptions).items() if not name.startswith("_")}


def read_options(operator: Any, kind: str) -> dict[str, object]:
    """The options of an operator of this kind; empty if it has none.

    A table that belongs to another operator counts as none, as in TFLite's own parser.
    """
    table_name = _TABLES.get(operator.BuiltinOptionsType(), "NONE")
    table = operator.BuiltinOptions()
    if table is None or table_name == "NONE" or not _belongs(table_name, kind):
        return {}
    return _read_table(getattr(tflite, table_name), table)


@functools.cache
def _belongs(table_name: str, kind: str) -> bool:
    expected = SHARED_TABLES.get(kind, kind.replace("_", "") + "Options")
    return table_name.casefold() == expected.casefold()


def _read_table(table_class: type[Any], table: Table) -> dict[str, object]:
    options = table_class()
    options.Init(table.Bytes, table.Pos)
    return {key: value for key, read in _fields(table_class) if (value := read(options)) is not None}


@functools.cache
def _fields(table_class: type[Any]) -> tuple[tuple[str, Callable[[Any], object]], ...]:
    """Key and reader of each field that holds a number, a bool, a text or a vector of numbers."""
    methods = [name for name, value in vars(table_class).items() if callable(value) and not name.startswith("_")]
    vectors = {name for name in methods if name + "Length" in methods}
    helpers = {name + suffix for name in vectors for suffix in ("AsNumpy", "Length", "IsNone")}
    found: list[tuple[str, Callable[[Any], object]]] = []
    for name in methods:
        key = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
        if name == "Init" or name in helpers:
            continue
        if name in vectors:
            if name + "AsNumpy" in methods:
                found.append((key, functools.partial(_read_vector, name)))
        else:
            found.append((key, functools.partial(_read_number, name, key)))
    return tuple(found)


def _read_number(name: str, key: str, options: Any) -> object:
    value = getattr(options, name)()
    if isinstance(value, bytes):
        return value[:MAX_TEXT].decode("utf-8", errors="replace")
    if not isinstance(value, bool | int | float):
        return None  # nested tables belong to operators that we do not run
    return value if key not in _ENUMS else _enum_name(_ENUMS[key], value, key)


def _read_vector(name: str, options: Any) -> tuple[object, ...]:
    length = getattr(options, name + "Length")()
    if length > MAX_ENTRIES:
        raise ModelError(f"option {name} has {length} entries; at most {MAX_ENTRIES} are read")
    return tuple(getattr(options, name + "AsNumpy")().tolist()) if length else ()


def _enum_name(enum: Any, value: object, key: str) -> str:
    for name, code in vars(enum).items():
        if code == value and not name.startswith("_"):
            return name
    raise ModelError(f"option {key} (={value}) is not a value of {enum.__name__}")
