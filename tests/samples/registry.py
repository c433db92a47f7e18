"""The samples by TFLite builtin. An operator without one fails the tests: it would be in no random network."""

import functools
import importlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from verify.graph.tensor import Tensor
from verify.ops.registry import operators

if TYPE_CHECKING:
    from tests.random_models import Net

Sample = Callable[[st.DrawFn, "Net", Tensor, Sequence[Tensor]], tuple[Tensor, ...]]
"""Takes the network, the int8 tensor to read, and all tensors that there are so far."""


@functools.cache
def samples() -> dict[str, Sample]:
    return {kind: _sample(kind, operator.__module__.rsplit(".", 1)[-1]) for kind, operator in operators().items()}


def _sample(kind: str, module: str) -> Sample:
    try:
        return getattr(importlib.import_module(f"tests.samples.{module}"), f"draw_{kind.lower()}")
    except (ModuleNotFoundError, AttributeError):
        text = f"{kind} has no sample: write `draw_{kind.lower()}` in tests/samples/{module}.py"
        raise AssertionError(text) from None
