"""Order-free pooling over all frames of a clip: a ring of small tensors, and the clip model's bits."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedded.tools.firmware import build, run
from export.__main__ import write_folder
from export.c.emit import emit
from tests.clip.test_per_frame import check_stream, expected, proved_plan, stream
from tests.random_models import Net
from verify.clip import per_frame
from verify.graph.graph import Graph
from verify.graph.tensor import Tensor
from verify.proof.check import check
from verify.proof.verdict import Refuted

Pool = Callable[[Net, Tensor], Tensor]


def mean_of_vectors(net: Net, x: Tensor) -> Tensor:
    return net.mean(net.mean(x), (0,), keep=True)


def mean_of_vectors_without_axis(net: Net, x: Tensor) -> Tensor:
    y = net.mean(net.mean(x), (0,))
    return net.reshape(y, 1, *y.shape)


def mean_of_maps(net: Net, x: Tensor) -> Tensor:
    y = net.mean(x, (0,), keep=True)
    return net.reshape(y, 1, int(np.prod(y.shape)))


def mean_of_everything(net: Net, x: Tensor) -> Tensor:
    y = net.mean(x, (0, 1, 2))
    return net.reshape(y, 1, *y.shape)


def sum_of_an_image_of_frames(net: Net, x: Tensor) -> Tensor:
    """As `mean_of_maps`, through a view whose rows are frames; the channels are added up too."""
    frames, height, width, channels = x.shape
    y = net.mean(net.reshape(x, 1, frames, height * width, channels), (1, 3), kind="SUM", scale=1.0)
    return net.reshape(y, 1, height * width)


def pool_of_an_image_of_frames(net: Net, x: Tensor, kind: str = "AVERAGE_POOL_2D") -> Tensor:
    frames, height, width, channels = x.shape
    image = net.reshape(x, 1, frames, height * width, channels)
    return net.reshape(net.pool(kind, image, (frames, 1), (frames, 1), "VALID"), 1, height * width * channels)


def maximum(net: Net, x: Tensor) -> Tensor:
    return pool_of_an_image_of_frames(net, x, "MAX_POOL_2D")


POOLS = (
    mean_of_vectors,
    mean_of_vectors_without_axis,
    mean_of_maps,
    mean_of_everything,
    sum_of_an_image_of_frames,
    pool_of_an_image_of_frames,
    maximum,
)


def network(pool: Pool, frames: int = 5, height: int = 7, head: bool = True) -> Graph:
    """Convolutions per frame, all frames pooled, a dense head."""
    net = Net(0)
    x = net.conv(net.input(frames, height, 5, 2), 4, (3, 3), (2, 1), (1, 1))
    pooled = pool(net, net.conv(x, 3, (3, 3), (1, 2), (1, 1)))
    if head:
        net.dense(pooled, 3)
    return net.graph()


@settings(max_examples=25)
@given(st.sampled_from(POOLS), st.integers(2, 6), st.integers(2, 9), st.sampled_from(["layer", "stream"]))
def test_pooled_stream_equals_the_clip(pool: Pool, frames: int, height: int, scheme: str) -> None:
    clip = network(pool, frames, height)
    step = per_frame(clip)
    assert (step.clip_frames, step.warm_up) == (frames, frames - 1)
    plan = proved_plan(step, scheme).plan
    assert [b.frames for b in plan.buffers if b.frames > 1] == [frames]
    check_stream(clip, step, plan, stream(clip, frames + 3))


def test_only_the_small_tensor_is_kept() -> None:
    step = per_frame(network(mean_of_vectors))
    kept = [step.tensors[t] for t in step.tensors if step.kept_frames(t) > 1]
    assert [tensor.size_bytes for tensor in kept] == [3]


def test_a_ring_one_frame_too_short_is_refuted() -> None:
    step = per_frame(network(mean_of_vectors, 4))
    plan = proved_plan(step).plan
    buffers = tuple(replace(b, frames=3) if b.frames == 4 else b for b in plan.buffers)
    assert isinstance(check(step, replace(plan, buffers=buffers))[0].verdicts["C8"], Refuted)


@pytest.mark.parametrize("pool", POOLS)
def test_firmware_gives_the_clips_answers(pool: Pool, tmp_path: Path) -> None:
    clip = network(pool, head=False)
    step = per_frame(clip)
    frames = stream(clip, 9)
    write_folder(tmp_path / "gen", emit(proved_plan(step)))
    outputs = run(build(tmp_path / "gen", "host", tmp_path / "host", sanitize=True), [frames[:, None]]).outputs[0]
    answers = expected(clip, step, frames)
    for output, answer in zip(outputs, answers, strict=True):
        np.testing.assert_array_equal(output, np.zeros_like(output) if answer is None else answer)
    assert len(np.unique(np.concatenate(answers[4:]), axis=0)) > 1, "answers that never change prove little"
