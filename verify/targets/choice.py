"""Which kernel computes which operator of a plan."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from verify.graph.graph import Graph
from verify.graph.plan import Plan, Policy
from verify.targets.kernel import Kernel
from verify.targets.registry import target_named
from verify.targets.target import NoKernelError

Kernels = Mapping[int, Kernel[Any]]
"""By index of the operator in the model file."""


def chosen(graph: Graph, target: str, lent: Collection[int] = (), packed: bool = False) -> Kernels:
    """The target's preferred kernel of every operator.

    Args:
      graph: the model.
      target: the target's name.
      lent: tensors in memory of the caller's, behind which nothing may be read.
      packed: whether kernels that pack their weights are preferred to all others.

    Raises:
      NoKernelError: there is no such target, or it has no kernel for an operator.
    """
    found = target_named(target)
    return {
        node.index: found.choose(node, [k for k, tensor in enumerate(node.inputs) if tensor in lent], packed)
        for node in graph.nodes
    }


def alternatives(
    graph: Graph, target: str, lent: Collection[int] = (), packed: bool = False
) -> Mapping[int, tuple[Kernel[Any], ...]]:
    """The preferred kernel of every operator, and those that can take its place; arguments are those of `chosen`."""
    found = target_named(target)
    return {
        node.index: found.alternatives(node, [k for k, tensor in enumerate(node.inputs) if tensor in lent], packed)
        for node in graph.nodes
    }


def leaner(
    graph: Graph, target: str, kernels: Kernels, lent: Collection[int] = ()
) -> Mapping[int, tuple[Kernel[Any], ...]]:
    """Of every operator that has such, kernels of less and less working memory than its own in `kernels`.

    They are for the same machines as that: what does without a machine's instructions is no way to save a few bytes.
    """
    found, others = {}, alternatives(graph, target, lent)
    for node in graph.nodes:
        less = [kernels[node.index]]
        for kernel in others[node.index] if less[0].scratch_bytes(node) else ():
            if kernel.features == less[0].features and kernel.scratch_bytes(node) < less[-1].scratch_bytes(node):
                less.append(kernel)
        if less[1:]:
            found[node.index] = tuple(less[1:])
    return found


def with_kernels(graph: Graph, plan: Plan) -> Plan:
    """The plan with a kernel named wherever it names none (plan files of version 2): its target's preferred one.

    Operators that the model does not have are left for the checker to refuse.

    Raises:
      NoKernelError: there is no such target, or it has no kernel for an operator.
    """
    if all(firing.kernel for stage in plan.stages for firing in stage.firings):
        return plan
    lent = [buffer.tensor for buffer in plan.buffers if buffer.policy is Policy.EXTERNAL]
    preferred = chosen(graph, plan.target, lent)
    stages = []
    for stage in plan.stages:
        firings = [
            f if f.kernel or f.op not in preferred else replace(f, kernel=preferred[f.op].called) for f in stage.firings
        ]
        stages.append(replace(stage, firings=tuple(firings)))
    return replace(plan, stages=tuple(stages))


def kernels_of(graph: Graph, plan: Plan) -> Kernels:
    """The kernel that a plan names for each of the model's operators.

    Raises:
      NoKernelError: there is no such target, or it has no kernel of such a name, or that does not fit its operator; or
        the plan names none for an operator.
    """
    target, found = target_named(plan.target), {}
    for firing in (firing for stage in plan.stages for firing in stage.firings):
        kernel, node = target.kernel(firing.kernel), graph.by_index.get(firing.op)
        if kernel is None or (node is not None and not target.fits(kernel, node)):
            subject = node.label if node else f"op {firing.op}"
            raise NoKernelError(f"{subject}: target {target.name} has no kernel {firing.kernel!r} for it")
        found[firing.op] = kernel
    if missing := graph.by_index.keys() - found.keys():
        raise NoKernelError(f"{graph.by_index[min(missing)].label}: the plan names no kernel for it")
    return found
