"""Models with absurd options: well-formed files whose numbers are not."""

import random
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from tests.random_models import Net
from tests.tiny_model import build_model
from verify.graph.tensor import Tensor
from verify.ops.base import OperatorSource

NUMBERS = (0, -1, 1, 2, 3, 5, 100, 2**12, 2**16, 2**24, 2**31 - 1, -(2**31))
SIDES = (1, 1, 2, 3, 5, 8, 40, 300, 2**12, 2**15, 2**16, 2**17)


def plain(rng: random.Random) -> list[OperatorSource]:
    """A small network of most kinds of operators."""
    net = Net(rng.randrange(2**16))
    x = net.input(1, rng.choice((1, 5, 12)), rng.choice((1, 4, 9)), rng.choice((1, 3)))
    for _ in range(rng.randrange(1, 5)):
        x = rng.choice(STEPS)(net, x)
    if rng.random() < 0.5:
        net.dense(net.mean(x), 3)
    return net.sources


STEPS = (
    lambda net, x: net.conv(x, 3, (3, 3), (1, 1), (1, 1)),
    lambda net, x: net.conv(x, 2, (3, 1), (2, 2), (1, 1)),
    lambda net, x: net.depthwise(x, (3, 3), (1, 1), (1, 1)),
    lambda net, x: net.pool("AVERAGE_POOL_2D", x, (3, 3), (2, 2)),
    lambda net, x: net.pool("MAX_POOL_2D", x, (2, 2), (1, 1)),
    lambda net, x: net.pad(x, 1, 0, 2, 1),
    lambda net, x: net.upsample(x, 2),
    lambda net, x: net.add(x, x),
    lambda net, x: net.concatenate(x, x),
    lambda net, x: net.slice(x, (0, 0, 0, 0), x.shape),
)


def absurd(rng: random.Random) -> bytes:
    """A model with some options, constants or shapes replaced."""
    sources = plain(rng)
    for _ in range(rng.choice((1, 1, 2, 4))):
        at = rng.randrange(len(sources))
        if rng.random() < 0.5:
            sources[at] = _options(rng, sources[at])
            continue
        tensors = [tensor for tensor in (*sources[at].inputs, *sources[at].outputs) if tensor is not None]
        sources = _with(sources, _absurd_tensor(rng, rng.choice(tensors)))
    return build_model(sources)


def tall(rng: random.Random) -> bytes:
    """A network on an image of absurd sides; too large ones are refused by their bytes."""
    height, width = rng.choice(SIDES), rng.choice(SIDES)
    net = Net(1)
    x = net.input(1, height, width if height * width <= 2**20 else 1, 1)
    for _ in range(rng.randrange(1, 4)):
        size, stride = rng.choice((1, 3, 7, 100)), rng.choice((1, 2, 50, 2**16))
        x = net.conv(x, rng.choice((1, 2)), (size, rng.choice((1, 3))), (stride, rng.choice((1, stride))), (1, 1))
    net.dense(net.mean(x), 2)
    return net.bytes()


def _options(rng: random.Random, source: OperatorSource) -> OperatorSource:
    numbers = [key for key, value in source.options.items() if isinstance(value, int) and not isinstance(value, bool)]
    if not numbers:
        return source
    chosen = {key: rng.choice(NUMBERS) for key in rng.sample(numbers, rng.randrange(1, len(numbers) + 1))}
    options: Mapping[str, object] = {**source.options, **chosen}
    return replace(source, options=options)


def _absurd_tensor(rng: random.Random, tensor: Tensor) -> Tensor:
    """A constant with one other number (axes, paddings, sizes, biases, weights), an activation of another shape."""
    if tensor.data is None:
        return replace(tensor, shape=tuple(rng.choice((side, side, *SIDES)) for side in tensor.shape))
    data = tensor.data.copy()
    limits = np.iinfo(data.dtype)
    data.reshape(-1)[rng.randrange(data.size)] = min(max(rng.choice(NUMBERS), limits.min), limits.max)
    return replace(tensor, data=data)


def _with(sources: list[OperatorSource], tensor: Tensor) -> list[OperatorSource]:
    """The operators with this tensor in place of the one of its index."""

    def chosen(old: Tensor | None) -> Tensor | None:
        return tensor if old is not None and old.index == tensor.index else old

    return [
        replace(
            source,
            inputs=tuple(chosen(old) for old in source.inputs),
            outputs=tuple(tensor if old.index == tensor.index else old for old in source.outputs),
        )
        for source in sources
    ]
