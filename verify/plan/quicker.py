"""A plan with fewer estimated instructions and no more SRAM: other forms, kernels and stages, where there is room.

What is changed about many stages is tried at once, and by halves where that needs more SRAM: most changes cost nothing
once the fullest stage is left alone. Buffers are placed anew each time, so the tries are counted.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from verify.graph.plan import Plan, Policy
from verify.plan.build import Aim
from verify.plan.draft import Draft
from verify.plan.fewest import ByEnd, fewest
from verify.plan.maker import Maker
from verify.plan.select import PACKING_WEIGHTS

SUBSTITUTES = 4
"""Other forms that are tried of each stage."""

TRIED, FEWEST_TRIES = 1_000, 12
"""Stages in the plans that are made on the way, all together, and at least so many plans."""

GAIN = 0.99
"""Plans of no more bytes are taken for so many of the instructions, not for next to none."""

LEANER = 1.02
"""How many times the instructions of the preferred kernels those of less working memory may take in plans by whole rows
without a budget: a last few bytes can cost as much as all the rest."""

Changes = Mapping[int, Draft]
"""Other stages, by their place in the plan."""


@dataclass
class Tries:
    """How many plans may still be made."""

    left: int


class Quicker:
    """Fewer instructions for the plans of one search."""

    def __init__(self, maker: Maker):
        self.maker, self.standing, self.effort = maker, maker.runs.standing, maker.effort

    def relaxed(self, plan: Plan, tries: Tries) -> Plan:
        """The plan with kernels of more working memory where there is room for it, which packing may have left."""
        drafts = self.maker.drafts(plan)
        roomy = {k: self.standing.within(draft, plan.arena_bytes) for k, draft in enumerate(drafts)}
        return self._changed(plan, roomy, tries)

    def affordable(self, plan: Plan) -> Plan:
        """The plan with as much working memory as its kernels want to take at most `LEANER` times the instructions."""
        best, most = self.relaxed(plan, tries_for(plan)), self.most(plan)
        if self.maker.instructions(best) <= most:
            return best
        drafts = self.maker.drafts(best)
        full, limits = max(map(self.standing.peak, drafts)), set[int]()
        for draft in drafts:
            load = self.standing.load(draft)
            options = self.maker.runs.uses.options[draft.start : draft.end]
            for passing, some in zip(load.passing, options, strict=False):
                limits |= {load.standing + passing + option.scratch for option in some}
        rising = sorted(limit for limit in limits if limit > full)
        low, high = 0, len(rising)
        while low < high:  # more room, fewer instructions
            middle = (low + high) // 2
            if sum(self.effort.of(self.standing.within(draft, rising[middle])) for draft in drafts) <= most:
                high = middle
            else:
                low = middle + 1
        if not rising:
            return best
        limit = rising[min(low, len(rising) - 1)]
        return self.maker.plan([self.standing.within(draft, limit) for draft in drafts], aim=Aim(near=best))

    def most(self, plan: Plan) -> float:
        """Instructions that leaner kernels may take in a plan by whole rows; of others, any number."""
        request = self.maker.request
        if request.scheme != "stream" or request.sram is not None:
            return math.inf
        preferred = (replace(draft, kernels=()) for draft in self.maker.drafts(plan))
        return LEANER * sum(map(self.effort.of, preferred))

    def quicker(self, plan: Plan, by_end: ByEnd) -> Plan:
        """A plan of no more SRAM that is estimated to take fewer instructions, if some try is that."""
        tries = tries_for(plan)
        best = self.relaxed(plan, tries)
        for full in PACKING_WEIGHTS:
            if found := fewest(by_end, plan.arena_bytes, full):
                best = self._other(best, [stage.draft for stage in found[0]], tries)
        best = self._substituted(best, by_end, tries)
        return best if self.maker.instructions(best) < GAIN * self.maker.instructions(plan) else plan

    def _substituted(self, best: Plan, by_end: ByEnd, tries: Tries) -> Plan:
        """The plan with stages replaced by others of the same operators, those of the fewest instructions first."""
        forms: dict[int, list[Draft]] = {}
        for place, own in enumerate(self.maker.drafts(best)):
            now = self.effort.of(own)
            others = [w for w in by_end[own.end] if (w.start, w.fed) == (own.start, own.fed)]
            quicker = [w for w in others if w.instructions < now and w.peak <= best.arena_bytes]
            forms[place] = [w.draft for w in sorted(quicker, key=lambda w: w.instructions)[:SUBSTITUTES]]
        for turn in range(SUBSTITUTES):
            changes = {place: drafts[turn] for place, drafts in forms.items() if turn < len(drafts)}
            best = self._changed(best, changes, tries)
            now = self.maker.drafts(best)
            forms = {place: drafts for place, drafts in forms.items() if now[place] not in drafts}
        return best

    def _changed(self, best: Plan, changes: Changes, tries: Tries) -> Plan:
        """The plan with those of the changes that take fewer instructions and, together, no more SRAM.

        Where they need more, those of stages that reach above the arena are left out, then one half after the other.
        """
        drafts, limit = self.maker.drafts(best), best.arena_bytes
        some = {
            place: draft
            for place, draft in (changes.items() if tries.left else ())
            if self.effort.of(draft) < self.effort.of(drafts[place]) and self.standing.peak(draft) <= limit
        }
        if not some:
            return best
        plan = self._made(best, [some.get(place, draft) for place, draft in enumerate(drafts)], tries)
        if plan is None or plan.sram_bytes <= best.sram_bytes or len(some) == 1:
            return plan if plan and plan.sram_bytes <= best.sram_bytes else best
        places = sorted(some, key=lambda place: self.standing.peak(some[place]))  # those that most likely fit go first
        high = self._above(plan, limit).intersection(some)
        parts = [places[: len(places) // 2], places[len(places) // 2 :]]
        if high and len(high) < len(some):
            parts = [[place for place in places if (place in high) is above] for above in (False, True)]
        for part in parts:
            best = self._changed(best, {place: some[place] for place in part}, tries)
        return best

    def _other(self, best: Plan, drafts: Sequence[Draft], tries: Tries) -> Plan:
        """The plan of other stages, if that takes no more SRAM and fewer instructions."""
        plan = self._made(best, drafts, tries)
        return plan if plan and plan.sram_bytes <= best.sram_bytes else best

    def _made(self, best: Plan, drafts: Sequence[Draft], tries: Tries) -> Plan | None:
        """The plan of other stages, if that takes fewer instructions and may be tried."""
        if not tries.left or sum(map(self.effort.of, drafts)) >= self.maker.instructions(best):
            return None
        tries.left -= 1
        return self.maker.plan(drafts, aim=Aim(best.arena_bytes, best))

    def _above(self, plan: Plan, limit: int) -> set[int]:
        """Places of stages of which something reaches above so many bytes."""
        uses, buffers = self.standing.uses, {buffer.tensor: buffer for buffer in plan.buffers}
        found = set[int]()
        for place, (draft, stage) in enumerate(zip(self.maker.drafts(plan), plan.stages, strict=True)):
            ends = [0]
            for firing, node in zip(stage.firings, draft.nodes(uses), strict=True):
                for buffer in (buffers[t] for t in (*node.inputs, *node.outputs) if t in buffers):
                    ring = buffer.policy is Policy.RING and buffer.tensor in draft.kept
                    own = draft.shape(uses, buffer.tensor).size(uses, buffer.tensor) if ring else 0
                    ends.append(buffer.offset + (own or uses.kept[buffer.tensor] * uses.size_bytes(buffer.tensor)))
                ends.append((firing.scratch or 0) + uses.kernels[node.index].scratch_bytes(node))
            if max(ends) > limit:
                found.add(place)
        return found


def tries_for(plan: Plan) -> Tries:
    """As many as are made in a time that grows with the stages, not with their square."""
    return Tries(max(FEWEST_TRIES, TRIED // max(1, len(plan.stages))))
