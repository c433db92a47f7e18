"""Where a program may stop because an early output has answered: between two stages."""

from verify.graph.early_exit import NoExitError, always_run
from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.graph.tensor import DType
from verify.program.program import EarlyExit


def exit_of(graph: Graph, plan: Plan, output: int) -> EarlyExit:
    """The output, the first stage that is left out, and how many values are compared.

    Raises:
      NoExitError: the output cannot answer early, or the plan mixes what always runs with what would be left out.
    """
    always = always_run(graph, output)
    stages = [{firing.op for firing in stage.firings} for stage in plan.stages]
    first = 1 + max(number for number, ops in enumerate(stages) if ops & always)
    if any(ops - always for ops in stages[:first]):
        raise NoExitError(
            f"the plan computes parts of other outputs before output {output} is complete; "
            f"make it with python -m verify.plan --early-exit {output}"
        )
    tensor = graph.tensors[graph.outputs[output]]
    if tensor.dtype is not DType.INT8 or tensor.elements < 2:
        raise NoExitError(
            f"output {output} has {tensor.elements} values of type {tensor.dtype.value}; "
            "an early exit compares at least two int8 values"
        )
    return EarlyExit(output, first, tensor.elements)
