"""C5 and C6 of a head that learns: what it takes, and that its integers fit however many examples come.

What a head is made of, and what it computes, it says itself (verify.learning); the plan's numbers are judged here. That
integers fit after any number of examples is an induction: each fact starts from fields in their ranges, and the facts
about what is left in a field end there. A state that comes from elsewhere, out of flash, is compared with these ranges
by the device before it is used.
"""

from collections.abc import Iterator

from verify.graph.learning import Learning, Readout
from verify.learning import HEADS
from verify.learning.head import MOST_CLASSES, MOST_PASSES, MOST_ROOM, Fact, Head, flash_bytes, struct_bytes
from verify.proof.layout import Layout
from verify.proof.obligation import Obligation, constant, num
from verify.targets.flash import constant_bytes


def learned(layout: Layout) -> Iterator[Obligation]:
    """What is owed of the head of a plan that has one."""
    learning, readout = layout.plan.learning, layout.graph.readout
    if learning is None or readout is None:
        return
    head = HEADS.get(learning.head)
    if head is None:
        text = f"there is no head that is called {learning.head!r}"
        yield constant("C5", "head", "is one that is known", "true", text)
        return
    yield from head_budget(layout, head, learning, readout)
    if _can_begin(learning, readout):  # else C5 is refuted
        yield from head_arithmetic(head, learning, readout)


def _can_begin(learning: Learning, readout: Readout) -> bool:
    """Whether there is a state with which it begins."""
    own, features = readout.weights.shape
    return own <= learning.classes <= MOST_CLASSES and learning.features == features


def head_budget(layout: Layout, head: Head, learning: Learning, readout: Readout) -> Iterator[Obligation]:
    """C5: a head that learns takes no more than stated, for the features that the network gives; its constants fit."""
    needed = struct_bytes(head, learning)
    text = f"the plan states {learning.bytes} bytes; the head needs {needed}"
    yield constant("C5", "head", "is at least what it needs", f"(< {learning.bytes} {needed})", text)
    features = [layout.graph.tensors[tensor].elements for tensor in layout.graph.outputs]
    text = f"the plan's head has {learning.features} features; the network gives {features}"
    wrong = f"(not (= {learning.features} {sum(features) if len(features) == 1 else -1}))"
    yield constant("C5", "head", "reads what the network gives", wrong, text)
    own = len(readout.weights)
    most = ((learning.classes, MOST_CLASSES), (learning.room, MOST_ROOM), (learning.passes, MOST_PASSES))
    outside = " ".join([f"(< {learning.classes} {own})", *(f"(> {number} {limit})" for number, limit in most)])
    text = f"{learning.classes} classes, of the model {own}; {learning.room} examples kept, {learning.passes} passes"
    sentence = f"has the model's classes, at most {MOST_CLASSES}, {MOST_ROOM} examples and {MOST_PASSES} passes"
    yield constant("C5", "head", sentence, f"(or {outside})", text)
    if layout.plan.flash_budget is not None:
        all_of_it = f"(+ {constant_bytes(layout.graph, layout.kernels)} {flash_bytes(head, learning, readout)})"
        text = f"with the head's constants, more than the budget of {layout.plan.flash_budget} bytes"
        yield constant(
            "C5", "flash", "fits the budget with the head", f"(> {all_of_it} {layout.plan.flash_budget})", text
        )


def head_arithmetic(head: Head, learning: Learning, readout: Readout) -> Iterator[Obligation]:
    """C6: every integer of a head that learns fits, and what it leaves is in its range, so it fits for ever."""
    wrong = "false" if head.valid(learning, head.first(learning, readout)) else "true"
    text = "what it begins with is outside the ranges that learning leaves"
    yield constant("C6", f"head {head.name}", "begins in the ranges that every step starts from", wrong, text)
    for fact in head.facts(learning, readout):
        yield _fits(head, fact)


def _fits(head: Head, fact: Fact) -> Obligation:
    bounds = tuple(f"(and (<= {low} {name}) (<= {name} {high}))" for name, (low, high) in fact.variables.items())
    return Obligation(
        claim="C6",
        subject=f"head {head.name}",
        sentence=f"{fact.name} stays in its range",
        variables=tuple(fact.variables),
        assumptions=bounds,
        denial=f"(or (< {fact.value} {fact.low}) (> {fact.value} {fact.high}))",
        explain=lambda values: (
            f"{fact.name}: {fact.value} is outside [{fact.low}, {fact.high}]"
            + "".join(f", {name} = {num(value)}" for name, value in values.items())
        ),
    )
