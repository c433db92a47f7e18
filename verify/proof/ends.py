"""The padding rule of published patch code, taken at its word: only the first and the last patch of an axis pad.

Such code computes every patch alike and skips padding in the first and the last one. A receptive field that has grown
by several operators leaves the image in more patches than these two; there it reads what lies beside the image. A
stage that claims this rule (`pads_ends`) is right only if no other patch reads outside (claim C2).
"""

from collections.abc import Iterator, Mapping

from verify.graph.graph import Node
from verify.graph.plan import Firing, Stage
from verify.graph.tensor import Axis, is_image
from verify.graph.window import Window
from verify.ops.streaming import edge_window
from verify.proof.accesses import Read
from verify.proof.layout import Layout
from verify.proof.obligation import Obligation, Term, constant, num
from verify.proof.progress import end, start

AXES = (Axis.HEIGHT, Axis.WIDTH)


def pads_ends(layout: Layout) -> Iterator[Obligation]:
    """C2 for stages that claim the rule: between the first and the last tick of an axis nothing outside is read."""
    for number, stage in enumerate(layout.plan.stages):
        if stage.pads_ends and (node := _without_image(layout, stage)):
            text = "the rule is about patches of images, and what this reads or computes is none"
            yield constant("C2", node.label, "is an operator on images", "true", text)
        elif stage.pads_ends:
            for axis in AXES:
                if stage.ticks_along(axis) < 3:
                    continue  # no patch lies between the first and the last
                tiles = _Tiles(layout, stage, axis)
                for read in layout.reads:
                    if read.place.stage == number and read.window_along(axis) is not None:
                        yield _inside(layout, read, axis, stage, tiles)


def _without_image(layout: Layout, stage: Stage) -> Node | None:
    """An operator of the stage that has to do with a tensor that is no image."""
    tensors = layout.graph.tensors
    for firing in stage.firings:
        node = layout.nodes[firing.op]
        if not all(is_image(tensors[t].shape) for t in (*node.inputs, *node.outputs) if tensors[t].data is None):
            return node
    return None


class _Tiles:
    """What each operator of a stage computes per tick, not clipped to the image, as functions of the tick."""

    def __init__(self, layout: Layout, stage: Stage, axis: Axis):
        self.layout, self.axis = layout, axis
        self.first: dict[int, Term] = {}
        self.last: dict[int, Term] = {}
        self.definitions: dict[str, None] = {}
        for firing in reversed(stage.firings):
            self._add(firing, stage)

    def _add(self, firing: Firing, stage: Stage) -> None:
        progress = self.layout.progress[firing.op, self.axis]
        first, last = progress.before("t"), progress.after("t")
        if self.axis in firing.demand:
            bounds = [
                (start(f"({self.first[other.op]} t)", window), self._end(other.op, "t", window))
                for other in stage.firings
                if other.op in self.first
                for operand, tensor in enumerate(self.layout.nodes[other.op].inputs)
                if tensor in self.layout.nodes[firing.op].outputs
                and (window := self._edge(other.op, operand)) is not None
            ]
            first, last = bounds[0]
            for low, high in bounds[1:]:
                first = f"(let ((u {first}) (v {low})) (ite (< u v) u v))"
                last = f"(let ((u {last}) (v {high})) (ite (< u v) v u))"
        else:
            self.definitions |= dict.fromkeys(progress.definitions)
        letter = "y" if self.axis is Axis.HEIGHT else "x"
        for name, term, table in (("low", first, self.first), ("high", last, self.last)):
            table[firing.op] = f"{letter}{firing.op}_{name}"
            self.definitions[f"(define-fun {table[firing.op]} ((t Int)) Int {term})"] = None

    def _edge(self, op: int, operand: int) -> Window | None:
        node = self.layout.nodes[op]
        return edge_window(self.layout.graph, node, operand, self.layout.writers[node.inputs[operand]].node, self.axis)

    def _end(self, op: int, tick: Term, window: Window) -> Term:
        return end(f"(- ({self.last[op]} {tick}) 1)", window)

    def need(self, read: Read, tick: Term) -> tuple[Term, Term]:
        """Interval of the operand that a firing reads in a tick."""
        window = read.window_along(self.axis)
        assert window is not None, "only reads with a window are asked about"
        return start(f"({self.first[read.node.index]} {tick})", window), self._end(read.node.index, tick, window)


def _inside(layout: Layout, read: Read, axis: Axis, stage: Stage, tiles: _Tiles) -> Obligation:
    unit = "row" if axis is Axis.HEIGHT else "column"
    ticks = stage.ticks_along(axis)
    shape = layout.graph.tensors[read.tensor].shape
    total = shape[-3] if axis is Axis.HEIGHT else shape[-2]
    low, high = tiles.need(read, "n")
    op = read.node.index

    def explain(v: Mapping[str, int]) -> str:
        return (
            f"patch {v['n']} of {ticks} along {axis.value} reads {unit} {v['i']} of {layout.name(read.tensor)}, "
            f"which has {unit}s 0 to {total - 1}; the plan pads only in the first and the last patch"
        )

    return Obligation(
        claim="C2",
        subject=layout.reading(read),
        sentence=f"between the first and the last of {ticks} patches it reads no {unit} outside the image",
        variables=("n", "i"),
        assumptions=(
            f"(< 0 n {num(ticks - 1)})",
            f"(< ({tiles.first[op]} n) ({tiles.last[op]} n))",
            f"(and (<= {low} i) (< i {high}))",
        ),
        denial=f"(or (< i 0) (>= i {total}))",
        explain=explain,
        definitions=tuple(tiles.definitions),
    )
