"""What a network costs, by layer:   python -m stjax.summary MODEL [--frames T] [--json]

MODEL is a named network (`stjax.models.NAMES`), `mcunet:FILE`, an architecture file of the MCUNet zoo, or a network of
your own, `module:attribute` (`stjax.models.named`).
"""

import argparse
import json
from dataclasses import asdict, dataclass
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from stjax import cost
from stjax.models.named import MEANS, frame_shape, named

# Columns of text that the table needs; a narrower terminal would cut numbers.
_WIDTH = 100


@dataclass(frozen=True)
class Summary:
    """Cost of a model for a clip and for one streamed frame.

    Attributes:
      name: as given.
      frames: frames of the clip.
      frame_shape: height, width, channels.
      window_frames: how many frames an answer depends on.
      delay_frames: how many frames late the answer comes.
      clip: cost of the whole clip.
      step: cost of one more frame of a stream.
    """

    name: str
    frames: int
    frame_shape: tuple[int, int, int]
    window_frames: int
    delay_frames: int
    clip: cost.Cost
    step: cost.Cost


def summarize(name: str, frames: int | None = None, frame_shape: tuple[int, int, int] | None = None) -> Summary:
    """The summary of a network.

    Args:
      name: as `stjax.models.named` takes it.
      frames: T for the named networks; length of the clip for a network of the zoo, by default 1.
      frame_shape: height, width, channels of a network of one's own that does not say.

    Raises:
      ValueError: if there is no such network, the file is no such architecture, or the network has no step face.
      OSError: if the file cannot be read.
    """
    found = named(name, frames, frame_shape)
    model = found.layer
    # The clip has the frames that the configuration speaks of, also where an answer needs one of them only.
    length = max(found.frames, frames or getattr(getattr(model, "config", None), "frames", 1))
    return Summary(
        name=name,
        frames=length,
        frame_shape=found.frame_shape,
        window_frames=model.warmup_frames + 1,
        delay_frames=model.delay_frames,
        clip=cost.clip_cost(model, (length, *found.frame_shape)),
        step=cost.step_cost(model, found.frame_shape),
    )


def as_json(summary: Summary) -> dict[str, Any]:
    """The summary as JSON data; totals beside the layers."""
    data = asdict(summary)
    for part, found in (("clip", summary.clip), ("step", summary.step)):
        totals = {name: getattr(found, name) for name in ("parameters", "weight_bytes", "macs", "flops")}
        data[part] = totals | data[part]
    return data


def table(summary: Summary) -> Table:
    """The summary by layer: the streamed frame, and the clip's MACs beside it."""
    height, width, channels = summary.frame_shape
    title = (
        f"{summary.name}: frames {height} x {width} x {channels}, answers from {summary.window_frames}, "
        f"clip of {summary.frames}"
    )
    columns = ("layer", "output", "params", "MACs/frame", "FLOPs/frame", "peak bytes", "MACs/clip")
    rows = Table(title=title, title_justify="left", show_footer=True, box=box.SIMPLE_HEAD)
    step, clip = summary.step, summary.clip
    footers = ("total", "", *map(_number, (step.parameters, step.macs, step.flops, step.peak_bytes, clip.macs)))
    for i, (column, footer) in enumerate(zip(columns, footers, strict=True)):
        rows.add_column(column, footer, justify="left" if i < 2 else "right", no_wrap=True)
    of_clip = {layer.name: layer for layer in clip.layers}
    for layer in step.layers:
        clip_macs = of_clip[layer.name].macs if layer.name in of_clip else 0
        numbers = (layer.parameters, layer.macs, layer.flops, layer.peak_bytes, clip_macs)
        rows.add_row(layer.name or "(model)", "x".join(map(str, layer.output_shape)), *map(_number, numbers))
    return rows


def lines(summary: Summary) -> list[str]:
    """What the table's columns have no place for."""
    step, clip = summary.step, summary.clip
    return [
        f"weights {_number(step.weight_bytes)} B as int8 kernels and int32 biases",
        f"per streamed frame: {step.flops / 1e9:.4f} GFLOP, {_number(step.state_bytes)} B kept between frames, peak "
        f"{_number(step.peak_bytes)} B of int8 activations, {_number(step.peak_float_bytes)} B of floats",
        f"per clip of {summary.frames} frames: {clip.flops / 1e9:.4f} GFLOP, peak {_number(clip.peak_bytes)} B of int8 "
        f"activations, {_number(clip.peak_float_bytes)} B of floats",
    ]


def _number(value: int) -> str:
    return f"{value:,}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m stjax.summary", description=__doc__)
    parser.add_argument("model", metavar="MODEL", help=MEANS)
    parser.add_argument("--frames", type=int, metavar="T", help="frames that an answer depends on")
    parser.add_argument(
        "--frame-shape", type=frame_shape, metavar="HxWxC", help="of your own network, if it does not say"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    arguments = parser.parse_args()
    try:
        summary = summarize(arguments.model, arguments.frames, arguments.frame_shape)
    except (ValueError, OSError) as error:
        parser.exit(2, f"error: {error}\n")
    if arguments.json:
        print(json.dumps(as_json(summary), indent=2))
        return
    Console(width=max(_WIDTH, Console().width)).print(table(summary))
    print(*lines(summary), sep="\n")


if __name__ == "__main__":
    main()
