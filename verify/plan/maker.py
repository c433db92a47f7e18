"""Plans made of drafts, as a request asks, and what each of them was made of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from verify.graph.plan import Plan
from verify.plan.build import LEAST, Aim, build_as_aimed
from verify.plan.draft import Draft
from verify.plan.effort import Effort
from verify.plan.request import Request
from verify.plan.runs import Runs
from verify.solvers.z3_solver import PLACING

THOROUGH = Aim(effort=PLACING)


@dataclass(frozen=True, eq=False)
class Made:
    """A plan, its stages as drafts, and the end below which no other placement of its buffers lies."""

    plan: Plan
    drafts: Sequence[Draft]
    least: int
    thorough: bool


class Maker:
    """Of one search. Plans are known again by their stages, also after their budgets have been changed."""

    def __init__(self, runs: Runs, request: Request):
        self.runs, self.request, self.effort = runs, request, Effort(runs.uses)
        self._made: dict[int, Made] = {}  # by identity: a hash of thousands of firings takes long

    def plan(self, drafts: Sequence[Draft], scheme: str = "", aim: Aim = LEAST) -> Plan:
        """The plan of these stages."""
        asked = self.request
        built, least = build_as_aimed(self.runs.standing, list(drafts), scheme or asked.scheme, aim)
        plan = replace(built, sram_budget=asked.sram, flash_budget=asked.flash, time_step=asked.time_step)
        self._made[id(plan.stages)] = Made(plan, drafts, least, aim.effort >= PLACING)
        return plan

    def drafts(self, plan: Plan) -> Sequence[Draft]:
        """The stages that a plan was made of."""
        return self._made[id(plan.stages)].drafts

    def tightened(self, plan: Plan) -> Plan:
        """The same stages with their buffers placed thoroughly, where there may be something left to find."""
        made = self._made[id(plan.stages)]
        if made.thorough or plan.arena_bytes == made.least:
            return plan
        placed = self.plan(made.drafts, plan.scheme, replace(THOROUGH, near=plan))
        return placed if placed.arena_bytes <= plan.arena_bytes else plan

    def least_arena(self, plan: Plan) -> int:
        """Arena bytes that no placement of the buffers of a plan's stages goes below."""
        return self._made[id(plan.stages)].least

    def instructions(self, plan: Plan) -> float:
        """Estimated ones of a run (verify.plan.effort)."""
        return sum(map(self.effort.of, self.drafts(plan)))
