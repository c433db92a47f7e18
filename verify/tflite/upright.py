"""Signals that lie along width are read as if they stood along height, where a network can take them row by row.

Of an image `[1, 1, T, C]`, as Conv1D becomes one, and of `[1, T, C]` around it or in attention, the bytes are those of
`[1, T, 1, C]`.
Where every operator of a stretch says what it is there, the stretch stands upright: views and operators are others,
tensors' bytes and the shapes that the file declares for the interface stay. Rows of one position are slower to compute
than a row of many, so a plan is made of either network, and says of which (`Plan.upright`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from verify.graph.graph import Graph, Node
from verify.graph.tensor import Axis, is_image
from verify.ops.rows import Shape, keeps_bytes
from verify.tflite.fold import absorb_paddings, image_views, storage_shapes

TURNED, LIFTED = (0, 2, 1, 3), (0, 1, None, 2)


def upright(graph: Graph) -> Graph:
    """The network with its signals upright; the same object where there are none, or it is the program of one frame."""
    nodes = signals_upright(graph.nodes)
    if graph.goes_on or graph.left_out or all(new is old for new, old in zip(nodes, graph.nodes, strict=True)):
        return graph
    nodes = image_views(absorb_paddings(nodes, set(graph.outputs)))
    used = {*graph.inputs, *(key for node in nodes for key in node.inputs + node.outputs)}
    shapes = {key: graph.tensors[key].shape for key in used}
    shapes |= {key: view for node in nodes for key, view in zip(node.outputs, node.output_shapes, strict=True)}
    shapes = storage_shapes(nodes, shapes)
    tensors = {key: replace(graph.tensors[key], shape=shapes[key]) for key in sorted(used)}
    return replace(graph, nodes=tuple(nodes), tensors=tensors, upright=True)


def signals_upright(nodes: Sequence[Node]) -> list[Node]:
    """The nodes, those of each stretch that lies along width exchanged where all of them can be."""
    found = list(nodes)
    for stretch in _stretches(nodes):
        turned = {place: node for place in stretch if (node := _upright(nodes[place])) is not None}
        images = any(_lies(view) and is_image(view) for place in stretch for view in _views(nodes[place]))
        if len(turned) == len(stretch) and (images or any(map(_by_rows, turned.values()))):
            for place, node in turned.items():
                found[place] = node
    return found


def _by_rows(node: Node) -> bool:
    """Whether rows of some operand suffice for rows of the result."""
    return any(node.op.window(operand, Axis.HEIGHT) is not None for operand in range(len(node.inputs)))


def _stretches(nodes: Sequence[Node]) -> Iterator[list[int]]:
    """Places of nodes that see one signal, or one made of it."""
    names: dict[int, int] = {}
    members: dict[int, list[int]] = {}
    for place, node in enumerate(nodes):
        views = zip((*node.inputs, *node.outputs), _views(node), strict=True)
        tensors = [tensor for tensor, view in views if _lies(view)]
        joined = sorted({names[tensor] for tensor in tensors if tensor in names})
        if len(joined) > 1:
            members[joined[0]] = [other for name in joined for other in members.pop(name)]
            names |= {tensor: joined[0] for tensor, name in names.items() if name in joined}
        if tensors:
            name = joined[0] if joined else place
            members.setdefault(name, []).append(place)
            names |= dict.fromkeys(tensors, name)
    yield from members.values()


def _views(node: Node) -> tuple[Shape, ...]:
    return node.input_shapes + node.output_shapes


def _lies(view: Shape) -> bool:
    """Whether it has many positions along width and one along height, or no axis for the height."""
    return len(view) in (3, 4) and view[-2] > 1 and set(view[:-2]) == {1}


def _upright(node: Node) -> Node | None:
    """The same bytes from the same bytes by an operator along height; None if there is none."""
    shape = next(view for view in _views(node) if _lies(view))
    axes = TURNED if is_image(shape) else LIFTED
    other = node.op.reordered(axes)
    if other is None or not all(keeps_bytes(view, axes) for view in _views(node) if len(view) == len(shape)):
        return None
    return replace(node, op=other.op, input_shapes=other.input_shapes, output_shapes=other.output_shapes)
