"""Which network `python -m verify.plan` plans, and its plan: of several ways to read one, the better."""

import argparse
from collections.abc import Callable
from typing import Any

from verify.channels.reduced import reduced
from verify.clip import NotAClipError, by_call, per_frame
from verify.commands import camera, cli
from verify.commands.plan_options import request_of
from verify.graph.early_exit import NoExitError, exit_first
from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.plan.bursts import searched
from verify.plan.left_out import constant_channels
from verify.plan.request import PUBLISHED, PlanningError
from verify.plan.search import trade
from verify.targets.choice import kernels_of
from verify.targets.cost import instructions_of
from verify.targets.registry import target_named
from verify.tflite.upright import upright


def network(model: Graph, options: argparse.Namespace) -> Graph:
    """What is planned: the model's program without the channels that need not be computed."""
    return network_of(program_of(model, options), options)


def network_of(program: Graph, options: argparse.Namespace) -> Graph:
    keep = options.keep_constant or options.scheme in PUBLISHED
    by = target_named(options.target).channels
    return program if keep else reduced(program, constant_channels(program, by))


def program_of(model: Graph, options: argparse.Namespace) -> Graph:
    """The model itself, or the program of one frame where that is asked for, or possible and not declined."""
    if options.time_step < 1:
        raise cli.InputError(f"--time-step {options.time_step} must be at least 1")
    if model.stateful:
        return _of_one_call(model, options)
    if options.time != "clip":
        try:
            return per_frame(model, _second_extent(model) if options.time == "second" else None)
        except NotAClipError as error:
            if options.time in ("frame", "second"):
                raise cli.InputError(f"{options.model.name} has no program per frame: {error}") from None
    if options.time_step > 1:
        raise cli.InputError("--time-step is for models of clips that run frame by frame")
    return model


def _of_one_call(model: Graph, options: argparse.Namespace) -> Graph:
    """The program of one call, which is all that a model with states has."""
    if options.time in ("frame", "second"):
        raise cli.InputError(f"{model.name} has states of its own; --time is for models of whole clips")
    try:
        return by_call(model)
    except NotAClipError as error:
        raise cli.InputError(f"{model.name}: {error}") from None


def _second_extent(model: Graph) -> int | None:
    """The inputs' extent along their second axis, if all have the same."""
    extents = {shape[1] if len(shape) > 2 else 0 for shape in model.input_shapes}
    return extents.pop() or None if len(extents) == 1 else None


def with_exit(graph: Graph, options: argparse.Namespace) -> tuple[Graph, int]:
    """The network in the order in which it is planned, and after how many nodes a stage has to end; 0 for no matter."""
    if options.early_exit is None:
        return graph, 0
    try:
        return exit_first(graph, options.early_exit)
    except NoExitError as error:
        raise cli.InputError(f"--early-exit {options.early_exit}: {error}") from None


def search(
    graph: Graph,
    options: argparse.Namespace,
    cut: int,
    sram: int | None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Graph, Plan, dict[str, int | None]]:
    """The plan, and the network that it is for; what no other placement of its buffers goes below, where that has been
    looked for; and for a plan of the least SRAM without recomputation, what no other one of its space goes below."""
    try:
        search, plan = searched(graph, request_of(options, cut, sram), progress)
    except PlanningError as error:
        raise cli.InputError(str(error)) from None
    least = sram is None and not cut and plan.scheme == options.scheme
    space = search.bound() if least else None
    if space is not None and plan.arena_bytes < space:  # several rows at a time took less, which it is not over
        space = None
    return (
        search.uses.graph,
        plan,
        {"placement_bound_bytes": search.maker.least_arena(plan), "space_bound_bytes": space},
    )


def better(
    graph: Graph, options: argparse.Namespace, cut: int, progress: Callable[[int, int], None]
) -> tuple[Graph, Plan, dict[str, int | None]]:
    """The plan of the network, or of the same network with its signals along width upright, and of which.

    Where both fit a budget it is that of fewer instructions, else that of less SRAM; with the objective of instructions
    and no budget, the upright one only where it costs no more of them.
    """
    lying = search(graph, options, cut, options.sram, progress)
    turned = upright(graph.whole or graph)
    if not turned.upright or cut or options.scheme not in ("auto", "stream"):
        return lying
    other = network_of(turned, options)
    standing = search(other, options, cut, options.sram)
    instructions = [instructions_of(g, plan, kernels_of(g, plan)) or 0 for g, plan, _ in (lying, standing)]
    if options.sram is not None and max(lying[1].sram_bytes, standing[1].sram_bytes) <= options.sram:
        return standing if instructions[1] < instructions[0] else lying
    if options.sram is None and options.objective == "instructions" and instructions[1] > instructions[0]:
        return lying
    return standing if standing[1].sram_bytes < lying[1].sram_bytes else lying


def in_time(
    graph: Graph, options: argparse.Namespace, cut: int, plan: Plan, bounds: dict[str, int | None]
) -> tuple[Graph, Plan, dict[str, int | None], dict[str, Any]]:
    """The plan with its camera, and the network that it is for; another one, where this one does not keep up or leaves
    no room for the FIFO."""
    wanted = camera.asked(options)
    fed, feed = camera.with_camera(graph, plan, wanted)
    if not feed.held and options.scheme in ("auto", "stream") and not cut:
        others = [other for other in trade(graph, request_of(options, cut, None)) if camera.takes_rows(other)]
        fast = [camera.with_camera(graph, other, wanted) for other in others]
        if kept := [(other, own) for other, own in fast if own.held]:
            least, own = min(kept, key=lambda pair: pair[0].sram_bytes)
            return graph, least, {}, camera.camera_value(least, own)
    budget: int | None = options.sram
    if budget is None or plan.sram_bytes > budget:
        return graph, fed, bounds, camera.camera_value(fed, feed)
    for room in (budget - fed.fifo_bytes, None):  # another plan may need another FIFO
        if fed.sram_bytes <= budget:
            break
        other, smaller, of_it = search(graph, options, cut, room)
        if camera.takes_rows(smaller):
            again, rest = camera.with_camera(other, smaller, wanted)
            if again.sram_bytes < fed.sram_bytes:
                graph, fed, feed, bounds = other, again, rest, of_it
    return graph, fed, bounds, camera.camera_value(fed, feed)
