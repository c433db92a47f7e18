"""What reading simplifies, by the operators' own facts: constants, identities, paddings, unused results.

Every rewrite is exact. Nodes carry storage keys: the tensor whose bytes are meant, whatever shape a node sees.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set

from verify.graph.graph import Node
from verify.graph.tensor import Tensor, is_image, row_count
from verify.graph.window import Padding
from verify.ops.base import Op, OperatorSource
from verify.tflite.errors import ModelError

MAX_CONSTANT_BYTES = 16 * 2**20
MAX_CONSTANT_MACS = 2**22
"""Limits of what is computed while reading; constant arithmetic in real models is a few integers."""


def is_constant(op: Op, source: OperatorSource) -> bool:
    """Whether every element that the operator reads is known now."""
    operands = [source.inputs[position] for position in op.operands]
    return all(operand is not None and operand.data is not None for operand in operands)


def constant_outputs(op: Op, source: OperatorSource) -> tuple[Tensor, ...]:
    """The outputs of a constant operator as constants, computed by its own reference.

    Raises:
      ModelError: if that is more work than reading should do.
    """
    size = sum(tensor.size_bytes for tensor in source.outputs)
    if size > MAX_CONSTANT_BYTES or op.macs > MAX_CONSTANT_MACS:
        raise ModelError(
            f"its operands are constant, and its {size} bytes of results are too many to compute while reading;"
            f" at most {MAX_CONSTANT_BYTES // 2**20} MiB and {MAX_CONSTANT_MACS} MACs; fold constants when converting"
        )
    operands = [source.inputs[position] for position in op.operands]
    values = [operand.data for operand in operands if operand is not None and operand.data is not None]
    results = op.reference(values, range(row_count(source.outputs[0].shape)))
    return tuple(
        dataclasses.replace(tensor, data=result.reshape(tensor.shape).astype(tensor.dtype.numpy, copy=False))
        for tensor, result in zip(source.outputs, results, strict=True)
    )


def is_identity(op: Op, source: OperatorSource) -> bool:
    """Whether the output's bytes are the first operand's bytes.

    A view may claim another scale than its operand (published models do): the bytes are copied all the same, and each
    operator has taken scale and zero point from the view that it reads.
    """
    operand = source.inputs[op.operands[0]] if op.operands else None
    output = source.outputs[0]
    if operand is None or len(source.outputs) != 1:
        return False
    if op.alias:
        return (operand.dtype, operand.elements) == (output.dtype, output.elements)
    same = (operand.dtype, operand.shape, operand.quantization) == (output.dtype, output.shape, output.quantization)
    return same and _adds_nothing(op.as_padding())


def _adds_nothing(padding: Padding | None) -> bool:
    return padding is not None and padding == Padding(value=padding.value)


def absorb_paddings(nodes: Sequence[Node], outputs: Set[int]) -> list[Node]:
    """Makes paddings part of the one operator that reads them, where that operator says that this is exact."""
    kept: dict[int, Node] = dict(enumerate(nodes))
    readers: dict[int, set[int]] = defaultdict(set)
    for place, node in kept.items():
        for key in node.inputs:
            readers[key].add(place)
    # From the last to the first, so that a padding of a padding finds its reader already merged.
    for place in range(len(nodes) - 1, -1, -1):
        pad = kept[place]
        padding = pad.op.as_padding()
        places = readers[pad.outputs[0]]
        if padding is None or len(places) != 1 or pad.outputs[0] in outputs:
            continue
        (reader,) = places
        merged = _absorbed(pad, padding, kept[reader])
        if merged is not None:
            kept[reader] = merged
            readers[pad.inputs[0]].remove(place)
            readers[pad.inputs[0]].add(reader)
            del kept[place]
    return list(kept.values())


def _absorbed(pad: Node, padding: Padding, reader: Node) -> Node | None:
    if reader.inputs[0] != pad.outputs[0] or pad.outputs[0] in reader.inputs[1:]:
        return None
    if reader.input_shapes[0] != pad.output_shapes[0]:
        return None
    op = reader.op.absorb_padding(padding)
    if op is None:
        return None
    inputs = (pad.inputs[0], *reader.inputs[1:])
    shapes = (pad.input_shapes[0], *reader.input_shapes[1:])
    return dataclasses.replace(reader, op=op, inputs=inputs, input_shapes=shapes)


def image_views(nodes: Sequence[Node]) -> list[Node]:
    """Nodes for which only the elements matter see flattened images as the images that the next node sees."""
    kept: list[Node] = []
    images: dict[int, tuple[int, ...]] = {}
    for node in reversed(nodes):
        image = images.get(node.outputs[0])
        if image is not None and len(node.inputs) == len(node.outputs) == 1 and not _streams(node.output_shapes[0]):
            op = node.op.seen_as(image)
            if op is not None:
                node = dataclasses.replace(node, op=op, input_shapes=(image,), output_shapes=(image,))
        images |= {key: view for key, view in zip(node.inputs, node.input_shapes, strict=True) if _streams(view)}
        kept.append(node)
    return kept[::-1]


def storage_shapes(nodes: Sequence[Node], declared: Mapping[int, tuple[int, ...]]) -> dict[int, tuple[int, ...]]:
    """The shape that decides a tensor's rows.

    That of its producer if it is an image of several rows, else that of the first node that sees it as one, else the
    producer's. `declared` has the producers' shapes.
    """
    shapes = dict(declared)
    for node in nodes:
        for key, view in zip(node.inputs, node.input_shapes, strict=True):
            if not _streams(shapes[key]) and _streams(view):
                shapes[key] = view
    return shapes


def _streams(shape: tuple[int, ...]) -> bool:
    return is_image(shape) and shape[1] > 1
