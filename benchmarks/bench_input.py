"""What the input pipeline costs: `python -m benchmarks.bench_input`; `-o benchmarks` writes input.json and input.md.

Three questions, each answered by a ratio within one run, so that what else the machine does weighs on both sides.
Times of decoding are the processor's, not the clock's:

    decode    ten JPEG frames of 100 x 176 pixels as a clip of 96 x 96 grey, against decoding the ten files alone
    workers   clips per second of two worker processes against one
    training  the pipeline's share of a training step's wall time, for the presets of `stjax.models`

The pictures are drawn (stand-ins of the size in bytes that webcam JPEGs of this size have), and so are the clips in
memory. A benchmark and not a test: the two worker processes need two cores of their own. How far they could speed
things up is also computed from processor time, which others on the machine do not change much: what a batch costs its
worker, w, and the process that takes it, m, allow 2 w / (w + m) on two cores.
"""
# pyright: reportMissingImports=false

import argparse
import contextlib
import itertools
import json
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image

from stjax.data import Augment, Batches, ClipSource, ClipWindow, DatasetConfig, PipelineConfig, Symmetry, clip_set
from stjax.data.disk import DiskClips
from stjax.data.media import read_frames

HEIGHT, WIDTH, FRAMES = 100, 176, 37
SIDE, WINDOW = 96, 10
CLASSES = tuple(f"class {number}" for number in range(27))
NETWORKS = ("streamtinynet-touch", "streamtinynet-shapes", "streamtinynet-fir", "streamtinynet-96")
BATCH = 64


def write_clips(folder: Path, count: int) -> DiskClips:
    """Clips of textured frames with a moving pattern, as folders of JPEGs."""
    rng, (y, x) = np.random.default_rng(0), np.mgrid[:HEIGHT, :WIDTH]
    for clip in range(count):
        (folder / str(clip)).mkdir(parents=True)
        for t in range(FRAMES):
            waves = [60 * np.sin((x + 3 * t + clip) / 9), 50 * np.cos((y + t) / 11), 40 * np.sin((x + y - t) / 13)]
            picture = 128 + np.stack(waves, -1) + rng.normal(0, 8, (HEIGHT, WIDTH, 1))
            path = folder / str(clip) / f"{t + 1:05d}.jpg"
            Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).save(path, quality=75)
    keep = tuple(range(len(CLASSES)))
    return DiskClips(
        paths=tuple(str(folder / str(clip)) for clip in range(count)),
        lengths=np.full(count, FRAMES),
        labels=np.arange(count, dtype=np.int32) % len(CLASSES),
        groups=np.full(count, -1, np.int32),
        classes=CLASSES,
        symmetry=Symmetry(keep, keep, keep),
    )


def decode(clips: DiskClips, rounds: int) -> dict[str, float]:
    """Milliseconds per clip, the median over rounds in which the ways take turns."""
    numbers = np.linspace(0, FRAMES - 1, WINDOW).astype(int)

    def alone(folder: Path) -> None:
        for number in numbers:
            with Image.open(folder / f"{number + 1:05d}.jpg") as image:
                np.asarray(image)

    ways: dict[str, Callable[[Path], object]] = {
        "decoding alone": alone,
        "to 96 x 96 grey": lambda folder: read_frames(folder, numbers, (SIDE, SIDE), 1),
        "to 96 x 96 colour": lambda folder: read_frames(folder, numbers, (SIDE, SIDE), None),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for path in itertools.islice(itertools.cycle(clips.paths), rounds):
        for name, way in ways.items():
            started = time.process_time()
            way(Path(path))
            times[name].append(time.process_time() - started)
    return {name: 1000 * statistics.median(found) for name, found in times.items()}


def workers(clips: DiskClips, rounds: int, batches_each: int = 6) -> dict[str, Any]:
    """Clips per second by number of workers, started and running, the best of rounds in which they take turns; and the
    processor's milliseconds per batch in a worker and in the process that takes it."""
    config = PipelineConfig(ClipWindow(WINDOW), BATCH, (SIDE, SIDE), channels=1)
    speeds: dict[str, float] = {}
    taking, making = [], []
    with contextlib.ExitStack() as ends:
        streams: dict[int, Iterator[Any]] = {}
        for count in (0, 1, 2):
            batches = Batches(clips, config, training=True, workers=count)
            ends.callback(batches.close)
            streams[count] = itertools.chain.from_iterable(map(batches.epoch, itertools.count()))
        for _ in range(rounds):
            for count, stream in streams.items():
                # What is ready from before does not count: as many batches are taken first as can be waiting.
                for _ in range(1 + 3 * count):
                    next(stream)
                started, here, there = time.perf_counter(), time.process_time(), _worker_seconds()
                for _ in range(batches_each):
                    next(stream)
                speed = batches_each * BATCH / (time.perf_counter() - started)
                speeds[str(count)] = max(speeds.get(str(count), 0), speed)
                if count:
                    taking.append(1000 * (time.process_time() - here) / batches_each)
                    making.append(1000 * (_worker_seconds() - there) / batches_each)
    return {"clips/s": speeds, "worker": statistics.median(making), "taker": statistics.median(taking)}


def _worker_seconds() -> float:
    """Processor time of all worker processes so far."""
    return sum(sum(psutil.Process(child.pid).cpu_times()[:2]) for child in multiprocessing.active_children())


def training(name: str, clips: ClipSource, pipeline: PipelineConfig, count: int, steps: int) -> dict[str, float]:
    """Milliseconds of a step, and of them those in which the step waits for its batch."""
    import jax

    from stjax.models import preset
    from stjax.train import TrainConfig, devices
    from stjax.train.config import build_optimizer
    from stjax.train.loop import network_of
    from stjax.train.steps import initial_state, make_train_step

    model = preset(name, pipeline.window.frames)
    config = TrainConfig(model, DatasetConfig("moving_shapes"), pipeline)
    mesh, network = devices.all_devices(), network_of(config, None, None)
    batches = Batches(clips, pipeline, training=True, workers=count)
    stream = itertools.chain.from_iterable(map(batches.epoch, itertools.count()))
    step = make_train_step(network, build_optimizer(config.optimizer, 1000), mesh, config)
    with contextlib.closing(batches):
        state = initial_state(network, build_optimizer(config.optimizer, 1000), batches.example(0)[0], config, mesh)
        whole, waited = [], []
        for _ in range(steps + 2):
            started = time.perf_counter()
            batch = next(stream)
            waited.append(time.perf_counter() - started)
            put = devices.put(batch, mesh)
            state, loss = step(state, *put[:2])
            jax.block_until_ready(loss)
            whole.append(time.perf_counter() - started)
    # The first two compile and fill what is ready.
    return {"step": 1000 * sum(whole[2:]) / steps, "waiting": 1000 * sum(waited[2:]) / steps}


def in_memory(name: str, count: int = 4 * BATCH) -> tuple[ClipSource, PipelineConfig]:
    """Clips of the preset's size, and the pipeline that trains on such: flips, shifts and grey values."""
    from stjax.models import config

    found = config(name)
    rng, keep = np.random.default_rng(0), tuple(range(found.classes))
    clips = [
        rng.integers(0, 256, (24, found.height, found.width, found.channels)).astype(np.uint8) for _ in range(count)
    ]
    labels = [number % found.classes for number in range(count)]
    source = clip_set(clips, labels, tuple(map(str, keep)), Symmetry(keep, keep, keep))
    augment = Augment(horizontal_flip=True, vertical_flip=True, shift=2, gain=0.2)
    return source, PipelineConfig(ClipWindow(found.frames), BATCH, augment=augment)


def report(found: dict[str, Any]) -> str:
    """The results as a page."""
    decoded, speeds, networks = found["decode"], found["workers"]["clips/s"], found["training"]
    worker, taker = found["workers"]["worker"], found["workers"]["taker"]
    alone = decoded["decoding alone"]
    lines = [
        "# Input pipeline",
        "",
        "Made by `python -m benchmarks.bench_input -o benchmarks`; what is measured stands there. Ratios are within",
        f"one run. JPEG frames of {HEIGHT} x {WIDTH} pixels have {found['bytes']:,} bytes. The machine has "
        f"{found['cores']} cores;",
        f"its load was {found['load']:.1f} when this began, and clips per second are those of what others left.",
        "",
        "| ten JPEG frames | ms of processor time per clip | against decoding alone |",
        "|---|---|---|",
        *(f"| {name} | {ms:.2f} | {ms / alone:.2f} |" for name, ms in decoded.items()),
        "",
        "| worker processes | clips/s | against one |",
        "|---|---|---|",
        *(f"| {count} | {speed:,.0f} | {speed / speeds['1']:.2f} |" for count, speed in speeds.items()),
        "",
        f"A batch of {BATCH} clips takes {worker:.0f} ms of processor time in its worker and {taker:.1f} ms in the",
        f"process that takes it: on two cores alone, two workers can give {2 * worker / (worker + taker):.2f} times "
        "one's batches.",
        "",
        "| training | clips from | workers | ms per step of 64 clips | waiting for its batch |",
        "|---|---|---|---|---|",
    ]
    for row in networks:
        share = row["waiting"] / row["step"]
        lines.append(f"| {row['name']} | {row['from']} | {row['workers']} | {row['step']:.1f} | {share:.1%} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks.bench_input", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="write input.json and input.md here")
    parser.add_argument("--clips", type=int, default=4 * BATCH, help="on disk")
    parser.add_argument("--rounds", type=int, default=200, help="of decoding; the rest follows from it")
    options = parser.parse_args()
    found: dict[str, Any] = {"load": os.getloadavg()[0], "cores": os.cpu_count()}
    with tempfile.TemporaryDirectory(prefix="stjax-input-") as folder:
        clips = write_clips(Path(folder), options.clips)
        found["bytes"] = round(statistics.mean(path.stat().st_size for path in Path(folder).glob("*/*.jpg")))
        found["decode"] = decode(clips, options.rounds)
        print(found, flush=True)
        found["workers"] = workers(clips, max(1, options.rounds // 60))
        print(found["workers"], flush=True)
        found["training"] = []
        for name, count in itertools.product(NETWORKS, (0, 1)):
            source, pipeline = in_memory(name)
            if name.endswith("-96"):
                source, pipeline = clips, replace(pipeline, size=(SIDE, SIDE))
            if count and source is not clips:
                continue
            steps = max(2, options.rounds // (50 if source is clips else 8))
            row = {"name": name, "from": "JPEG files" if source is clips else "memory", "workers": count}
            found["training"].append(row | training(name, source, pipeline, count, steps))
            print(found["training"][-1], flush=True)
    if options.output is None:
        print(report(found))
        return
    (options.output / "input.json").write_text(json.dumps(found, indent=1) + "\n")
    (options.output / "input.md").write_text(report(found))


if __name__ == "__main__":
    main()
