"""What each operator of a plan takes: instructions as estimated from the target's prices, and bytes of flash."""

from collections import defaultdict
from dataclasses import dataclass

from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.ops.regions import computed_macs
from verify.report.names import TABLE_NAME, labels, middle, printable
from verify.targets.call import WORD_BYTES, KernelCall, flash_bytes_of
from verify.targets.choice import kernels_of
from verify.targets.cost import AROUND, around_of, call_price, calls_of, priced
from verify.targets.flash import constant_bytes, kernel_calls
from verify.targets.prices import PRICES


@dataclass(frozen=True)
class OperatorCost:
    """An operator. `instructions` is None where what its kernel takes was not measured, `share` is that of all.

    `flash_bytes` are of weights, tables and parameters that no operator before it has stored already.
    """

    index: int
    kind: str
    name: str
    full_name: str
    kernel: str
    macs: int
    instructions: int | None
    share: float
    flash_bytes: int

    @property
    def per_mac(self) -> float | None:
        """Instructions per multiply-accumulate."""
        return self.instructions / self.macs if self.macs and self.instructions is not None else None


@dataclass(frozen=True)
class Costs:
    """All operators in the order of the plan, and what is none's.

    Args:
      operators: one per firing.
      around: instructions of the generated code round the kernels.
      shared_bytes: flash of constants that are read like activations, and of the interface's tables.
      instructions: the sum; None where a kernel's prices are not known.
      flash_bytes: the sum, without code.
    """

    operators: tuple[OperatorCost, ...]
    around: int
    shared_bytes: int
    instructions: int | None
    flash_bytes: int


def costs_of(graph: Graph, plan: Plan) -> Costs:
    """The costs of a plan for this graph; of a clip, those of a frame with a result."""
    kernels, macs = kernels_of(graph, plan), computed_macs(graph, plan)
    found: dict[int, float | None] = defaultdict(float)
    for calls in calls_of(graph, plan):
        before = found[calls.op]
        price = call_price(kernels[calls.op], graph.by_index[calls.op], calls)
        found[calls.op] = None if before is None or price is None else before + price
    around = priced(around_of(graph, plan), PRICES[AROUND])
    counts = [found[node.index] for node in graph.nodes]
    known = [count for count in counts if count is not None]
    everything = sum(known) + around
    flash, total = _flash_by_operator(kernel_calls(graph, kernels)), constant_bytes(graph, kernels)
    ops = [firing.op for stage in plan.stages for firing in stage.firings]
    names = labels([printable(graph.by_index[op].name) for op in ops])
    return Costs(
        operators=tuple(
            _operator(graph, op, name, kernels[op].name, macs[op], found[op], everything, flash[op])
            for op, name in zip(ops, names, strict=True)
        ),
        around=round(around),
        shared_bytes=total - sum(flash.values()),
        instructions=round(everything) if len(known) == len(counts) else None,
        flash_bytes=total,
    )


def _operator(
    graph: Graph, op: int, name: str, kernel: str, macs: int, count: float | None, everything: float, flash: int
) -> OperatorCost:
    node = graph.by_index[op]
    share = (count or 0.0) / everything if everything else 0.0
    instructions = None if count is None else round(count)
    return OperatorCost(
        op, node.op.kind, middle(name, TABLE_NAME), printable(node.name), kernel, macs, instructions, share, flash
    )


def _flash_by_operator(calls: dict[int, KernelCall]) -> dict[int, int]:
    """Each operator's own; an array that several have counts for the first of them."""
    found: dict[int, int] = {}
    stored: dict[str, int] = {}
    for op, call in calls.items():
        known = {c.name: -(-c.size_bytes // WORD_BYTES) * WORD_BYTES for c in call.constants}
        again = sum(size for name, size in known.items() if name in stored)
        found[op] = flash_bytes_of([call]) - again
        stored |= known
    return found
