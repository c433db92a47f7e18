"""For which heights (widths) of the input a stage's tensors exist, and that they do.

The smallest such size and, where branches of different strides meet, the remainder that it must leave, are found by
trying; that all sizes of that kind will do is then an obligation like any other.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from verify.graph.tensor import Axis
from verify.proof.obligation import Obligation
from verify.proof.unknown import Fact, UnknownSizes, fact

MOST_TRIED = 4096
"""Longest period of sizes of which all remainders are tried."""

INPUT = {Axis.HEIGHT: "H", Axis.WIDTH: "W"}


@dataclass(frozen=True)
class Range:
    """Input sizes >= `minimum` along an axis that leave `residue` modulo `modulus`.

    `matters` is whether any tensor of the stage follows the input's size. A modulus of 0 stands for `minimum` alone:
    at other sizes the operators' shapes do not fit each other.
    """

    axis: Axis
    minimum: int
    modulus: int
    residue: int
    matters: bool

    def text(self) -> str:
        name = INPUT[self.axis]
        if not self.modulus:
            return f"{name} = {self.minimum}"
        rest = f" with {name} mod {self.modulus} = {self.residue}" if self.modulus > 1 else ""
        return f"{name} >= {self.minimum}{rest}"

    def chain(self, sizes: UnknownSizes, stage: int) -> list[Fact]:
        """How the sizes of the network up to a stage come from the input's, which is in this range."""
        name, family = INPUT[self.axis], sizes.family
        facts = [fact(f"(>= {name} {self.minimum})")]
        if self.modulus > 1:
            facts.append(fact(f"(= (mod {name} {self.modulus}) {self.residue})"))
        for tensor in sizes.graph.inputs:
            same = family.shares_size(tensor, self.axis)
            value = name if same else str(family.actual(tensor, self.axis))
            facts.append(fact(f"(= {sizes.name(tensor, self.axis)} {value})"))
        count = nodes_until(sizes, stage)
        for node in sizes.graph.nodes[:count]:
            for tensor in node.outputs:
                relations = family.of_result.get((tensor, self.axis), [])
                term = f"(= {sizes.name(tensor, self.axis)} {family.actual(tensor, self.axis)})"
                facts.append(fact(sizes.relation(relations[0]) if relations else term))
        return list(dict.fromkeys(facts))


def nodes_until(sizes: UnknownSizes, stage: int) -> int:
    """How many nodes of the graph, in its order, reach to the end of a stage."""
    ops = {firing.op for firing in sizes.plan.stages[stage].firings}
    return 1 + max(number for number, node in enumerate(sizes.graph.nodes) if node.index in ops)


def stage_tensors(sizes: UnknownSizes, stage: int) -> list[int]:
    """Activations that a stage reads, is fed or computes."""
    ops = {firing.op for firing in sizes.plan.stages[stage].firings}
    known = set(sizes.graph.producers) | set(sizes.graph.inputs)
    touched = [t for node in sizes.graph.nodes if node.index in ops for t in (*node.inputs, *node.outputs)]
    return list(dict.fromkeys(tensor for tensor in touched if tensor in known))


def range_of(sizes: UnknownSizes, stage: int, axis: Axis) -> Range:
    """The input sizes at which the network exists up to a stage, as far as the model's own kind of sizes goes."""
    family, count = sizes.family, nodes_until(sizes, stage)
    forms = [family.forms[axis][tensor] for node in sizes.graph.nodes[:count] for tensor in node.outputs]
    matters = any(family.follows_input(tensor, axis) for tensor in stage_tensors(sizes, stage))
    size, period = family.size(axis), math.lcm(*(form.modulus for form in forms))
    steps = _divisors(period) if period <= MOST_TRIED else [period]
    fitting = (m for m in steps if all(exists(sizes, axis, x, count) for x in range(size, size + 2 * period, m)))
    modulus = next(fitting, 0)
    if not modulus:
        return Range(axis, size, 0, size, matters)
    smallest = size
    while smallest > modulus and exists(sizes, axis, smallest - modulus, count):
        smallest -= modulus
    return Range(axis, smallest, modulus, size % modulus, matters)


def exists(sizes: UnknownSizes, axis: Axis, x: int, nodes: int) -> bool:
    found = sizes.family.sizes_at(axis, x, nodes)
    return found is not None and all(size >= sizes.least(tensor, axis) for tensor, size in found.items())


def _divisors(number: int) -> Iterator[int]:
    return (d for d in range(1, number + 1) if number % d == 0)


def existence(sizes: UnknownSizes, stage: int, found: Range) -> Iterator[Obligation]:
    """At every input size of a range, all operators of a stage have operands that fit each other."""
    if not found.matters:
        return
    axis, family = found.axis, sizes.family
    ops = {firing.op for firing in sizes.plan.stages[stage].firings}
    relations = [r for r in family.relations if r.node.index in ops and r.axis is axis]
    names = {sizes.name(tensor, axis): sizes.least(tensor, axis) for tensor in stage_tensors(sizes, stage)}
    missing = [f"(< {name} {least})" for name, least in names.items()]
    differing = [f"(not {term})" for term in dict.fromkeys(sizes.relation(r) for r in relations)]
    chain = found.chain(sizes, stage)
    used = sorted({name for known in chain for name in known.names} | set(names), key=lambda n: (len(n), n))
    yield Obligation(
        claim="sizes",
        subject=f"stage {stage}",
        sentence=f"for every {found.text()}, its tensors exist and fit each other",
        variables=tuple(used),
        assumptions=tuple(known.term for known in chain),
        denial=f"(or {' '.join([*missing, *differing])})",
        explain=lambda v: f"an input of {INPUT[axis]} = {v[INPUT[axis]]} has no such network",
    )
