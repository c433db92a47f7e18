"""C8 as obligations: what a frame of a stream reads of earlier ones stands in its slot, in order.

Variables: `f` and `g` frames, `d` a delay in frames, `j` a tap of the window.
"""

from collections.abc import Iterator

from verify.graph.answers import Answer, answer_text, answers, frames_seen
from verify.proof.accesses import Read
from verify.proof.layout import Layout
from verify.proof.obligation import Obligation, between, constant, num


def stream_is_clip(layout: Layout) -> Iterator[Obligation]:
    """C8: what frame f reads of frame f - d is what frame f - d wrote, for every f and every delay d of the model."""
    yield _clip_length(layout)
    for answer in answers(layout.graph):
        yield _is_of_a_clip(layout, answer)
    for read in layout.reads:
        yield from frames_kept(layout, read)


def _clip_length(layout: Layout) -> Obligation:
    plan, graph = layout.plan, layout.graph
    text = f"the plan is for clips of {plan.clip_frames} frames; the program's model has {graph.clip_frames}"
    differ = f"(not (= {plan.clip_frames} {graph.clip_frames}))"
    return constant("C8", "plan", "is for the model's clip length", differ, text)


def _is_of_a_clip(layout: Layout, answer: Answer) -> Obligation:
    """Which of the clip model's results a frame gives: one that no frame outside the clip takes part in."""
    graph = layout.graph
    frames, seen = graph.clip_frames, frames_seen(graph)
    last = () if answer.last is None else (f"(<= f {answer.last})",)
    begin = f"(- f {frames - 1})" if answer.sliding else "0"
    position = f"(- f {num(graph.first_result)} {begin})" if answer.sliding else f"(- f {num(graph.first_result)})"
    # Before the stream's first frame there is padding, in the clip as in the stream, where the clip begins with it.
    within = [f"(<= f (+ {begin} {frames - 1}))", between(0, "p", graph.results)]
    within += [f"(>= (- f {seen - 1}) {begin})", f"(= p {answer.position})"] if answer.sliding else []
    return Obligation(
        claim="C8",
        subject="outputs",
        sentence=answer_text(graph, answer),
        variables=("f", "p"),
        assumptions=(f"(>= f {answer.first})", *last, f"(= p {position})"),
        denial=f"(not (and {' '.join(within)}))",
        explain=lambda v: f"frame {v['f']} reads frames {v['f'] - seen + 1} to {v['f']}, which are not all of one clip",
    )


def frames_kept(layout: Layout, read: Read) -> Iterator[Obligation]:
    """Earlier frames that are read still stand in their slots and, where a window slides over them, in order."""
    if read.delays != (0,):
        kept = layout.buffers[read.tensor].frames
        yield _still_kept(layout, read, kept)
        if len(read.delays) > 1:
            yield _in_order(layout, read, kept)


def _still_kept(layout: Layout, read: Read, kept: int) -> Obligation:
    """No frame written after frame f - d, up to f itself, went to the same slot."""
    delays = " ".join(f"(= d {delay})" for delay in read.delays)
    return Obligation(
        claim="C8",
        subject=layout.reading(read),
        sentence=f"frame f - d is still in its slot of {kept} when frame f reads it, for d in {list(read.delays)}",
        variables=("d", "f", "g"),
        assumptions=(f"(or false {delays})", "(>= (- f d) 0)", "(< (- f d) g)", "(<= g f)"),
        denial=f"(= (mod g {kept}) (mod (- f d) {kept}))",
        explain=lambda v: (
            f"frame {v['f']} reads frame {v['f'] - v['d']}, whose slot of {kept} frame {v['g']} took over"
        ),
    )


def _in_order(layout: Layout, read: Read, kept: int) -> Obligation:
    """The kernel's rows are slots: from that of the oldest frame on, row j is the frame of the j-th delay."""
    count, step = len(read.delays), read.delays[0] - read.delays[1]
    oldest = f"(- f {read.delays[0]})"
    first = kept - read.delays[0]
    slot = f"(mod (+ (mod (+ f {num(first)}) {kept}) (* {step} j)) {kept})"
    return Obligation(
        claim="C8",
        subject=layout.reading(read),
        sentence=f"slots from (f + {first}) mod {kept} on, in steps of {step}, hold its {count} frames, oldest first",
        variables=("f", "j"),
        assumptions=(between(0, "j", count), f"(>= {oldest} 0)"),
        denial=f"(not (= {slot} (mod (+ {oldest} (* {step} j)) {kept})))",
        explain=lambda v: f"frame {v['f']}: row {v['j']} of the window is not frame {v['f'] - read.delays[v['j']]}",
    )
