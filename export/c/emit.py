"""A proved plan to C99 text that runs exactly that plan: its program, printed, and the constants beside it."""

from collections.abc import Mapping
from dataclasses import replace

from export.c.head import head_of, head_text
from export.c.names import PREFIX, fault_of_prefix
from export.c.print import program_text
from export.c.text import call_text, check_text, constant_text
from verify.graph.early_exit import NoExitError
from verify.graph.graph import Graph
from verify.graph.tensor import Tensor
from verify.program.lower import lower
from verify.program.program import Program
from verify.program.refuse import NotExpressibleError
from verify.program.reuse import NoReuseError
from verify.proof.check import ProvedPlan
from verify.targets.call import Constant, KernelCall
from verify.targets.choice import kernels_of
from verify.targets.flash import kernel_calls


class ExportError(Exception):
    """A proved plan that cannot be written as C, or an option that does not fit it."""


def emit(
    proved: ProvedPlan,
    reuse_rows: bool = False,
    early_exit: int | None = None,
    prefix: str = PREFIX,
    learned: bytes | None = None,
) -> dict[str, str]:
    """The generated files: name -> text.

    Args:
      proved: the plan.
      reuse_rows: whether to write `<prefix>_push_frame_rows` (verify.program.reuse).
      early_exit: the output that may answer early (verify.program.exits), or None.
      prefix: what all names begin with; a C identifier. Models with different ones can be linked together.
      learned: of a plan with a head that learns, the saved part of its struct as it is to begin (export.c.head).

    Raises:
      ExportError: an option does not fit the model, or the prefix is no identifier.
    """
    return printed(proved, program_of(proved, reuse_rows, early_exit), prefix, learned)


def printed(proved: ProvedPlan, program: Program, prefix: str = PREFIX, learned: bytes | None = None) -> dict[str, str]:
    """The generated files of a program that `program_of` gave for this plan; for callers who need the program, too.

    Raises:
      ExportError: the prefix is no identifier.
    """
    if fault := fault_of_prefix(prefix):
        raise ExportError(f"the name {prefix!r} cannot begin C names: {fault}")
    constants = constants_text(proved.graph, kernel_calls(proved.graph, kernels_of(proved.graph, proved.plan)))
    head = head_of(proved, learned)
    files = program_text(program, prefix) | {f"{prefix}_constants.h": constants}
    return files if head is None else files | head_text(head, program.name, prefix)


def program_of(proved: ProvedPlan, reuse_rows: bool = False, early_exit: int | None = None) -> Program:
    """What a proved plan does in C, as data.

    Raises:
      ExportError: an option does not fit the model.
    """
    try:
        return lower(proved.graph, proved.plan, reuse_rows, early_exit)
    except NoReuseError as error:
        raise ExportError(f"rows cannot be reused: {error}") from None
    except NoExitError as error:
        raise ExportError(f"no early exit: {error}") from None
    except NotExpressibleError as error:
        raise ExportError(str(error)) from None


def constants_text(graph: Graph, calls: Mapping[int, KernelCall]) -> str:
    """The file of weights and kernel parameters."""
    operands = sorted({t for node in graph.nodes for t in node.inputs if graph.tensors[t].data is not None})
    arrays = {(own := _operand(graph.tensors[tensor])).name: own for tensor in operands}
    parts = ["/* Weights and kernel parameters. */\n", *map(constant_text, arrays.values())]
    for index, call in calls.items():
        own = {constant.name: constant for constant in call.constants if constant.name not in arrays}
        arrays |= own
        parts.append(call_text(replace(call, constants=tuple(own.values())), f"op_{index}"))
    return "\n".join([*parts, check_text(list(arrays.values()))])


def _operand(tensor: Tensor) -> Constant:
    assert tensor.data is not None
    return Constant(f"tensor_{tensor.index}", tensor.data)
