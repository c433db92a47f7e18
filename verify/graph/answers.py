"""Which of a clip model's results a stream of frames gives, frame by frame. Frames and positions count from 0."""

from dataclasses import dataclass

from verify.graph.graph import Graph


@dataclass(frozen=True)
class Answer:
    """At frames `first` to `last` (None: for ever) the outputs are position `position` of a clip's results.

    The clip is that of the last T frames where it is `sliding`, else the one that begins with the stream, whose
    position advances by one per frame from there on.
    """

    first: int
    last: int | None
    sliding: bool
    position: int


def answers(graph: Graph) -> tuple[Answer, ...]:
    """What a program of one frame gives, at the frames that have a result; where nothing is said, it is no clip's.

    In the clip that begins with the stream, a position is right if it comes by the clip's last frame: then it is made
    of no later one. In the clip of the last T frames it is right if nothing that it is made of is older than those:
    then the clip reaches what it pads with no more than the stream does.
    """
    frames, warm_up, first = graph.clip_frames, graph.warm_up, graph.first_result
    if frames == 1:
        return ()  # what a model with states gives is its own, at every call
    found = []
    newest = frames - 1 - first
    slides = 0 <= newest < graph.results and frames_seen(graph) <= frames
    last = min(frames - 1 - slides, first + graph.results - 1)
    if warm_up <= last:
        found.append(Answer(warm_up, last, False, warm_up - first))
    if slides:
        found.append(Answer(max(frames - 1, warm_up), None, True, newest))
    return tuple(found)


@dataclass(frozen=True)
class Given:
    """Frame `frame` of a stream gives position `position` of the results of the clip whose last frame is `end`."""

    frame: int
    end: int
    position: int


def given(graph: Graph, count: int, step: int = 1) -> list[Given]:
    """All of the answers to `count` frames, one at each `step`-th frame; clips that are not complete are left out."""
    found = []
    for answer in answers(graph):
        for f in range(answer.first, count if answer.last is None else min(answer.last + 1, count)):
            end = f if answer.sliding else graph.clip_frames - 1
            if (f - graph.warm_up) % step == 0 and end < count:
                found.append(Given(f, end, answer.position + (0 if answer.sliding else f - answer.first)))
    return found


def frames_seen(graph: Graph) -> int:
    """How many frames, the newest included, an output depends on at most."""
    seen = dict.fromkeys(graph.inputs, 1)
    for node in graph.nodes:
        reads = [seen[t] + max(node.delays_of(k)) for k, t in enumerate(node.inputs) if t in seen]
        seen |= dict.fromkeys(node.outputs, max(reads, default=1))
    return max(seen.get(tensor, 1) for tensor in graph.outputs)


def answer_text(graph: Graph, answer: Answer) -> str:
    """An answer in words."""
    what = f"position {answer.position} of the clip model's {graph.results} results"
    if graph.results == 1:
        what = "the clip model's result"
    if answer.sliding:
        return f"from frame {answer.first} on: {what}, for the clip of the last {graph.clip_frames} frames"
    if answer.first == answer.last:
        return f"frame {answer.first}: {what}, for the clip that begins with frame 0"
    ahead = answer.first - answer.position
    which = "f" if ahead == 0 else f"f {'-' if ahead > 0 else '+'} {abs(ahead)}"
    what = f"position {which} of the clip model's {graph.results} results"
    return f"frame f from {answer.first} to {answer.last}: {what}, for the clip that begins with frame 0"


def answers_text(graph: Graph) -> tuple[str, ...]:
    """All answers, and what the other frames give."""
    if graph.clip_frames == 1:
        return ("at every call: the model's outputs, of this call's inputs and what the calls before have left",)
    found = [answer_text(graph, answer) for answer in answers(graph)]
    if not any(answer.sliding for answer in answers(graph)):
        found.append("other frames: what the model makes of a clip that goes on, padded in time at its ends only")
    return tuple(found)
