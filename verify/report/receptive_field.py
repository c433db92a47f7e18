"""How much of the network's input one element of each tensor depends on: receptive fields, by composing windows.

Along an axis an element of a tensor sees `size` input positions, and its neighbour's field begins `step` positions
later. A window of reach k and stride s makes size + (k - 1) * step and step * s of them; nearest resizing divides the
step. Where an operator may need everything, or shapes are reinterpreted, the field is the whole input.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

from verify.graph.graph import Graph, Node
from verify.graph.tensor import Axis, row_count
from verify.graph.window import Window
from verify.ops.streaming import edge_window

_AXES = (Axis.HEIGHT, Axis.WIDTH)


@dataclass(frozen=True)
class Field:
    """Input positions along height and width, None for all of them; `frames` of a clip."""

    height: int | None
    width: int | None
    frames: int = 1


@dataclass(frozen=True)
class _Span:
    size: Fraction
    step: Fraction


def receptive_fields(graph: Graph) -> dict[int, Field]:
    """The field of every activation, on the network's inputs; padding is counted as if it were input."""
    spans: dict[int, tuple[_Span | None, ...]] = {t: (_Span(Fraction(1), Fraction(1)),) * 2 for t in graph.inputs}
    frames = dict.fromkeys(graph.inputs, 1)
    for node in graph.nodes:
        reads = [(k, t) for k, t in enumerate(node.inputs) if t in spans]
        per_axis = []
        for number, axis in enumerate(_AXES):
            windows = ((spans[t][number], _edge(graph, node, k, axis)) for k, t in reads)
            per_axis.append(_joined([_through(span, window) for span, window in windows]))
        seen = max((frames[t] + max(node.delays_of(k)) for k, t in reads), default=1)
        for tensor in node.outputs:
            spans[tensor], frames[tensor] = tuple(per_axis), seen
    return {tensor: _field(graph, spans[tensor], frames[tensor]) for tensor in spans}


def _edge(graph: Graph, node: Node, operand: int, axis: Axis) -> Window | None:
    """The window along `axis`, or None; frames that slide past are rows to their operator, and whole images to us."""
    if node.slides_over_frames or not node.op.row_wise:
        return None
    producer = graph.producers.get(node.inputs[operand])
    if axis is Axis.HEIGHT:
        return edge_window(graph, node, operand, producer, axis)
    if edge_window(graph, node, operand, producer, Axis.HEIGHT) is None:
        return None
    return node.op.window(operand, axis)


def _through(span: _Span | None, window: Window | None) -> _Span | None:
    if span is None or window is None:
        return None
    return _Span(span.size + (window.reach - 1) * span.step, span.step * window.stride / window.upsample)


def _joined(spans: list[_Span | None]) -> _Span | None:
    """The widest of several operands' fields (they are centred alike but for a position or two)."""
    known = [span for span in spans if span is not None]
    if not known or len(known) < len(spans):
        return None
    return _Span(max(span.size for span in known), max(span.step for span in known))


def _field(graph: Graph, spans: tuple[_Span | None, ...], frames: int) -> Field:
    height = max((row_count(shape) for shape in graph.input_shapes), default=1) // max(1, _leading(graph))
    width = max((shape[-2] if len(shape) >= 2 else 1 for shape in graph.input_shapes), default=1)
    sizes = [
        None if span is None or span.size >= most else math.ceil(span.size)
        for span, most in zip(spans, (height, width), strict=True)
    ]
    return Field(sizes[0], sizes[1], frames)


def _leading(graph: Graph) -> int:
    """Frames or batch in the input's declared shape, which its rows count too."""
    return max((shape[0] if len(shape) == 4 else 1 for shape in graph.input_shapes), default=1)
