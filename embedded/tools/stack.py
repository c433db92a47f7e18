"""An upper bound of the stack that the model's functions need: see stack_check, which exported folders have as well."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from embedded.tools.board import Board
from embedded.tools.stack_check import CallGraph, UnboundedError, deepest, disassemble

INTERFACE = "stj_model_"
"""What the names of the functions begin with that a caller may call."""


@dataclass(frozen=True)
class StackBound:
    """`size_bytes` along `chain` (function names, outermost first), or None and the reason why."""

    size_bytes: int | None
    chain: tuple[str, ...] = ()
    reason: str = ""


def stack_bound(board: Board, image: Path, call_graph_files: Iterable[Path]) -> StackBound:
    """The deepest chain of calls from any function of the model's interface that is in the image."""
    code = disassemble(f"{board.prefix}objdump", image)
    graph = CallGraph(path.read_text() for path in call_graph_files)
    # What nothing calls, the linker has left out.
    entries = [name for name in graph.frames if name.startswith(INTERFACE) and name in code.by_name]
    try:
        bound = deepest(graph, entries, code.routine)
    except UnboundedError as error:
        return StackBound(None, reason=str(error))
    return StackBound(bound.size_bytes, bound.chain)
