"""`python -m export.tflite MODEL -o clip.tflite --step step.tflite`: networks of stjax as int8 .tflite files."""
# pyright: reportMissingImports=false
# The type checker runs without the training packages.

import argparse
import math
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from export.tflite.errors import ConversionError, StepError
from export.tflite.model import read_model
from export.tflite.step import StepModel, to_step
from verify.commands import cli
from verify.tflite import ModelError

DESCRIPTION = """\
Writes a network as int8 TensorFlow Lite models that any runtime runs:

  clip model   [frames, height, width, channels] -> [answers, classes]; what python -m verify.plan takes
  step model   one frame and states -> answer and new states; before the first frame, states hold their zero points

The step model has the clip model's weights and scales and gives the same answers, bit for bit. The input is a pixel
minus 128. Batch normalization is folded; ranges learned by quantization-aware training are kept."""

EPILOG = """\
examples:
  python -m export.tflite streamtinynet-touch -o clip.tflite                   random weights: enough to plan memory
  python -m export.tflite streamtinynet-touch --checkpoint runs/1 --dataset capfingerid -o clip.tflite
  python -m export.tflite my_module:net --frame-shape 64x64x1 -o clip.tflite   a network of your own
  python -m export.tflite clip.tflite --step step.tflite                       from a clip model, without JAX

exit codes: 0 written, 2 bad input"""


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = cli.Parser(
        "python -m export.tflite",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    cli.add_version(parser)
    parser.add_argument(
        "model",
        metavar="MODEL",
        help="a network: of stjax.models, mcunet:FILE, or your own as module:attribute; or a clip model's .tflite file",
    )
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the clip model here")
    parser.add_argument("--step", type=Path, metavar="FILE", help="write the step model here")
    parser.add_argument("--checkpoint", type=Path, metavar="FOLDER", help="of a training run; without, random weights")
    parser.add_argument("--frames", type=int, metavar="T", help="frames that an answer depends on; else the network's")
    parser.add_argument(
        "--frame-shape", type=sides, metavar="HxWxC", help="frames of your own network, if it does not say"
    )
    data = parser.add_mutually_exclusive_group()
    data.add_argument("--dataset", metavar="NAME", help="calibrate on clips of this dataset's training split")
    data.add_argument("--clips", type=Path, metavar="FILE", help="calibrate on these: .npy, uint8 [clip, T, H, W, C]")
    parser.add_argument("--samples", type=int, default=64, metavar="N", help="clips to calibrate on (default: 64)")
    parser.add_argument(
        "--weight-bits", type=int, default=8, metavar="N", help="2 to 8; as in training, if that was quantization-aware"
    )
    options = parser.parse_args(arguments)
    if not (options.output or options.step):
        parser.error("one of --output and --step is needed")
    return options


def sides(text: str) -> tuple[int, int, int]:
    """Height, width and channels from "96x96x1"."""
    from stjax.models.named import frame_shape

    return frame_shape(text)


def run(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    cli.check_targets(options.output, options.step)
    try:
        if options.model.endswith(".tflite"):
            clip = cli.read_file(Path(options.model))
        else:
            clip = convert(options)
        step = to_step(clip) if options.step else None
    except (ConversionError, ModelError, StepError, ValueError) as error:
        raise cli.InputError(str(error)) from None
    except ModuleNotFoundError as error:
        raise cli.InputError(f"{error.name} is not installed; `make setup-train` installs it") from None
    if options.output:
        write(options.output, clip, describe_clip(clip))
    if step is not None:
        write(options.step, step.contents, describe_step(step))
    return cli.PROVED


def convert(options: argparse.Namespace) -> bytes:
    """The clip model of a named network."""
    # TensorFlow greets on stderr; this has to be said before it is imported.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from stjax.assess.int8 import int8_model
    from stjax.models import named

    found = named(options.model, options.frames, options.frame_shape)
    network, shape = found.model, found.clip_shape
    variables = (
        random_variables(network, shape) if options.checkpoint is None else trained(options.checkpoint, network, shape)
    )
    with cli.progress("calibrating") as progress:
        return int8_model(
            network,
            variables,
            np.zeros(shape, np.float32),
            calibration(options, shape),
            options.weight_bits,
            lambda done, _: progress(done, options.samples),
        )


def random_variables(network: Any, shape: tuple[int, ...]) -> Mapping[str, Any]:
    import jax

    print("no checkpoint: the weights are random", file=sys.stderr)
    return network.init(jax.random.key(0), np.zeros(shape, np.float32))


def trained(folder: Path, network: Any, shape: tuple[int, ...]) -> Mapping[str, Any]:
    """The variables of the last checkpoint of a training run."""
    import jax
    import orbax.checkpoint as ocp

    place = folder / "checkpoints"
    if not place.is_dir():
        raise cli.InputError(f"{folder}: no training run (it has no folder `checkpoints`)")
    with ocp.CheckpointManager(place.absolute()) as manager:
        step = manager.latest_step()
        if step is None:
            raise cli.InputError(f"{folder}: no checkpoint was written yet")
        found = manager.restore(step, args=ocp.args.Composite(state=ocp.args.StandardRestore()))
    variables = found["state"].get("averages") or found["state"]["variables"]
    expected = jax.eval_shape(network.init, jax.random.key(0), np.zeros(shape, np.float32))
    if problem := first_difference(expected, variables):
        raise cli.InputError(f"{folder}: the checkpoint is of another network: {problem}")
    return variables


def first_difference(expected: Any, found: Any, place: str = "") -> str | None:
    """What is missing or of another shape in nested dicts of arrays; what else they hold does not matter."""
    if not isinstance(expected, Mapping):
        same = np.shape(found) == expected.shape
        return None if same else f"{place} has shape {list(np.shape(found))}, not {list(expected.shape)}"
    for name, value in expected.items():
        inner = f"{place}/{name}" if place else name
        if name not in found:
            return f"it has no {inner}"
        if problem := first_difference(value, found[name], inner):
            return problem
    return None


def calibration(options: argparse.Namespace, shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    """Clips [T, height, width, channels] in [0, 1]."""
    if options.clips is not None:
        clips = stored_clips(options.clips, shape)
    elif options.dataset is not None:
        clips = dataset_clips(options.dataset, shape)
    elif options.checkpoint is not None:
        raise cli.InputError("a trained network needs clips to calibrate on: give --dataset or --clips")
    else:
        generator = np.random.default_rng(0)
        clips = (generator.integers(0, 256, shape) for _ in range(options.samples))
    return (np.asarray(clip, np.float32) / 255 for clip, _ in zip(clips, range(options.samples), strict=False))


def stored_clips(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    try:
        clips = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise cli.InputError(f"{path}: {error}") from None
    if clips.dtype != np.uint8 or clips.shape[1:] != shape:
        raise cli.InputError(f"{path}: holds {clips.dtype} {list(clips.shape)}, not uint8 clips of {list(shape)}")
    return clips


def dataset_clips(name: str, shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    """Clips of the training split in random order, cut and resized as for training."""
    from stjax import data

    try:
        clips = data.load(data.DatasetConfig(name), "train")
        by_clip = clips.label(0) >= 0
        # Recordings whose frames have labels are no gestures from end to end: their windows are what is looked at.
        source = clips if by_clip else data.SlidingWindows(clips, shape[0], shape[0])
        pipeline = data.PipelineConfig(
            data.ClipWindow(shape[0]),
            size=(shape[1], shape[2]),
            labels="clip" if by_clip else "frame",
            channels=shape[3],
        )
        batches = data.Batches(source, pipeline)
        for clip in np.random.default_rng(0).permutation(len(source)):
            yield batches.example(int(clip))[0]
    except (data.DataError, ValueError) as error:
        raise cli.InputError(str(error)) from None


def describe_clip(contents: bytes) -> str:
    model = read_model(contents)
    ends = (model.tensors[key].shape for key in (*model.inputs, *model.outputs))
    return " -> ".join(map(str, map(list, ends))) + f", {len(model.operators)} operators"


def describe_step(step: StepModel) -> str:
    model = read_model(step.contents)
    states = [model.tensors[key].shape for key in model.inputs[1:]]
    size = sum(map(math.prod, states))
    return f"{len(states)} states of {size:,} bytes together, {step.warmup_frames} frames to warm up"


def write(path: Path, contents: bytes, description: str) -> None:
    cli.write_beside(path, contents)
    print(f"wrote {path} ({len(contents):,} bytes): {description}")


def main() -> int:
    return cli.guarded(run)


if __name__ == "__main__":
    sys.exit(main())
