"""Which operator class reads which TFLite builtin. A file in this folder is registered by being there.

An operator class is a public class with `kind`, TFLite's builtin name, and `from_tflite`; a module may hold several
that share their arithmetic. Classes without `from_tflite` are of operators that are made of these. The folder `wide`
has classes of their own for int16 activations: of builtins that compute otherwise there.
"""

import functools
import importlib
import pkgutil
from collections.abc import Iterable

import verify.ops
import verify.ops.wide
from verify.graph.tensor import DType
from verify.ops.base import FileOp, OperatorSource


@functools.cache
def operators() -> dict[str, type[FileOp]]:
    """All operator classes by TFLite builtin name, in alphabetical order of modules."""
    return _classes_in(verify.ops.__path__, "verify.ops")


@functools.cache
def wide_operators() -> dict[str, type[FileOp]]:
    """Those of the folder `wide`, by TFLite builtin name."""
    return _classes_in(verify.ops.wide.__path__, "verify.ops.wide")


def for_types(operator: type[FileOp], source: OperatorSource) -> type[FileOp]:
    """The class that reads `source`: the builtin's own one, or its other one for int16 activations."""
    wide = wide_operators().get(source.kind)
    return wide if wide and _computes_int16(source) else operator


def _computes_int16(source: OperatorSource) -> bool:
    """Whether an activation that it reads is int16, and none int8; where it reads none, whether its results are."""
    read = [tensor.dtype for tensor in source.inputs if tensor is not None and tensor.data is None]
    found = read or [tensor.dtype for tensor in source.outputs]
    return DType.INT16 in found and DType.INT8 not in found


def _classes_in(path: Iterable[str], package: str) -> dict[str, type[FileOp]]:
    found: dict[str, type[FileOp]] = {}
    for info in pkgutil.iter_modules(path):
        if info.name == "__main__":
            continue  # a command, which puts all parts together
        module = importlib.import_module(f"{package}.{info.name}")
        for value in vars(module).values():
            if (
                isinstance(value, type)
                and value.__module__ == module.__name__
                and isinstance(getattr(value, "kind", None), str)
                and hasattr(value, "from_tflite")
            ):
                if value.kind in found:
                    raise AssertionError(f"{value.kind} is defined by {found[value.kind]} and by {value}")
                found[value.kind] = value
    return found
