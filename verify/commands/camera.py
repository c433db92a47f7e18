"""`--camera` of `verify.plan`: which camera gives the rows, how fast, and how many of them wait in a FIFO."""

import argparse
import math
import re
from dataclasses import dataclass, replace
from typing import Any

from verify.commands import cli
from verify.graph.camera import Camera, middle
from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.graph.tensor import is_image
from verify.targets.choice import kernels_of
from verify.targets.line_feed import PIXEL, LineFeed, line_feed, line_instructions, row_instructions

_CAMERA = re.compile(r"(\d{1,5})x(\d{1,5})@(\d{1,4}(?:\.\d{1,3})?)")
_CLOCK = re.compile(r"(\d{1,10}(?:\.\d{1,6})?)([kMG]?)(?:Hz)?")
_CROP = re.compile(r"(\d{1,5}),(\d{1,5}),(\d{1,5})")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("camera", "lines that come at a camera's pace, and the FIFO between")
    group.add_argument(
        "--camera",
        type=_picture,
        metavar="160x120@15",
        help="the camera's picture and frames per second: find and prove the FIFO in which rows wait while the\n"
        "network works (counted in SRAM), and say how long after the last line the result is there.\n"
        "Instructions are the target's prices, which are estimates",
    )
    group.add_argument("--clock", type=hertz, metavar="480M", help="clock of the processor, for --camera")
    group.add_argument(
        "--cycles-per-instruction", type=_cycles, default=1000, metavar="C", help="for --camera (default: 1)"
    )
    group.add_argument(
        "--pixel-format", choices=list(PIXEL), default="rgb565", help="what lines are made of (default: %(default)s)"
    )
    group.add_argument(
        "--crop",
        type=_corner,
        metavar="LEFT,TOP,STEP",
        help="which of the camera's pixels are the network's, every STEP-th from LEFT,TOP on\n"
        "(default: the largest step that fits, in the middle)",
    )


def check_options(options: argparse.Namespace) -> None:
    """
    Raises:
      InputError: --camera without --clock, or the other way round.
    """
    if options.camera is not None and options.clock is None:
        raise cli.InputError("--camera needs --clock, such as --clock 480M")
    if options.camera is None and (options.clock or options.crop or options.cycles_per_instruction != 1000):
        raise cli.InputError("--clock, --cycles-per-instruction and --crop go with --camera")


@dataclass(frozen=True)
class Asked:
    """A camera that is asked for: its picture, thousandths of frames per second, the clock in hertz, cycles per 1,000
    instructions, what lines are made of, and left, top and step of the network's pixels; None: in the middle.
    """

    width: int
    height: int
    millihertz: int
    clock_hertz: int
    millicycles: int = 1000
    pixel_format: str = "rgb565"
    crop: tuple[int, int, int] | None = None


def asked(options: argparse.Namespace) -> Asked:
    width, height, rate = options.camera
    return Asked(width, height, rate, options.clock, options.cycles_per_instruction, options.pixel_format, options.crop)


def takes_rows(plan: Plan) -> bool:
    """Whether an input arrives by rows."""
    return bool(plan.stages and plan.stages[0].feeds)


def with_camera(graph: Graph, plan: Plan, wanted: Asked) -> tuple[Plan, LineFeed]:
    """The plan with the camera and the FIFO that it needs, and how the network keeps up.

    Raises:
      InputError: rows of this network cannot be a camera's lines, or its kernels have not been measured.
    """
    shapes = graph.input_shapes
    if len(shapes) != 1 or not is_image(shapes[0]):
        raise cli.InputError(f"--camera: the network has no single input that is an image; it takes {shapes}")
    instructions = row_instructions(graph, plan, kernels_of(graph, plan))
    if instructions is None:
        raise cli.InputError(
            "--camera: no input arrives by rows (--input rows, and a plan that streams), or what the kernels of "
            f"target {plan.target} take has not been measured"
        )
    width, height, (rows, columns) = wanted.width, wanted.height, shapes[0][1:3]
    left, top, step = wanted.crop or middle(width, height, rows, columns)
    if step < 1 or left + step * (columns - 1) >= width or top + step * (rows - 1) >= height:
        raise cli.InputError(
            f"--camera {width}x{height}: {columns} x {rows} pixels, every {max(1, step)}-th from {left},{top} on, "
            "are not all in the picture"
        )
    tensor = graph.tensors[graph.inputs[0]]
    camera = Camera(
        width=width,
        height=height,
        millihertz=wanted.millihertz,
        clock_hertz=wanted.clock_hertz,
        millicycles=wanted.millicycles,
        left=left,
        top=top,
        step=step,
        line_instructions=line_instructions(wanted.pixel_format, columns),
        fifo_rows=1,
        row_bytes=tensor.size_bytes // tensor.rows,
    )
    feed = line_feed(camera, instructions)
    return replace(plan, camera=replace(camera, fifo_rows=max(1, feed.fifo_rows))), feed


def camera_value(plan: Plan, feed: LineFeed) -> dict[str, Any]:
    """What a plan with a camera has to say, as JSON."""
    assert plan.camera is not None
    camera = plan.camera
    return {
        "camera": {
            "held": feed.held,
            "frames_per_second": camera.millihertz / 1000,
            "frames_per_second_held": math.floor(feed.most_hertz * 100) / 100,
            "fifo_rows": feed.fifo_rows,
            "fifo_bytes": camera.fifo_bytes,
            "worst_push_instructions": feed.worst_push,
            "instructions_after_last_row": feed.after_last,
            "latency_ms": round(1000 * feed.latency, 3) if feed.held else None,
            "crop": [camera.left, camera.top, camera.step],
        }
    }


def camera_text(value: dict[str, Any]) -> str:
    """The same as a sentence."""
    asked, most = value["frames_per_second"], value["frames_per_second_held"]
    push = f"at most {value['worst_push_instructions']:,} instructions between rows"
    if not value["held"]:
        return f"the camera gives {asked:g} frames per second, there is time for {most:g}; {push}"
    return (
        f"{asked:g} frames per second held, {most:g} would be; FIFO of {value['fifo_rows']} rows, "
        f"{value['fifo_bytes']:,} bytes; {push}; result {value['latency_ms']:g} ms after the frame"
    )


def _picture(text: str) -> tuple[int, int, int]:
    found = _CAMERA.fullmatch(text)
    if not found or not (int(found[1]) and int(found[2]) and float(found[3])):
        raise argparse.ArgumentTypeError(f"{text!r} is not WIDTHxHEIGHT@FRAMES_PER_SECOND, such as 160x120@15")
    return int(found[1]), int(found[2]), round(1000 * float(found[3]))


def hertz(text: str) -> int:
    found = _CLOCK.fullmatch(text)
    value = round(float(found[1]) * {"": 1, "k": 1e3, "M": 1e6, "G": 1e9}[found[2]]) if found else 0
    if not 1 <= value <= 10**11:
        raise argparse.ArgumentTypeError(f"{text!r} is not a clock, such as 480M")
    return value


def _cycles(text: str) -> int:
    if not re.fullmatch(r"\d{1,3}(\.\d{1,3})?", text) or not float(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of cycles, such as 1.5")
    return round(1000 * float(text))


def _corner(text: str) -> tuple[int, int, int]:
    found = _CROP.fullmatch(text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not LEFT,TOP,STEP, such as 32,12,1")
    left, top, step = map(int, found.groups())
    return left, top, step
