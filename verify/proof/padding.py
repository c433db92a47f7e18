"""C7 as obligations: padding that kernels skip is the model's, and adds nothing. `w` is a weight."""

from collections.abc import Iterator

from verify.graph.window import Padding
from verify.proof.layout import Layout
from verify.proof.obligation import Obligation, between, constant, num


def padding(layout: Layout, only: int | None = None) -> Iterator[Obligation]:
    """C7: (value that the model pads with - zero point) * w = 0 for every int8 weight, and the plan skips just that."""
    for stage in layout.plan.stages if only is None else (layout.plan.stages[only],):
        for firing in stage.firings:
            node = layout.nodes[firing.op]
            skipped = node.op.padding
            text = f"the plan skips padding {_sides(firing.padding)}; the model pads {_sides(skipped)}"
            pairs = zip(_numbers(firing.padding), _numbers(skipped), strict=True)
            differ = " ".join(f"(not (= {num(planned)} {num(known)}))" for planned, known in pairs)
            yield constant("C7", node.label, "skips exactly the model's padding", f"(or {differ})", text)
            if skipped is not None:
                yield _contributes_nothing(node.label, skipped, node.op.padding_zero)


def _numbers(padding: Padding | None) -> tuple[int, ...]:
    """Whether there is padding, its four sides and its value."""
    if padding is None:
        return 0, 0, 0, 0, 0, 0
    return 1, padding.top, padding.bottom, padding.left, padding.right, padding.value


def _contributes_nothing(subject: str, skipped: Padding, zero: int) -> Obligation:
    return Obligation(
        claim="C7",
        subject=subject,
        sentence=f"a padded {skipped.value} with zero point {zero} adds nothing for any weight",
        variables=("w",),
        assumptions=(between(-128, "w", 128),),
        denial=f"(not (= (* (- {num(skipped.value)} {num(zero)}) w) 0))",
        explain=lambda v: (
            f"padding holds {skipped.value}, zero is {zero}: weight {v['w']} adds {(skipped.value - zero) * v['w']}"
        ),
    )


def _sides(padding: Padding | None) -> str:
    if padding is None:
        return "nothing"
    sides = f"{padding.top} above, {padding.bottom} below, {padding.left} left, {padding.right} right"
    return f"{sides} with value {padding.value}"
