"""Which targets there are. A folder in verify/targets is a target by being there, if its package has a `TARGET`.

The target's name is the folder's, with - for _.
"""

import functools
import importlib
import itertools
import pkgutil
from collections.abc import Iterable
from typing import Any

import verify.targets
from verify.targets.kernel import Kernel
from verify.targets.target import NoKernelError, Target

PORTABLE = "portable"
"""C99 for any 32-bit machine: what a plan is made for unless it says otherwise."""


def targets() -> dict[str, Target]:
    """All targets by name, in alphabetical order."""
    return _targets(tuple(verify.targets.__path__))


@functools.cache
def _targets(folders: tuple[str, ...]) -> dict[str, Target]:
    names = sorted(info.name for info in pkgutil.iter_modules(folders) if info.ispkg)
    packages = [importlib.import_module(f"verify.targets.{name}") for name in names]
    found: dict[str, Target] = {package.TARGET.name: package.TARGET for package in packages}
    if list(found) != [name.replace("_", "-") for name in names]:
        raise AssertionError(f"a target is called as its folder is: {names}, found {list(found)}")
    return found


def target_named(name: str) -> Target:
    """The target of this name.

    Raises:
      NoKernelError: there is none.
    """
    found = targets().get(name)
    if found is None:
        raise NoKernelError(f"there is no target {name!r}; there are {', '.join(targets())}")
    return found


def kernels_in(path: Iterable[str], package: str) -> tuple[Kernel[Any], ...]:
    """One of each kernel class that the modules of a package define, in alphabetical order of modules, and its forms.

    Args:
      path, package: the package's `__path__` and `__name__`; a kernel class is one that has a `name` of its own.
    """
    modules = [importlib.import_module(f"{package}.{info.name}") for info in pkgutil.iter_modules(path)]
    found: list[Kernel[Any]] = [
        value()
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Kernel) and isinstance(vars(value).get("name"), str)
        if value.__module__ == module.__name__
    ]
    return tuple(itertools.chain.from_iterable((kernel, *kernel.forms()) for kernel in found))
