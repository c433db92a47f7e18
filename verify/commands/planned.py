"""The network that a plan is for: the one that was read, seen as the plan says."""

from verify.channels.reduced import NotReducibleError, reduced
from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.ops.readout import NoReadoutError, without_readout
from verify.ops.row_phases import NotPhasedError, phased
from verify.tflite.upright import upright


def as_planned(program: Graph, plan: Plan) -> Graph:
    """A model, or its program of one frame, upright, read by phases of rows and without channels, as a plan says.

    Where it cannot be seen so, it stays as it is: the checker refuses such a plan, by name.
    """
    try:
        program = phased(upright(program) if plan.upright else program, plan.phased)
        return reduced(program, plan.left_out)
    except (NotPhasedError, NotReducibleError):
        return program


def as_read(model: Graph, plan: Plan) -> Graph:
    """A model, without its last layer where the plan has a head that learns in its place.

    Where it has no such layer, it stays as it is: the checker refuses such a plan, by name.
    """
    try:
        return without_readout(model) if plan.learning else model
    except NoReadoutError:
        return model
