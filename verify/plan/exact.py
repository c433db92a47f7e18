"""Offsets that are the least there are: the constraint solver of OR-Tools, CP-SAT, where first fits miss the bound.

Two buffers whose lives meet lie one below the other, at least so far apart as their sizes, or what may lie over what
(verify.plan.arena.Overlaps), say; the highest end is minimized. The solver's effort is counted in its own steps, by one
thread from one seed, so that the same buffers get the same offsets on every computer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from verify.graph.accounting import ALIGNMENT
from verify.plan.arena import Item, Overlaps, neighbours_of

EFFORT = 4.0
"""CP-SAT's deterministic time: of the order of seconds."""


@dataclass(frozen=True)
class Placement:
    """`offsets` of the buffers, their highest end, and an end below which there is no placement of them."""

    offsets: list[int]
    peak: int
    least: int


def place(items: Sequence[Item], overlaps: Overlaps, known: tuple[list[int], int], bound: int) -> Placement:
    """The best placement that the solver finds, not worse than the `known` one.

    Args:
      items: their sizes are aligned, and so will be their offsets.
      overlaps: as for `pack`.
      known: offsets of a legal placement, and its highest end.
      bound: a peak below which there is nothing.
    """
    # Only where there is something to find: the solver takes half a second to be there.
    from ortools.sat.python import cp_model

    offsets, peak = known
    model, solver = cp_model.CpModel(), cp_model.CpSolver()
    starts = [model.new_int_var(0, _units(peak - item.size), "") for item in items]
    top = model.new_int_var(_units(bound), _units(peak), "")
    for start, item in zip(starts, items, strict=True):
        model.add(start + _units(item.size) <= top)
    for k, others in enumerate(neighbours_of(items, overlaps)):
        for other, k_below, other_below in others:
            if other < k:
                below = model.new_bool_var("")
                model.add(starts[k] + _units(k_below) <= starts[other]).only_enforce_if(below)
                model.add(starts[other] + _units(other_below) <= starts[k]).only_enforce_if(~below)
    model.minimize(top)
    for start, offset in zip(starts, offsets, strict=True):
        model.add_hint(start, _units(offset))
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = EFFORT
    status = solver.solve(model)
    least = max(bound, ALIGNMENT * round(solver.best_objective_bound))
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE) or ALIGNMENT * round(solver.objective_value) >= peak:
        return Placement(offsets, peak, min(peak, least))
    found = ALIGNMENT * round(solver.objective_value)
    return Placement([ALIGNMENT * solver.value(start) for start in starts], found, min(found, least))


def _units(size: int) -> int:
    return -(-size // ALIGNMENT)
