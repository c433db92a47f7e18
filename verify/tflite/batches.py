"""Dilated convolutions that the file has as three operators: images taken apart, a convolution of the parts, the parts
put together again. Keras writes them so; where the batch was open, converters leave them so.

By the operators' own facts (`Op.taken_apart`, `Op.spread`, `Op.put_together`), and exact: a part's padding is the
convolution's own, for it holds its zero; taps that lie `block` apart in the whole image are neighbours in a part.
"""

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import replace

from verify.graph.graph import Node
from verify.ops.base import Apart
from verify.tflite.errors import ModelError


def of_whole_images(nodes: Sequence[Node], outputs: Set[int]) -> tuple[list[Node], list[str]]:
    """The nodes with each such stretch computed on whole images, and what was assumed for that.

    Raises:
      ModelError: an operator of such a pair is left over that cannot run by itself.
    """
    found = dict(enumerate(nodes))
    reader = {tensor: place for place, node in enumerate(nodes) for tensor in node.inputs}
    readers = Counter(tensor for node in nodes for tensor in node.inputs)
    notes = list[str]()
    for place, first in enumerate(nodes):
        if first.op.taken_apart is None:
            continue
        between, tensor = list[int](), first.outputs[0]
        while readers[tensor] == 1 and tensor not in outputs:
            at = reader[tensor]
            if nodes[at].op.put_together is not None or len(nodes[at].outputs) != 1:
                break
            between.append(at)
            tensor = nodes[at].outputs[0]
        else:
            continue
        whole = _whole(first, [nodes[p] for p in between], nodes[at])
        if whole is not None:
            del found[place], found[at]
            notes += [f"{first.label}: {first.op.assumed}"] if first.op.assumed else []
            found |= zip(between, whole, strict=True)
    for node in found.values():
        if reason := node.op.unfolded:
            raise ModelError(f"{node.label}: {reason}")
    return list(found.values()), notes


def _whole(first: Node, between: Sequence[Node], last: Node) -> list[Node] | None:
    """A convolution and what follows it element by element, on the images that `first` takes apart; or None."""
    apart, together = first.op.taken_apart, last.op.put_together
    if apart is None or together is None or not between:
        return None
    convolution, *others = between
    for pair in ((apart, together), (_turned(apart), _turned(together))):
        if convolution.input_shapes[0][1:3] == _part(pair[0]):
            apart, together = pair
            break
    else:
        return None
    pads = any(apart.before + apart.after)
    if apart.block != together.block or (pads and apart.value != convolution.op.padding_zero):
        return None
    image, result = apart.image, together.image
    before = apart.before[0] - together.before[0], apart.before[1] - together.before[1]
    ops = [convolution.op.spread(apart.block, before, image, result), *(node.op.seen_as(result) for node in others)]
    whole, source = list[Node](), (first.inputs[0], image)
    for node, op in zip(between, ops, strict=True):
        if op is None or len(node.inputs) != 1:
            return None
        whole.append(replace(node, op=op, inputs=source[:1], input_shapes=source[1:], output_shapes=(result,)))
        source = node.outputs[0], result
    return [*whole[:-1], replace(whole[-1], outputs=last.outputs)]


def _part(apart: Apart) -> tuple[int, ...]:
    """Height and width of a part."""
    sides = zip(apart.image[1:3], apart.before, apart.after, apart.block, strict=True)
    return tuple((extent + before + after) // block for extent, before, after, block in sides)


def _turned(apart: Apart) -> Apart:
    """The same of images with height and width exchanged, as of a signal seen along width."""
    n, height, width, depth = apart.image
    sides = {name: getattr(apart, name)[::-1] for name in ("block", "before", "after")}
    return replace(apart, image=(n, width, height, depth), **sides)
