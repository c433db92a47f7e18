"""`python -m stjax.assess MODEL ... --data NAME`: accuracy and all costs of networks on a device, side by side."""
# pyright: reportMissingImports=false

import argparse
import dataclasses
import json
import os
import sys
from pathlib import Path
from typing import Any

from verify.commands import cli
from verify.targets.registry import targets

DESCRIPTION = """\
Assesses networks as they would run on a microcontroller, frame by frame. Each is trained (--data), or restored
(--checkpoint), or left with random weights; made int8; planned and proved; built and run on an emulated board, where
its bits are compared with the int8 clip model's. One row per network:

  accuracy (float, int8, on the board), T, parameters, MACs and FLOPs of a frame, SRAM (proved, and by part: spatial,
  window ring, temporal, head, scratch, stack), flash, instructions of a frame, frames per second at a clock (bounds)

MODEL is a named network of stjax.models, or one of your own as module:attribute (a module or a function that makes
one). Finished trainings in --work are taken again; what is interrupted goes on."""

EPILOG = """\
examples:
  python -m stjax.assess streamtinynet-touch tsm-touch                         costs only, random weights
  python -m stjax.assess streamtinynet-touch my_module:net --data capfingerid --data-dir ~/data --epochs 8 -o assessment
  python -m stjax.assess my_module:net --data clip_folder --data-dir ~/clips --seeds 3

exit codes: 0 all bits equal, 1 a board's bits differ or break the plan, 2 bad input"""


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = cli.Parser(
        "python -m stjax.assess",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    cli.add_version(parser)
    parser.add_argument("models", metavar="MODEL", nargs="+", help="networks, see above")
    parser.add_argument("--frames", type=int, metavar="T", help="frames that an answer depends on; else the network's")
    parser.add_argument("--frame-shape", metavar="HxWxC", help="frames of a network of your own that does not say")
    parser.add_argument(
        "--checkpoint", type=Path, metavar="DIR", help="of a training run of the one MODEL: its weights"
    )
    data = parser.add_argument_group("data and training")
    data.add_argument("--data", metavar="NAME", help="dataset to train and test on (python -m stjax.data lists them)")
    data.add_argument("--data-dir", metavar="DIR", help="folder of its files; default: STJAX_DATA")
    data.add_argument("--prepared", metavar="DIR", help="where tensorflow-datasets keeps what it has prepared")
    data.add_argument("--epochs", type=int, default=10, metavar="N", help="of each training (default: 10)")
    data.add_argument("--seeds", type=int, default=1, metavar="N", help="trainings of each network (default: 1)")
    data.add_argument("--batch-size", type=int, default=64, metavar="N", help="clips per step (default: 64)")
    data.add_argument("--learning-rate", type=float, default=3e-3, metavar="R", help="at its peak (default: 0.003)")
    data.add_argument(
        "--augment",
        default="",
        metavar="LIST",
        help="of horizontal_flip, vertical_flip, transpose, reverse, shift=PIXELS, gain=SHARE, noise=LEVELS; what "
        "turns a clip changes its label as the dataset says",
    )
    data.add_argument(
        "--sampling", choices=("span", "window"), default="span", help="frames over the whole clip, or neighbours"
    )
    data.add_argument("--stride", type=int, default=1, metavar="N", help="of neighbours, for --sampling window")
    data.add_argument("--workers", type=int, default=0, metavar="N", help="processes that decode clips (default: 0)")
    data.add_argument("--work", type=Path, metavar="DIR", help="for checkpoints (default: build/assess)")
    device = parser.add_argument_group("device")
    device.add_argument(
        "--board", default="mps2-an500", metavar="NAME", help="of embedded/boards (default: mps2-an500)"
    )
    device.add_argument("--target", choices=sorted(targets()), help="whose kernels (default: the board's fastest)")
    device.add_argument(
        "--scheme",
        choices=("stream", "auto"),
        default="stream",
        help="plans by whole rows (default), or of least SRAM, which may take more instructions",
    )
    device.add_argument("--device-clips", type=int, default=60, metavar="N", help="test clips on it (default: 60)")
    device.add_argument(
        "--clock", type=hertz, default=480e6, metavar="HZ", help="for frames per second: 480M (default)"
    )
    device.add_argument(
        "--cycles-per-instruction", type=bounds, default=(0.5, 2.0), metavar="LOW,HIGH", help="for it (default: 0.5,2)"
    )
    parser.add_argument(
        "--smaller",
        nargs="?",
        const="peak",
        choices=("peak", "all"),
        help="also the SRAM, proved, with T or a size of the layer at the peak (all: of any layer) a step smaller",
    )
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="write assessment.md, .json and .svg here")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    options = parser.parse_args(arguments)
    if options.checkpoint and len(options.models) > 1:
        parser.error("--checkpoint is of one network; several were given")
    if min(options.epochs, options.seeds, options.batch_size, options.device_clips, options.stride) < 1:
        parser.error("--epochs, --seeds, --batch-size, --device-clips and --stride must be at least 1")
    return options


def hertz(text: str) -> float:
    """Cycles per second from "480M"."""
    return cli.positive(text, "clock", "480M")


def bounds(text: str) -> tuple[float, float]:
    """Lowest and highest from "0.5,2"."""
    try:
        low, high = (float(part) for part in text.split(","))
    except ValueError:
        low, high = 0.0, 0.0
    if not 0 < low <= high:
        raise argparse.ArgumentTypeError(f'"{text}" is not LOW,HIGH with 0 < LOW <= HIGH; write 0.5,2')
    return low, high


def run(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    # TensorFlow greets on stderr; this has to be said before it is imported.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        return _run(options)
    except ModuleNotFoundError as error:
        raise cli.InputError(f"{error.name} is not installed; `make setup-train` installs it") from None


def _run(options: argparse.Namespace) -> int:
    from embedded.tools.board import FirmwareError, load_board
    from export.tflite.errors import ConversionError
    from stjax.assess import report, smaller
    from stjax.assess.run import assess
    from stjax.data import DataError, load_splits
    from stjax.train import TrainError

    work = options.work or Path("build") / "assess"
    found = []
    try:
        options.target = options.target or load_board(options.board).target
        networks, settings = _networks(options), _settings(options)
        splits = None if settings.dataset is None else load_splits(settings.dataset)
        for network in networks:
            for seed in range(options.seeds):
                folder = work / f"{network.name.replace(':', '.').replace('/', '.')}-{network.frames}-seed{seed}"
                found.append(
                    assess(network, settings, folder, seed, splits=splits, checkpoint=options.checkpoint, say=say)
                )
        steps = [
            smaller.options(network, settings.target, settings.scheme, options.smaller == "all", say)
            for network in networks
            if options.smaller
        ]
    except (ConversionError, DataError, FirmwareError, TrainError, ValueError, OSError) as error:
        raise cli.InputError(str(error)) from None
    clock = report.Clock(options.clock, *options.cycles_per_instruction)
    if options.output:
        options.output.mkdir(parents=True, exist_ok=True)
        made_by = "python -m stjax.assess " + " ".join(sys.argv[1:])
        cli.write_beside(options.output / "assessment.md", report.markdown(found, clock, made_by, steps))
        cli.write_beside(
            options.output / "assessment.json", json.dumps(report.value(found, clock, steps), indent=1) + "\n"
        )
        cli.write_beside(options.output / "assessment.svg", report.plot(found))
    if options.json:
        print(json.dumps(report.value(found, clock, steps), indent=1))
    else:
        _print(report, found, clock, steps)
    return 1 if any(a.device_different or a.problems for a in found) else 0


def _print(report: Any, found: list[Any], clock: Any, steps: list[Any]) -> None:
    from rich.console import Console

    console = Console(width=max(200, Console().width), highlight=False)
    for table in report.tables(found, clock, steps):
        console.print(table)
    for line in report.notes(found, clock):
        print(line)


def _networks(options: argparse.Namespace) -> list[Any]:
    from stjax.models import named
    from stjax.models.named import frame_shape

    shape = None if options.frame_shape is None else frame_shape(options.frame_shape)
    return [named(name, options.frames, shape) for name in options.models]


def _settings(options: argparse.Namespace) -> Any:
    from stjax.assess.run import Settings
    from stjax.data import DatasetConfig

    dataset = None
    if options.data is not None:
        dataset = DatasetConfig(options.data, manual_dir=options.data_dir, data_dir=options.prepared)
    return Settings(
        dataset=dataset,
        epochs=options.epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        augment=augment_of(options.augment),
        sampling=options.sampling,
        stride=options.stride,
        workers=options.workers,
        board=options.board,
        target=options.target,
        scheme=options.scheme,
        device_clips=options.device_clips,
    )


def augment_of(text: str) -> Any:
    """`stjax.data.Augment` from "horizontal_flip,shift=2".

    Raises:
      ValueError: there is no such change, or its value is none.
    """
    from stjax.data import Augment

    fields = {field.name: field.type for field in dataclasses.fields(Augment)}
    found: dict[str, Any] = {}
    for part in filter(None, text.split(",")):
        name, equals, number = part.strip().partition("=")
        if name not in fields or bool(equals) == (fields[name] in (bool, "bool")):
            raise ValueError(
                f'--augment: "{part}" is none of {", ".join(fields)} (flips, transpose and reverse take no value)'
            )
        found[name] = True if not equals else int(number) if fields[name] in (int, "int") else float(number)
    return Augment(**found)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    return cli.guarded(run)


if __name__ == "__main__":
    sys.exit(main())
