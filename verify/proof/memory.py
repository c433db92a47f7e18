"""The SRAM of a plan as a formula: bytes alive at the fullest moment, in the input's H and W and the clip's T.

A buffer's bytes are rows x width x channels, with what it keeps whole as a function of H (verify.proof.family.Form),
and each buffer rounded up to the alignment. The formula sums the buffers alive at one position of the plan. It equals
the arena where buffers pack without gaps; where a stage writes its result over its operand (C4), the arena is smaller.
Kernels' working memory is counted as it is at the model's own size.
"""

from dataclasses import dataclass
from fractions import Fraction

from verify.graph.accounting import align
from verify.graph.plan import Buffer, Policy
from verify.graph.tensor import Axis, is_image
from verify.proof.family import Form
from verify.proof.layout import Layout
from verify.proof.unknown import UnknownSizes


@dataclass(frozen=True)
class Factor:
    """A size along an axis, or (form None) the clip length T, times `times`, plus `plus`."""

    form: Form | None
    letter: str
    times: int = 1
    plus: int = 0

    def at(self, sizes: dict[str, int]) -> int:
        value = self.form.at(sizes[self.letter]) if self.form else sizes[self.letter]
        return self.times * value + self.plus

    def text(self) -> str:
        name = self.form.text(self.letter) if self.form else self.letter
        if self.form and not self.form.slope:
            return str(self.times * int(self.form.constant) + self.plus)
        scaled = name if self.times == 1 else f"{self.times}*{name}"
        return f"({scaled} + {self.plus})" if self.plus else scaled


@dataclass(frozen=True)
class Bytes:
    """The bytes of one buffer, or (tensor -1) of a kernel's working memory: a number times factors."""

    tensor: int
    count: int
    factors: tuple[Factor, ...]

    def at(self, sizes: dict[str, int]) -> int:
        total = self.count
        for factor in self.factors:
            total *= factor.at(sizes)
        return align(total)

    def text(self) -> str:
        parts = [factor.text() for factor in self.factors]
        return "*".join([part for part in parts if part != "1"] + [str(self.count)] * (self.count != 1)) or "1"


@dataclass(frozen=True)
class Formula:
    """The bytes alive at the fullest moment of a stage, and what they are at the model's own size."""

    stage: int
    terms: tuple[Bytes, ...]
    own: int

    def at(self, height: int, width: int, frames: int) -> int:
        return sum(term.at({"H": height, "W": width, "T": frames}) for term in self.terms)

    def text(self) -> str:
        return " + ".join(term.text() for term in self.terms) or "0"


def formulas(layout: Layout, sizes: UnknownSizes) -> list[Formula]:
    """One formula per stage of a plan, for the position of the stage at which most bytes are alive at the own size."""
    family = sizes.family
    own = {"H": family.size(Axis.HEIGHT), "W": family.size(Axis.WIDTH), "T": layout.graph.clip_frames}
    terms = {buffer.tensor: buffer_bytes(layout, sizes, buffer) for buffer in layout.arena_buffers()}
    worked = {found.position: Bytes(-1, found.end - found.offset, ()) for found in layout.scratches}
    found = []
    for number, span in enumerate(layout.spans):
        moments = [
            tuple(
                term
                for tensor, term in terms.items()
                if layout.lifetimes[tensor].first <= position <= layout.lifetimes[tensor].last
            )
            + ((worked[position],) if position in worked else ())
            for position in range(span.first, span.last + 1)
        ]
        fullest = max(moments, key=lambda moment: sum(term.at(own) for term in moment))
        largest = tuple(sorted(fullest, key=lambda term: -term.at(own)))
        found.append(Formula(number, largest, sum(term.at(own) for term in fullest)))
    return found


def buffer_bytes(layout: Layout, sizes: UnknownSizes, buffer: Buffer) -> Bytes:
    """A buffer's bytes; those of tensors that no window relates to the input are numbers."""
    graph, family, tensor = layout.graph, sizes.family, buffer.tensor
    frames: tuple[Factor, ...] = ()
    count = 1
    if buffer.frames > 1 and buffer.frames == graph.clip_frames:
        frames = (Factor(None, "T"),)
    else:
        count = buffer.frames
    source = _image_of(layout, tensor)
    shape = graph.tensors[source].shape
    size = graph.tensors[tensor].dtype.size_bytes
    if not is_image(shape):
        return Bytes(tensor, count * graph.tensors[tensor].size_bytes, frames)
    height, width = (Factor(family.forms[axis][source], name) for axis, name in ((Axis.HEIGHT, "H"), (Axis.WIDTH, "W")))
    pixel = count * shape[-1] * size
    if buffer.pixels:
        rows, columns = sizes.pixels(buffer)
        plus, times = (columns, rows) if isinstance(columns, int) else (0, rows + 1)
        return Bytes(tensor, pixel, (*frames, Factor(width.form, "W", times, plus)))
    wide = (Factor(Form(Fraction(0), Fraction(buffer.columns), 1, 0), "W"),) if buffer.columns else (width,)
    if buffer.policy is Policy.RING:
        return Bytes(tensor, pixel, (*frames, Factor(_number(buffer.rows), "H"), *wide))
    return Bytes(tensor, pixel, (*frames, height, *wide))


def _number(value: int) -> Form:
    return Form(Fraction(0), Fraction(value), 1, 0)


def _image_of(layout: Layout, tensor: int) -> int:
    """The tensor whose positions a result has in another shape: a window over frames leaves those of a frame."""
    node = layout.graph.producers.get(tensor)
    same = layout.graph.tensors[tensor].elements
    while node is not None and node.slides_over_frames and layout.graph.tensors[node.inputs[0]].elements == same:
        tensor = node.inputs[0]
        node = layout.graph.producers.get(tensor)
    return tensor
