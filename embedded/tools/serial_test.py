"""`python -m embedded.tools serial`: sends inputs to a board, compares the outputs with the reference, bit for bit."""

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from embedded.tools.board import FirmwareError
from embedded.tools.clips import compared_with, read_samples, usual_samples
from embedded.tools.course import CLASSIFY, NONE, SAVE, Lesson, learn
from embedded.tools.link import Board, Link, Port
from embedded.tools.report import head
from embedded.tools.samples import random_inputs
from embedded.tools.signature import Signature, signature_of
from verify.commands import errors
from verify.commands.check import load_plan
from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.graph.plan_json import plan_to_json

DESCRIPTION = """\
Sends inputs over a serial line to a board that runs the serial test of an exported project (the sketch SerialTest of
--project arduino, the program serial of --project cmake), and compares what comes back with the reference, bit for bit.
Prints the time that the board's own clock measured and, where the board's program is compiled with STJ_MEASURE_STACK,
how deep the network went into the stack."""
EPILOG = """\
exit codes: 0 equal, 1 outputs differ or the stack went too deep, 2 bad input, no board, or a board with another plan"""


class SerialError(errors.InputError):
    """The board could not be asked."""

    kind = "firmware"


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = errors.Parser(
        "python -m embedded.tools serial",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument("model", type=Path, metavar="MODEL.tflite")
    parser.add_argument(
        "--plan", type=Path, required=True, metavar="PLAN.json", help="what the board's C was made from"
    )
    parser.add_argument(
        "--port", required=True, help="/dev/ttyACM0, COM3, or socket://HOST:PORT of an emulator (pyserial's URLs)"
    )
    parser.add_argument("--baud", type=int, default=115200)
    parser.add_argument("--input", type=Path, help=".npz with in0, in1, ...; random samples without it")
    parser.add_argument("--samples", type=int, help="number of random samples; 1, or one frame more than a clip has")
    parser.add_argument("--seed", type=int, default=0, help="of the random samples")
    parser.add_argument(
        "--timeout", type=errors.seconds, default=10.0, help="seconds that the board may take for a row (%(default)s)"
    )
    head = parser.add_mutually_exclusive_group()
    head.add_argument("--learn", type=int, metavar="LABEL", help="each result is an example of this class; then save")
    head.add_argument("--classify", action="store_true", help="print the class of each result; of a head that learns")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def run(arguments: list[str]) -> int:
    options = parse(arguments)
    model, program, plan = load_plan(options.plan, options.model)
    try:
        inputs, clips = _inputs(options, model, program)
        signature = signature_of(program)
        link = Link(_opened(options), max(4096, *(spec.size_bytes for spec in signature.outputs)))
        board = link.hello()
        check_board(board, signature, plan)
        answers: list[int] = []
        lesson = _lesson(options, plan)
        outputs, times = ask(link, board, signature, inputs, _every(program, len(inputs[0]), clips), lesson, answers)
        if options.learn is not None:
            answers.append(link.teach(*SAVE))
        stack = link.stack()
    except (FirmwareError, OSError) as error:
        raise SerialError(str(error)) from None
    found = compared_with(model, program, inputs, outputs, clips, plan.time_step)
    about = {
        "model": program.name,
        "plan_sha256": board.plan_sha256,
        "port": options.port,
        "samples": len(inputs[0]),
        f"{board.unit}_most": max(times),
        f"{board.unit}_mean": round(sum(times) / len(times)),
        **({"stack": stack[0], "stack_reserved": stack[1]} if stack else {}),
        "asked_again": link.repeated,
        "results_compared": found.results,
        "elements_different": found.different,
        **({"answers": answers} if answers else {}),
    }
    print(json.dumps(about) if options.json else head(about))
    if found.different:
        print(f"error: {found.different:,} elements of the outputs differ from the reference", file=sys.stderr)
    if options.learn is not None and any(answers):
        print("error: the head did not learn all, or did not save it: a status of its is not 0", file=sys.stderr)
        return 1
    if stack and stack[0] > stack[1]:
        print(f"error: the network took {stack[0]:,} bytes of stack or more of {stack[1]:,} reserved", file=sys.stderr)
        return 1
    return 1 if found.different else 0


def check_board(board: Board, signature: Signature, plan: Plan) -> None:
    """Raises FirmwareError unless the board runs this plan."""
    expected = hashlib.sha256(plan_to_json(plan).encode()).hexdigest()
    if board.plan_sha256 != expected:
        raise FirmwareError(
            f"the board runs plan {board.plan_sha256[:16]}..., this one is {expected[:16]}...: export it and flash it"
        )
    sizes = [size for size, _ in board.inputs], list(board.outputs)
    if sizes != ([spec.size_bytes for spec in signature.inputs], [spec.size_bytes for spec in signature.outputs]):
        raise FirmwareError(f"the board's inputs and outputs have {sizes} bytes, which are not the model's")


def ask(
    link: Link,
    board: Board,
    signature: Signature,
    inputs: Sequence[np.ndarray],
    every: int,
    lesson: Lesson = NONE,
    answers: list[int] | None = None,
) -> tuple[list[np.ndarray], list[int]]:
    """Outputs of all samples, zeros where there is none yet, and the time of each; begun anew after `every` samples.

    With each result a head that learns gets the lesson, if that is not NONE; what it answers is put into `answers`.
    """
    count = len(inputs[0])
    outputs = [np.zeros((count, *spec.shape), spec.dtype) for spec in signature.outputs]
    times = []
    for sample in range(count):
        if sample % every == 0:
            link.begin()
        times.append(link.push(board, [array[sample] for array in inputs]))
        for k, spec in enumerate(signature.outputs):
            if (output := link.output(k, spec)) is not None:
                outputs[k][sample] = output
                if lesson != NONE and answers is not None:
                    answers.append(link.teach(*lesson))
    return outputs, times


def _lesson(options: argparse.Namespace, plan: Plan) -> Lesson:
    """Raises FirmwareError: the plan has no head that learns."""
    wanted = learn(options.learn) if options.learn is not None else CLASSIFY if options.classify else NONE
    if wanted != NONE and plan.learning is None:
        raise FirmwareError("--learn and --classify are for a plan with a head that learns")
    return wanted


def _every(program: Graph, count: int, clips: bool) -> int:
    """Samples of one stream."""
    if not program.goes_on:
        return 1
    return program.clip_frames if clips else count


def _inputs(options: argparse.Namespace, model: Graph, program: Graph) -> tuple[list[np.ndarray], bool]:
    if options.input is not None:
        return read_samples(options.input, model, program)
    count = usual_samples(program) if options.samples is None else options.samples
    return random_inputs(signature_of(program).inputs, count, options.seed), False


def _opened(options: argparse.Namespace) -> Port:
    """Raises FirmwareError: there is no such port, or no pyserial."""
    try:
        import serial
    except ImportError:
        raise FirmwareError("this needs pyserial: pip install pyserial") from None
    try:
        return serial.serial_for_url(options.port, baudrate=options.baud, timeout=options.timeout)
    except (OSError, ValueError) as error:
        raise FirmwareError(f"port {options.port}: {error}") from None
