"""JAX streaming inference: processor time of one more frame against T, and of running the clip again, within one run.

Streamed, the layers that see single frames run once per frame, whatever T is; where each answer runs the whole clip,
they run T times. The layers after them look at T frames either way, so they are also timed by themselves, and what is
left of a streamed frame is the spatial part. One thread, best of several turns; all networks take turns, so that other
load on the machine meets them alike. Only ratios within one run mean anything.
"""
# pyright: reportMissingImports=false

import importlib.util
import os
import time
from collections.abc import Callable

FRAMES = (1, 2, 4, 8, 16)
NETWORK = "streamtinynet-shapes"
STREAM = 64
TURNS = 15
COLUMNS = ("streamed", "temporal", "spatial", "clip again")


def main() -> None:
    if importlib.util.find_spec("flax") is None:
        print("jax and flax are not installed: make setup-train")
        return
    # More threads would wait for each other actively, and the waiting would count.
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    programs = {frames: compiled(frames) for frames in FRAMES}
    best = {frames: [float("inf")] * 3 for frames in FRAMES}
    for _ in range(TURNS):
        for frames, functions in programs.items():
            best[frames] = [min(old, seconds(f)) for old, f in zip(best[frames], functions, strict=True)]
    print(f"{NETWORK}: microseconds per frame of a stream, and how often that of T = {FRAMES[0]}")
    print(f"{'T':>4}" + "".join(f"{name:>20}" for name in COLUMNS))
    first = columns(*best[FRAMES[0]])
    for frames, times in best.items():
        cells = zip(columns(*times), first, strict=True)
        print(f"{frames:4}" + "".join(f"{1e6 * value / STREAM:12.1f} x{value / base:6.2f}" for value, base in cells))


def columns(streamed: float, temporal: float, again: float) -> tuple[float, ...]:
    return streamed, temporal, streamed - temporal, again


def compiled(frames: int) -> tuple[Callable[[], object], ...]:
    """A stream through `step`, its features through the temporal part's `step`, and a clip for each frame."""
    import jax
    import numpy as np

    from stjax.models import StreamTinyNet, preset

    class Temporal(StreamTinyNet):
        def backbone(self):
            return super().backbone()[-1:]

    class Spatial(StreamTinyNet):
        def backbone(self):
            return super().backbone()[:-1]

        def _head(self):
            return []

    model = preset(NETWORK, frames)
    shape = model.config.frame_shape
    stream = np.random.default_rng(0).random((STREAM + frames - 1, *shape), np.float32)
    features = np.random.default_rng(0).random((STREAM, *Spatial(model.config).output_shape(shape)), np.float32)
    variables = model.init(jax.random.key(0), stream[:frames])

    def stepping(layer, variables):
        def advance(state, frame):
            return layer.apply(variables, state, frame, method="step")

        return jax.jit(lambda x: jax.lax.scan(advance, layer.init_state(x.shape[1:]), x)[1])

    def window(carry, start):
        clip = jax.lax.dynamic_slice_in_dim(stream, start, frames)
        return carry, model.apply(variables, clip)[-1]

    temporal = Temporal(model.config)
    by_step = stepping(model, variables)
    by_head = stepping(temporal, temporal.init(jax.random.key(0), features[:frames]))
    by_clip = jax.jit(lambda starts: jax.lax.scan(window, 0, starts)[1])
    starts = np.arange(STREAM)
    np.testing.assert_allclose(by_step(stream)[frames - 1 :], by_clip(starts), atol=1e-4)
    calls = ((by_step, stream[:STREAM]), (by_head, features), (by_clip, starts))
    return tuple(lambda f=f, x=x: f(x).block_until_ready() for f, x in calls)


def seconds(function: Callable[[], object]) -> float:
    """Processor time of one call; the wall's would count what else the machine does."""
    function()
    start = time.process_time()
    function()
    return time.process_time() - start


if __name__ == "__main__":
    main()
