"""Which operator class reads which TFLite builtin. A file in this folder is registered by being there.

An operator class is a public class with `kind`, TFLite's builtin name, and `from_tflite`; a module may hold several
that share their arithmetic. Classes without `from_tflite` are of operators that are made of these.
"""

import functools
import importlib
import pkgutil

import verify.ops
from verify.ops.base import FileOp


@functools.cache
def operators() -> dict[str, type[FileOp]]:
    """All operator classes by TFLite builtin name, in alphabetical order of modules."""
    found: dict[str, type[FileOp]] = {}
    for info in pkgutil.iter_modules(verify.ops.__path__):
        if info.name == "__main__":
            continue  # a command, which puts all parts together
        module = importlib.import_module(f"verify.ops.{info.name}")
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
