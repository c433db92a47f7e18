"""Which operator class reads which TFLite builtin. A file in this folder is registered by being there.

An operator class is a public class with `kind`, TFLite's builtin name; a module may hold several that share their
arithmetic.
"""

import functools
import importlib
import pkgutil

import verify.ops
from verify.ops.base import Op


@functools.cache
def operators() -> dict[str, type[Op]]:
    """All operator classes by TFLite builtin name, in alphabetical order of modules."""
    found: dict[str, type[Op]] = {}
    for info in pkgutil.iter_modules(verify.ops.__path__):
        if info.name == "__main__":
            continue  # a command, which puts all parts together
        module = importlib.import_module(f"verify.ops.{info.name}")
        for value in vars(module).values():
            if (
                isinstance(value, type)
                and value.__module__ == module.__name__
                and isinstance(getattr(value, "kind", None), str)
            ):
                if value.kind in found:
                    raise AssertionError(f"{value.kind} is defined by {found[value.kind]} and by {value}")
                found[value.kind] = value
    return found
