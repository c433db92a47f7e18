"""C9 as obligations: the channels that a plan leaves out hold what it says that they hold.

That the rest of the network is what is left without them, bit for bit, follows from how it is made
(verify.channels.reduced): what an operator cannot do without stands in the way of that, and the plan is refused.
"""

from collections.abc import Iterator, Mapping

from verify.channels.ranges import channel_ranges
from verify.graph.graph import Graph, LeftOut
from verify.ops.channels import Channels, last_axis
from verify.proof.layout import Layout
from verify.proof.obligation import Obligation, Term, constant, num


def left_out(layout: Layout) -> Iterator[Obligation]:
    """C9: the interval of each channel left out is the one value stated; those without a value are read by none."""
    whole = layout.graph.whole
    if whole is None:
        return
    ranges = channel_ranges(whole)
    for entry in layout.plan.left_out:
        yield _stays_without(layout.graph, whole, entry)
        if any(value is not None for value in entry.values):
            yield _holds_one_value(whole, entry, ranges[entry.tensor])


def _subject(whole: Graph, entry: LeftOut) -> str:
    producer = whole.producers.get(entry.tensor)
    return producer.label if producer else f'tensor {entry.tensor} "{whole.tensors[entry.tensor].name}"'


def _holds_one_value(whole: Graph, entry: LeftOut, ranges: Channels) -> Obligation:
    known = {c: value for c, value in zip(entry.channels, entry.values, strict=True) if value is not None}
    cases = [_case(c, int(ranges.low[c]), int(ranges.high[c]), value) for c, value in known.items()]
    return Obligation(
        claim="C9",
        subject=_subject(whole, entry),
        sentence=f"each of {len(cases)} channels left out of tensor {entry.tensor} holds its value for every input",
        variables=("c", "v", "w"),
        assumptions=(f"(or {' '.join(cases)})" if len(cases) > 1 else cases[0],),
        denial="(not (= v w))",
        explain=lambda v: _explanation(entry, v),
    )


def _explanation(entry: LeftOut, v: Mapping[str, int]) -> str:
    return f"channel {v['c']} of tensor {entry.tensor} can hold {v['v']}; the plan leaves it out as {v['w']}"


def _stays_without(graph: Graph, whole: Graph, entry: LeftOut) -> Obligation:
    kept, count = (last_axis(g.tensors[entry.tensor].shape) for g in (graph, whole))
    gone = len(entry.channels)
    return constant(
        "C9",
        _subject(whole, entry),
        f"every operator that writes or reads tensor {entry.tensor} exists without {gone} of its {count} channels",
        f"(not (= {kept} (- {count} {gone})))",
        f"{kept} channels of tensor {entry.tensor} are left of {count}; the plan leaves out {gone}",
    )


def _case(channel: int, low: int, high: int, value: int) -> Term:
    return f"(and (= c {channel}) (<= {num(low)} v) (<= v {num(high)}) (= w {num(value)}))"
