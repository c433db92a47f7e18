"""A head that learns on the device, as `python -m verify.plan --learn` asks for it."""

import argparse

from verify.commands import cli
from verify.graph.graph import Graph
from verify.graph.learning import Learning
from verify.learning import HEADS
from verify.learning.head import MOST_CLASSES, MOST_PASSES, MOST_ROOM
from verify.learning.make import RATE, learning_for
from verify.ops.readout import NoReadoutError, without_readout

MOST_RATE = 2.0**10
MORE_CLASSES = 1
"""Beside the model's, where nobody says how many."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "learning on the device",
        "a head that learns in place of a FULLY_CONNECTED at the network's end, or before a SOFTMAX there: the plan\n"
        "counts what it keeps, and proves that its integers fit however many examples come; python -m export writes it",
    )
    kinds = "\n".join(f"{name:<7} {head.about}" for name, head in HEADS.items())
    group.add_argument("--learn", choices=list(HEADS), metavar="HEAD", help=kinds)
    group.add_argument(
        "--classes",
        type=int,
        metavar="N",
        help=f"labels, the model's among them (default: {MORE_CLASSES} more than those)",
    )
    group.add_argument(
        "--rehearse", type=int, metavar="N", help="dense: examples that it keeps, to go on from (default: 0)"
    )
    group.add_argument(
        "--passes", type=int, metavar="N", help="dense: steps through what it keeps, with each example (default: 1)"
    )
    group.add_argument(
        "--rate",
        type=float,
        metavar="X",
        help=f"dense: learning rate, of features in [0, 1]; the nearest power of two is taken (default: {RATE})",
    )


def headless(model: Graph, options: argparse.Namespace) -> Graph:
    """The model, without its last layer where a head is to learn in its place.

    Raises:
      InputError: it has none that can be replaced, or options do not go together.
    """
    given = [f"--{name}" for name in ("classes", "rehearse", "passes", "rate") if getattr(options, name) is not None]
    if options.learn is None:
        if given:
            raise cli.InputError(
                f"{', '.join(given)} is for a head that learns: say which, --learn {' or '.join(HEADS)}"
            )
        return model
    if options.learn != "dense" and (others := [flag for flag in given if flag != "--classes"]):
        raise cli.InputError(f"{', '.join(others)} is for --learn dense")
    if options.pareto or options.early_exit is not None:
        raise cli.InputError("--learn gives one plan, of one output; it does not go with --pareto or --early-exit")
    try:
        return without_readout(model)
    except NoReadoutError as error:
        raise cli.InputError(f"--learn: {model.name}: {error}") from None


def learning_of(model: Graph, options: argparse.Namespace) -> Learning | None:
    """What the plan is to say of the head, for what `headless` gave.

    Raises:
      InputError: a number is out of range.
    """
    if model.readout is None:
        return None
    own = len(model.readout.weights)
    classes = own + MORE_CLASSES if options.classes is None else options.classes
    room, passes = options.rehearse or 0, 1 if options.passes is None else options.passes
    for name, value, low, high in (
        ("classes", classes, own, MOST_CLASSES),
        ("rehearse", room, 0, MOST_ROOM),
        ("passes", passes, 1, MOST_PASSES),
    ):
        if not low <= value <= high:
            why = f": the model has {own} labels" if name == "classes" else ""
            raise cli.InputError(f"--{name} {value} must be in [{low}, {high}]{why}")
    rate = RATE if options.rate is None else options.rate
    if not 0 < rate <= MOST_RATE:
        raise cli.InputError(f"--rate {rate:g} must be above 0 and at most {MOST_RATE:g}")
    return learning_for(model, options.learn, classes, room, passes, rate)


def with_room(options: argparse.Namespace, learning: Learning | None) -> argparse.Namespace:
    """The same options where the search for a plan of the network leaves the head's bytes of the budget free."""
    if learning is None or options.sram is None:
        return options
    return argparse.Namespace(**{**vars(options), "sram": max(1, options.sram - learning.bytes)})
