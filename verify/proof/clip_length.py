"""C8 for clips of every length T: a window over all T frames of a clip, kept in T slots, frame f in slot f mod T.

`mod T` by an unknown is not linear. What is needed of it is: f = q * T + slot with 0 <= slot < T. Two frames' quotients
differ by some integer D, and of the product P = D * T nothing more is used than that it lies on the same side of -T, T
and 2 T as D does of -1, 1 and 2, which holds because T >= 1. So the obligations stay linear.
"""

from collections.abc import Iterator

from verify.proof.accesses import Read
from verify.proof.layout import Layout
from verify.proof.obligation import Obligation, Term, between

PRODUCT: tuple[Term, ...] = (
    "(>= T 1)",
    "(=> (<= D (- 1)) (<= P (- T)))",
    "(=> (= D 0) (= P 0))",
    "(=> (= D 1) (= P T))",
    "(=> (>= D 2) (>= P (* 2 T)))",
)
"""What is used of P = D * T."""


def covers_clip(layout: Layout, read: Read) -> bool:
    """Whether a window takes each frame of a clip, from as many slots."""
    frames = layout.graph.clip_frames
    whole = frames > 1 and read.delays == tuple(range(frames - 1, -1, -1))
    return whole and layout.buffers[read.tensor].frames == frames


def every_length(layout: Layout, read: Read) -> Iterator[Obligation]:
    """C8 for such a window, with the clip length as an unknown."""
    subject = layout.reading(read)
    yield Obligation(
        claim="C8",
        subject=subject,
        sentence="for every T, frame f - d is still in its slot of T when frame f reads it, for all d < T",
        variables=("T", "d", "f", "g", "r", "s", "D", "P"),
        assumptions=(
            *PRODUCT,
            between(0, "d", "T"),
            "(>= (- f d) 0)",
            "(< (- f d) g)",
            "(<= g f)",
            between(0, "r", "T"),
            between(0, "s", "T"),
            "(= (- g (- f d)) (+ P (- r s)))",  # g = .. * T + r, f - d = .. * T + s
        ),
        denial="(= r s)",
        explain=lambda v: (
            f"clips of {v['T']}: frame {v['f']} reads frame {v['f'] - v['d']}, whose slot frame {v['g']} took"
        ),
    )
    yield Obligation(
        claim="C8",
        subject=subject,
        sentence="for every T, slots from (f + 1) mod T on hold the last T frames, oldest first",
        variables=("T", "f", "j", "r", "s", "D", "P"),
        assumptions=(
            *PRODUCT,
            between(0, "j", "T"),
            "(>= f (- T 1))",
            between(0, "r", "T"),
            between(0, "s", "T"),
            "(= (- T j) (+ P (- s r)))",  # f + 1 = .. * T + s; frame f + 1 - T + j = .. * T + r
        ),
        # The walk from slot s on takes j < T steps, so it comes round at most once.
        denial="(not (= r (ite (< (+ s j) T) (+ s j) (- (+ s j) T))))",
        explain=lambda v: f"clips of {v['T']}, frame {v['f']}: row {v['j']} of the window is not its frame",
    )
