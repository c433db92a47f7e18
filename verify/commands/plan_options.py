"""The options of `python -m verify.plan`, and what of them contradicts what."""

import argparse
import re
from pathlib import Path

from verify.commands import camera, cli, learn, pages, proving
from verify.graph.plan import InputMode
from verify.plan.request import OBJECTIVES, PUBLISHED, SCHEMES, WORTH, Patches, Request
from verify.report.accounting import CONVENTIONS
from verify.targets.registry import PORTABLE, targets

DESCRIPTION = """\
Plans an int8 .tflite for a microcontroller: which operators are fused and stream by rows or by rows and columns, how
much of each tensor is kept, and where every buffer lies. The plan is then proved by a separate checker, from the model
and the plan alone: every output is computed exactly once, nothing is read before it is written or after it is
overwritten, buffers do not collide, and the SRAM is enough. Only a proved plan is written."""
EPILOG = """\
exit codes: 0 proved, 1 does not fit a budget, 2 bad input, 3 refuted or unknown
example:    python -m verify.plan model.tflite --sram 128K -o plan.json
next:       python -m export model.tflite --plan plan.json -o generated/"""


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = cli.Parser(
        "python -m verify.plan", description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawTextHelpFormatter
    )
    cli.add_version(parser)
    parser.add_argument("model", type=Path, metavar="MODEL.tflite")
    parser.add_argument(
        "--sram", type=cli.size, metavar="SIZE", help="SRAM budget, such as 128K; without it: least SRAM"
    )
    parser.add_argument(
        "--max-macs",
        type=_ratio,
        metavar="1.1x",
        help="let auto compute rows again for less SRAM, up to so many times the model's layer-wise MACs; without it,\n"
        "up to these, where channels that no input changes are left out, and as far as --sram needs it",
    )
    parser.add_argument("--once", action="store_true", help="let auto compute nothing twice")
    parser.add_argument(
        "--pareto",
        action="store_true",
        help="plans of less and less SRAM for more and more MACs, every one proved; -o is then a folder for\n"
        "plan-1.json, plan-2.json, ...; --report and --plot show the plan of least SRAM, the page the others beside it",
    )
    parser.add_argument(
        "--flash",
        type=cli.size,
        metavar="SIZE",
        help="flash budget of weights and tables; kernels that store less are taken where the fastest ones miss it.\n"
        "The build adds the code",
    )
    parser.add_argument(
        "--packed-weights",
        action="store_true",
        help="store weights of int4 models two in a byte (of each operator whose weights are all from -8 to 7):\n"
        "half their flash, computed in portable C. Without it, weights are packed only where --flash needs it",
    )
    parser.add_argument(
        "--input",
        type=InputMode,
        default=InputMode.ROWS,
        choices=list(InputMode),
        metavar="{whole,rows,patches}",
        help="how the network's input arrives (default: rows)\n"
        "  whole    the frame stands in the arena\n"
        "  rows     a camera's rows, pushed one by one; only those still needed are kept\n"
        "  patches  the frame stays in the caller's memory, which can be read again and is not counted",
    )
    parser.add_argument(
        "--scheme",
        choices=SCHEMES,
        default="auto",
        metavar="SCHEME",
        help="auto          least SRAM, nothing computed twice; with --sram, fewest MACs that fit (default)\n"
        "stream        fused stages that stream by whole rows, nothing computed twice\n"
        "layer         one operator at a time, every tensor whole\n"
        "patch, patch-bypass   MCUNetV2: the first operators in patches, overlaps computed again\n"
        "stream-1d, stream-2d  StreamNet: overlaps kept down, or down and across\n"
        "streamnet     StreamNet's mixture of the two (--stream-x-level)",
    )
    parser.add_argument(
        "--target",
        choices=list(targets()),
        default=PORTABLE,
        metavar="TARGET",
        help="for which machine the kernels are chosen (default: portable)\n"
        + "\n".join(f"{name:<14} {target.about}" for name, target in targets().items()),
    )
    parser.add_argument(
        "--objective",
        choices=OBJECTIVES,
        default="sram",
        help="of the schemes auto and stream (default: sram)\n"
        "sram           the least SRAM\n"
        "instructions   the fewest instructions, as estimated from counts, that fit --sram; without it, the least\n"
        f"               SRAM that costs no more than {WORTH:g} times the fewest",
    )
    parser.add_argument(
        "--preferred-kernels",
        action="store_true",
        help="take no slower kernel of less working memory where that of an operator's first one sets the peak",
    )
    published = parser.add_argument_group(
        "published schemes", "what is left out, the scheme's own search chooses (by its paper's count of memory)"
    )
    published.add_argument("--n-patch", type=_positive, metavar="N", help="N x N patches of what the patch stage gives")
    published.add_argument("--split", type=_positive, metavar="K", help="run the first K operators by patches")
    published.add_argument(
        "--stream-x-level",
        type=_positive,
        metavar="L",
        help="streamnet: the last L operators before the split keep what neighbouring columns of patches share",
    )
    published.add_argument(
        "--patch-padding",
        choices=("exact", "paper"),
        default="exact",
        help="exact  every patch is clipped to the image (default)\n"
        "paper  claim that only the first and last patch pad, as published code does; the proof says where not",
    )
    parser.add_argument(
        "--keep-constant",
        action="store_true",
        help="compute every channel; without it, channels that hold one value for every input, and those that nothing\n"
        "reads, are left out (published schemes keep them)",
    )
    parser.add_argument(
        "--time",
        choices=("auto", "frame", "second", "clip"),
        default="auto",
        help="for models of clips, [time, height, width, channels] or [1, time, height, width, channels]\n"
        "  frame   the program of one frame, with what later frames need kept; its outputs are the clip's\n"
        "  second  the same of a model of [1, time, height, width], which by itself looks like an image\n"
        "  clip    the whole clip at once, as the model stands\n"
        "  auto    frame where the model has such a program (default), else a line that says why not",
    )
    parser.add_argument("--time-step", type=int, default=1, metavar="N", help="give a result at every N-th frame only")
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--subgraph",
        type=int,
        default=0,
        metavar="N",
        help="of a file of several networks, take this one (default: 0, which TFLM runs); the plan says which",
    )
    which.add_argument("--signature", metavar="NAME", help="the same, by the name of its signature")
    parser.add_argument(
        "--accounting",
        choices=("device", *CONVENTIONS),
        default="device",
        help="print the plan's SRAM also as a paper counts it\n"
        "device     all of the SRAM and nothing else (default)\n"
        "streamnet  the input image, stack and state left out\n"
        "msf-cnn    the network's input and final output, stack, state and scratch left out",
    )
    parser.add_argument(
        "--early-exit",
        type=int,
        metavar="K",
        help="compute output K (from 0) before what only other outputs need, so that\n"
        "the rest can be left out (python -m export --early-exit K)",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="PLAN.json",
        help="write the plan here if it is proved; with --pareto, a folder for those that are",
    )
    parser.add_argument(
        "--emit-tflm",
        type=Path,
        metavar="OUT.tflite",
        help="do something else: plan the arena for TensorFlow Lite Micro, which runs one operator after the other,\n"
        "prove that, and write the model with the plan in its metadata, which TFLM then follows; goes with --sram",
    )
    pages.add_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    camera.add_arguments(parser)
    learn.add_arguments(parser)
    proving.add_options(parser)
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def _ratio(text: str) -> float:
    match = re.fullmatch(r"(\d{1,3}(?:\.\d{1,6})?)x?", text)
    if not match or float(match[1]) < 1:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a multiple of the layer-wise MACs, 1.1x or 1.1, from 1 to 999"
        )
    return float(match[1])


def patches_of(options: argparse.Namespace) -> Patches:
    """What the command line says of the published schemes."""
    if options.scheme not in PUBLISHED and (options.n_patch or options.split or options.patch_padding != "exact"):
        raise cli.InputError(f"--n-patch, --split and --patch-padding go with a published scheme, not {options.scheme}")
    if options.stream_x_level and options.scheme != "streamnet":
        raise cli.InputError(f"--stream-x-level goes with --scheme streamnet, not {options.scheme}")
    return Patches(options.n_patch, options.split, options.stream_x_level, options.patch_padding == "paper")


def request_of(options: argparse.Namespace, cut: int, sram: int | None) -> Request:
    return Request(
        scheme=options.scheme,
        mode=options.input,
        sram=sram,
        flash=options.flash,
        time_step=options.time_step,
        max_macs=options.max_macs,
        once=options.once,
        patches=patches_of(options),
        cut=cut,
        target=options.target,
        objective=options.objective,
        preferred=options.preferred_kernels,
        packed=options.packed_weights,
    )


def check_search(options: argparse.Namespace) -> None:
    """Refuses options of the search that do not go together."""
    if options.scheme != "auto" and (options.pareto or options.max_macs or options.once):
        raise cli.InputError(f"--pareto, --max-macs and --once are for --scheme auto, not for {options.scheme}")
    if options.once and (options.max_macs or options.pareto):
        raise cli.InputError("--once computes nothing twice; --max-macs and --pareto ask for the opposite")
    alone = {"--sram": options.sram, "--max-macs": options.max_macs, "--flash": options.flash}
    alone |= {"--early-exit": options.early_exit, "--certificate": options.certificate}
    alone["--accounting"] = None if options.accounting == "device" else options.accounting
    if options.pareto and (given := [flag for flag, value in alone.items() if value is not None]):
        raise cli.InputError(f"--pareto gives every plan of the front; {', '.join(given)} is for a single one")


def require_only_tflm(options: argparse.Namespace) -> None:
    chosen = (options.scheme, options.input, options.time, options.time_step, options.flash, options.output)
    other = options.accounting != "device" or options.pareto or options.max_macs or options.once
    other = other or options.packed_weights or options.learn is not None
    if chosen != ("auto", InputMode.ROWS, "auto", 1, None, None) or other:
        raise cli.InputError("--emit-tflm is a plan of its own; of the other options only --sram and --json go with it")
    proving.refuse_certificate(options)
