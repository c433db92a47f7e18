"""Stretches of a network that look alike to the planner: what was found for one holds for the others.

Deep networks are the same few blocks again and again, with other weights. All that a search asks of the operators from
some start on goes by their look: windows, extents, bytes, kernels, and who reads what how many operators away. Where
that is the same as from an earlier start on, for as many operators as were looked at then, stages are the same, only of
other tensors.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Generic, Self, TypeVar

from verify.graph.tensor import Axis
from verify.plan.draft import Draft, Stream
from verify.plan.uses import Uses

T = TypeVar("T")

COMPARED = 3
"""Operators by which an earlier start is found; then all that matter are compared."""


def kinds(uses: Uses) -> list[int]:
    """A number for each node; nodes of the same one look alike and stand alike among those that they read and feed."""
    known: dict[Hashable, int] = {}
    return [known.setdefault(_kind(uses, number), len(known)) for number in range(len(uses.graph.nodes))]


def _kind(uses: Uses, number: int) -> Hashable:
    node = uses.graph.nodes[number]
    tensors = tuple(_relation(uses, number, tensor) for tensor in (*node.inputs, *node.outputs))
    axes = (Axis.HEIGHT, Axis.WIDTH) if uses.tiles(node) else (Axis.HEIGHT,)
    operands = [k for k, tensor in enumerate(node.inputs) if tensor in uses.producer]
    windows = tuple(uses.window(node, operand, axis) for operand in operands for axis in axes)
    return uses.looks[number], node.delays, tensors, windows


def _relation(uses: Uses, number: int, tensor: int) -> Hashable:
    """How a tensor that node `number` reads or makes is used; network inputs are like nothing else."""
    if tensor not in uses.producer:
        return None
    producer = uses.producer[tensor]
    last = None if tensor in uses.graph.outputs else uses.last[tensor] - number
    readers = tuple(reader - number for reader in uses.readers[tensor])
    sizes = uses.graph.tensors[tensor].shape, uses.rows(tensor), uses.size_bytes(tensor), uses.kept[tensor]
    return ~tensor if producer < 0 else number - producer, last, readers, sizes


class Starts(Generic[T]):
    """What was found from earlier starts.

    Args:
      kinds: of all nodes, by number.
      before: bytes that stand before each node.
    """

    def __init__(self, kinds: Sequence[Hashable], before: Sequence[int]):
        self._kinds, self._before = kinds, before
        self._found: dict[Hashable, tuple[int, int, T]] = {}

    def earlier(self, start: int) -> T | None:
        """What was found from an earlier start that looks alike, as far as was looked then."""
        found = self._found.get(self._key(start))
        if found is None:
            return None
        first, looked_at, value = found
        kinds, end = self._kinds, start + looked_at
        alike = end <= len(kinds) and all(kinds[first + k] == kinds[start + k] for k in range(looked_at))
        return value if alike else None

    def keep(self, start: int, end: int, value: T) -> None:
        """Keeps what was found from a start on by looking at nodes [start, end); `end` may be past the last one."""
        if start:  # the first stage may be fed
            self._found[self._key(start)] = start, end - start, value

    def _key(self, start: int) -> Hashable:
        return self._before[start], tuple(self._kinds[start : start + COMPARED])


@dataclass(frozen=True, eq=False)
class Found:
    """A legal stage. One that was found for operators that look alike makes its draft only when it is asked for."""

    draft: Draft

    @cached_property
    def start(self) -> int:
        return self.draft.start

    @cached_property
    def end(self) -> int:
        return self.draft.end

    @cached_property
    def fed(self) -> tuple[int, ...]:
        return self.draft.fed

    def moved(self, uses: Uses, start: int) -> Self:
        """The same of the operators from `start` on, which look alike."""
        return self._from(start, lambda draft: moved(uses, draft, start))

    def renumbered(self, start: int) -> Self:
        """The same in another network, in which these very operators begin at `start`."""
        return self._from(start, lambda draft: renumbered(draft, start))

    def _from(self, start: int, make: Callable[[Draft], Draft]) -> Self:
        other = object.__new__(type(self))
        vars(other).update(vars(self), start=start, end=start + self.end - self.start, fed=self.fed, _like=(make, self))
        vars(other).pop("draft", None)
        return other

    def __getattr__(self, name: str) -> Draft:
        """The draft of one that was moved."""
        if name != "draft" or "_like" not in vars(self):
            raise AttributeError(name)
        make, like = vars(self)["_like"]
        vars(self)["draft"] = draft = make(like.draft)
        return draft


def moved(uses: Uses, draft: Draft, start: int) -> Draft:
    """The same stage of the operators from `start` on, which look alike."""
    nodes, by = uses.graph.nodes, start - draft.start
    assert not draft.fed and not draft.fixed, "only stages that nothing is fed to have others like them"
    names = {
        tensor: other
        for number in range(draft.start, draft.end)
        for tensor, other in zip(nodes[number].outputs, nodes[number + by].outputs, strict=True)
    }
    columns = _renamed(draft.columns, names) if draft.columns else None
    return replace(renumbered(draft, start), rows=_renamed(draft.rows, names), columns=columns)


def renumbered(draft: Draft, start: int) -> Draft:
    """The same stage of the same operators, where they begin at `start`."""
    by = start - draft.start
    return replace(draft, start=start, end=draft.end + by, demand=frozenset(number + by for number in draft.demand))


def _renamed(stream: Stream, names: Mapping[int, int]) -> Stream:
    return replace(
        stream,
        arriving={names[tensor]: arrives for tensor, arrives in stream.arriving.items()},
        rings={names[tensor]: ring for tensor, ring in stream.rings.items()},
    )
