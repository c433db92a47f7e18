"""Damaged and malicious files: whatever the bytes are, reading gives a graph that holds together, or one ModelError.

Mutants are seeded, so a failure names the seed that makes it again. Flips and overwrites aim at the tables; most of a
model is weights, where any byte is as good as another.
"""

import math
import random
import time
from pathlib import Path

import numpy as np
import pytest
import tflite

from verify.graph.graph import Graph
from verify.tflite import ModelError, read_model

MUTANTS = 1000
"""Per model; a mutant takes about a millisecond."""

CPU_SECONDS = 1.0
"""That one mutant may take; processor time, because others share the machine."""

SEEDS = ["tinymaix_mnist_dw_q", "openmv_force_int_quant", "mlperf_kws_dscnn_int8"]

WORDS = [
    0,
    1,
    2,
    3,
    4,
    7,
    8,
    127,
    128,
    255,
    256,
    32767,
    32768,
    65535,
    2**24,
    2**28,
    2**31 - 1,
    2**31,
    2**32 - 4,
    2**32 - 1,
]


def tables(data: bytes) -> list[int]:
    """Positions of all bytes that are not a constant's contents."""
    structural = np.ones(len(data), bool)
    model = tflite.Model.GetRootAs(data)
    for index in range(model.BuffersLength()):
        buffer = model.Buffers(index)
        assert buffer is not None
        if buffer.DataLength():
            start = buffer._tab.Vector(buffer._tab.Offset(4))
            structural[start : start + buffer.DataLength()] = False
    return np.flatnonzero(structural).tolist()


def flip(rng: random.Random, data: bytearray, places: list[int]) -> None:
    for _ in range(rng.choice((1, 1, 2, 8))):
        data[rng.choice(places)] ^= 1 << rng.randrange(8)


def overwrite(rng: random.Random, data: bytearray, places: list[int]) -> None:
    for _ in range(rng.choice((1, 1, 2, 8))):
        place = min(rng.choice(places) & ~3, len(data) - 4)
        data[place : place + 4] = rng.choice([*WORDS, rng.getrandbits(32), len(data)]).to_bytes(4, "little")


def truncate(rng: random.Random, data: bytearray, places: list[int]) -> None:
    del data[rng.randrange(len(data)) :]


def randomize(rng: random.Random, data: bytearray, places: list[int]) -> None:
    start = rng.choice((0, 8))
    data[start:] = rng.randbytes(rng.randrange(len(data)))


def splice(rng: random.Random, data: bytearray, places: list[int]) -> None:
    source, target = rng.choice(places), rng.choice(places)
    length = rng.choice((4, 16, 64, 512))
    if rng.random() < 0.5:
        data[target : target + length] = data[source : source + length]
    else:
        data[target:target] = data[source : source + length]


MUTATIONS = [flip, flip, flip, overwrite, overwrite, overwrite, splice, splice, truncate, randomize]


def check(graph: Graph) -> None:
    """What every part that works on a graph takes for granted."""
    written = {*graph.inputs, *(key for key, tensor in graph.tensors.items() if tensor.data is not None)}
    for node in graph.nodes:
        assert written.issuperset(node.inputs), node.label
        assert not written.intersection(node.outputs), node.label
        written.update(node.outputs)
        views = zip(node.inputs + node.outputs, node.input_shapes + node.output_shapes, strict=True)
        assert all(graph.tensors[key].elements == math.prod(shape) for key, shape in views), node.label
    assert written.issuperset(graph.outputs)
    assert graph.outputs
    assert all(tensor.name.isprintable() for tensor in graph.tensors.values())


@pytest.mark.parametrize("name", SEEDS)
def test_mutants_are_read_or_refused(models_dir: Path, name: str) -> None:
    original = (models_dir / "corpus" / f"{name}.tflite").read_bytes()
    check(read_model(original, name))
    places = tables(original)
    read, slowest = 0, 0.0
    for seed in range(MUTANTS):
        rng = random.Random(f"{name} {seed}")
        mutant = bytearray(original)
        rng.choice(MUTATIONS)(rng, mutant, places)
        start = time.process_time()
        try:
            check(read_model(bytes(mutant), "mutant"))
            read += 1
        except ModelError as error:
            assert str(error).isprintable(), seed  # noqa: PT017
        except Exception as error:
            raise AssertionError(f"mutant {seed} of {name} raised {type(error).__name__}") from error
        slowest = max(slowest, time.process_time() - start)
    assert slowest < CPU_SECONDS
    # Both outcomes occur, or the mutations miss the tables or destroy everything.
    assert 0.02 * MUTANTS < read < 0.9 * MUTANTS
