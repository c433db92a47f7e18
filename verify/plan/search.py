"""The search for a plan: legal stages (candidates), ways through them (select), buffers and offsets (build)."""

import functools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from verify.graph.graph import Graph
from verify.graph.plan import InputMode, Plan
from verify.ops.regions import computed_macs
from verify.plan.candidates import NOTHING, ByEnd, Known, Space, candidates, least_peak
from verify.plan.draft import Draft
from verify.plan.fewest import ByEnd as WeighedByEnd
from verify.plan.fewest import Weighed, fewest, weighed
from verify.plan.fewest import front as instruction_front
from verify.plan.forms.columns import columns
from verify.plan.forms.late import late
from verify.plan.forms.patches import PatchError, before_patches, patches
from verify.plan.load import drift
from verify.plan.maker import Maker
from verify.plan.published import Network, NotPublishableError, PaddingRule, Parameters, Scheme, select
from verify.plan.published.select import evaluated
from verify.plan.quicker import Quicker
from verify.plan.repack import repacked
from verify.plan.request import DEFAULT, PUBLISHED, Patches, PlanningError, Request
from verify.plan.runs import Candidate, Runs
from verify.plan.select import Choice, front, steady, ways
from verify.plan.uses import Uses
from verify.targets.target import NoKernelError

STRIPS = (16, 8, 4, 2)
"""Columns that a stage may take at once, instead of one; longer inner loops, larger rings."""

FULL = (0.0, 0.1, 0.5)
"""How much a stage's instructions count more where it is as full as the limit (verify.plan.fewest)."""

STEADIED = 8
"""Limits, from the least that stages take to what they pack into, within which those are sought that move the least."""

REPACKED = 4
"""Choices whose stages are tried in other forms where their buffers pack into more than they promise."""

Progress = Callable[[int, int], None]


def silent(done: int, total: int) -> None:
    """Progress of a search that nobody watches."""


def make_plan(graph: Graph, request: Request = DEFAULT, progress: Progress = silent) -> Plan:
    """The plan that `request` asks for, of a model or of its program of one frame.

    `progress` is called with (done, total) steps of the search.

    Raises:
      PlanningError: the target has no kernel for an operator; the frames of an input are needed later, but the input
        stays with the caller; or a published scheme says nothing about this network.
    """
    return Search(graph, request).find(progress)


def pareto(
    graph: Graph,
    request: Request = DEFAULT,
    progress: Progress = silent,
    most: int = 12,
) -> list[Plan]:
    """Plans of less and less SRAM for more and more MACs; the first one recomputes nothing. At most `most` of them.

    Of a request, the input's mode, the time step and the target are heeded.
    """
    search = Search(graph, Request(mode=request.mode, time_step=request.time_step, target=request.target))
    return pareto_of(search, progress, most)


def pareto_of(search: "Search", progress: Progress = silent, most: int = 12) -> list[Plan]:
    """The same by a search that is asked for nothing else."""
    by_end = search.candidates(Space(recompute=True), progress)
    choices = front(by_end)
    step = max(1, -(-len(choices) // most))
    kept = [*choices[:-1:step], choices[-1]] if choices else []
    plans = [
        search.least(Space(), silent),
        *(search.packed(by_end, choice, choice.extra if choice is not kept[-1] else math.inf) for choice in kept[1:]),
    ]
    found: list[Plan] = []
    for plan in plans:  # packing may have cost what a choice promised
        if not found or plan.arena_bytes < found[-1].arena_bytes:
            found.append(plan)
    return found


def trade(graph: Graph, request: Request = DEFAULT, progress: Progress = silent, most: int = 12) -> list[Plan]:
    """Plans of less and less SRAM for more and more estimated instructions; at most `most` of them.

    Of a request, all but scheme, objective and budgets is heeded; nothing is recomputed.

    Raises:
      PlanningError: as `make_plan` says, or the target's kernels have not been measured.
    """
    return Search(graph, replace(request, scheme="auto", sram=None, flash=None)).trade(progress, most)


class Search:
    """One graph, what is asked of its plan, and all stages that were looked at for it.

    `known` are those of a space from some starts, where another search has found them (verify.plan.bursts).

    Raises:
      PlanningError: as `make_plan` says.
    """

    def __init__(self, graph: Graph, request: Request, known: Callable[[Space], Known] = lambda space: NOTHING):
        self.request, self.sram, self.known = request, request.sram, known
        try:
            lent = request.mode is InputMode.PATCHES
            self.uses = Uses(graph, request.target, lent, request.preferred, request.flash, request.packed)
        except NoKernelError as error:
            raise PlanningError(str(error)) from None
        self.runs = Runs(self.uses, request.mode)
        self.maker = Maker(self.runs, request)
        self._least_peak: int | None = None
        self.beside: tuple[Search, ...] = ()
        self.stages: dict[Space, ByEnd] = {}
        self.effort = self.maker.effort
        if request.mode is InputMode.PATCHES and any(self.uses.kept[tensor] > 1 for tensor in graph.inputs):
            raise PlanningError(
                "--input patches: the model reads earlier frames of its input, so they cannot stay with the caller"
            )

    def find(self, progress: Progress = silent) -> Plan:
        """The plan that is asked for (make_plan)."""
        return self.finished(self.sought(progress))

    def sought(self, progress: Progress = silent) -> Plan:
        """The plan that is asked for, before what is left in it has been used (`finished`)."""
        request = self.request
        if request.scheme == "layer":
            return self.layers()
        if request.scheme in PUBLISHED:
            return self.patched()
        space = Space(columns=request.scheme != "stream", cut=request.cut)
        if request.objective == "instructions":
            return self.fewest(space, progress)
        stream = self.least(space, progress)
        if request.scheme == "auto" and self.sram is not None:  # what fits it need not recompute
            stream = self._relieved(stream)
        if request.scheme == "auto" and (spare := self._spare(stream)) > 0:
            stream = self.recomputing(stream, spare, progress)
        return stream

    def below(self, plan: Plan, progress: Progress = silent) -> Plan | None:
        """A plan of less SRAM than `plan`, which may be one of the same network read otherwise; None if none is found.

        For the schemes "stream" and "auto"; to be `finished`.
        """
        request, limit = self.request, plan.arena_bytes - 1
        space = Space(columns=request.scheme == "auto", cut=request.cut, limit=limit)
        if request.scheme == "auto" and (spare := self._spare(plan)) > 0:
            found = self.recomputing(plan, spare, progress, limit)
        else:
            by_end = self.candidates(space, progress)
            self._least_peak = min(least := least_peak(by_end), plan.arena_bytes)  # what lies above it was not searched
            if least > limit:
                return None
            found = self.steadied(self.best(ways(by_end, least)), by_end)
        return found if found.sram_bytes < plan.sram_bytes else None

    def finished(self, plan: Plan) -> Plan:
        """A plan that was found with fewer instructions where there is room for that, and placed thoroughly."""
        if self.request.scheme not in ("stream", "auto") or self.request.objective == "instructions":
            return self.maker.tightened(plan)
        stream, layer = self.maker.tightened(self._relieved(plan)), self.layers()
        return stream if self.request.scheme == "stream" or stream.sram_bytes < layer.sram_bytes else layer

    def _relieved(self, plan: Plan) -> Plan:
        """A plan of the least SRAM with fewer instructions, if it computes nothing twice."""
        if any(firing.demand for stage in plan.stages for firing in stage.firings):
            return plan
        # What does without columns is not split by them: their calls are short, and their prices less certain.
        split = any(stage.columns > 1 for stage in plan.stages)
        return self.quicker(plan, Space(columns=split, cut=self.request.cut))

    def _spare(self, plan: Plan) -> float:
        """MACs that may be computed again for less SRAM than a plan's that computes nothing twice.

        Unless a limit is given, those of the channels that are left out, and as many as a budget takes that is too
        small for that plan; but none where it fits.
        """
        request, graph = self.request, self.uses.graph
        if request.once:
            return 0
        if request.max_macs is None and request.sram is not None:
            return math.inf if plan.sram_bytes > request.sram else 0
        whole, own = (sum(node.macs for node in network.nodes) for network in (graph.whole or graph, graph))
        return (request.max_macs or 1) * whole - own

    def bound(self) -> int | None:
        """Arena bytes below which no plan that may be taken lies, however its buffers are placed.

        That is over the space searched: runs of operators in the model's order, each by layers, rows, or rows and
        columns of one source pixel at a time, with rows computed again as far as that may be; and over that of searches
        `beside` this one. None for schemes that search nothing.
        """
        if self.request.scheme not in ("stream", "auto"):
            return None
        return min(search.own_bound() for search in (self, *self.beside))

    def own_bound(self) -> int:
        """The same, over the space of this search alone."""
        if self._least_peak is None:
            space = Space(columns=self.request.scheme == "auto", cut=self.request.cut)
            self._least_peak = least_peak(self.candidates(space, silent))
        return self._least_peak

    def candidates(self, space: Space, progress: Progress) -> ByEnd:
        kind = replace(space, limit=None)
        found = candidates(self.runs, self.request.time_step, space, progress, self.known(kind))
        self.stages[kind] = found
        return found

    def layers(self) -> Plan:
        """One operator at a time."""
        return self.plan([self.runs.layer(k).draft for k in range(len(self.uses.graph.nodes))], "layer")

    def plan(self, drafts: Sequence[Draft], scheme: str = "") -> Plan:
        """The plan of these stages, under the name of a scheme or the one asked for."""
        return self.maker.plan(drafts, scheme)

    def of(self, choice: Choice) -> Plan:
        """The plan of a choice; stages split by columns take as many columns at once as cost nothing."""
        drafts = [self.runs.standing.within(candidate.draft, choice.limit) for candidate in choice.stages]
        wide = [self._widened(draft, choice.limit) for draft in drafts]
        narrow = self.plan(drafts)
        if wide == drafts:
            return narrow
        plan = self.plan(wide)
        return plan if plan.arena_bytes <= narrow.arena_bytes else narrow

    def _widened(self, draft: Draft, limit: int) -> Draft:
        for strip in STRIPS if draft.columns else ():
            wider = columns(self.uses, draft, strip)
            if wider and not draft.demand:
                wider = late(self.uses, wider)
            if wider and self.runs.standing.least(wider) <= limit:
                return self.runs.standing.within(wider, limit)
        return draft

    def best(self, choices: Iterable[Choice]) -> Plan:
        """The smallest plan of several choices, or the first that meets its own limit."""
        found, tried = None, set[tuple[Candidate, ...]]()
        for choice in choices:
            if choice.stages in tried:  # with another weight, the same stages
                continue
            tried.add(choice.stages)
            plan = self.of(choice)
            if found is None or plan.arena_bytes < found.arena_bytes:
                found = plan
            if plan.arena_bytes <= choice.limit:
                break
        assert found is not None, "a choice within the least peak exists"
        return found

    def fewest(self, space: Space, progress: Progress) -> Plan:
        """The fewest estimated instructions within the budget; without one, the least SRAM within `worth` of them.

        Raises:
          PlanningError: the target's kernels have not been measured.
        """
        self._require_prices()
        limit = math.inf if self.sram is None else self.sram
        by_end = weighed(self.runs, self.effort, space, self.request.time_step, limit, progress)
        ways = list(instruction_front(by_end, math.inf if self.sram is not None else self.request.worth))
        if self.sram is not None:
            return self._first_that_fits(ways) or self.least(space, silent)
        most = self.request.worth * ways[0][1]
        plan = self._smallest(by_end, ways, most)
        if fewest(by_end, max(stage.peak for stage in ways[-1][0]) - 1) is None:  # the least peak is within reach
            least = self.quicker(self.least(space, silent), space)
            if least.sram_bytes < plan.sram_bytes and self.maker.instructions(least) <= most:
                plan = least
        return self._again(plan, space, most)

    def _again(self, plan: Plan, space: Space, most: float) -> Plan:
        """The plan, or one of less SRAM within `most` instructions that computes rows again as far as that may be."""
        if not space.columns or (spare := self._spare(plan)) <= 0:
            return plan
        by_end, choices = self._within(spare, silent)
        for choice in reversed(choices):
            if choice.limit >= plan.arena_bytes:
                break
            found = self.best(ways(by_end, choice.limit))
            if found.sram_bytes < plan.sram_bytes and self.maker.instructions(found) <= most:
                return found
        return plan

    def _smallest(self, by_end: WeighedByEnd, ways: Sequence[tuple[list[Weighed], float]], most: float) -> Plan:
        """The least SRAM of the ways, and of others of at most so many instructions whose buffers pack more easily."""
        best, tried = None, set[tuple[Weighed, ...]]()
        for stages, _ in reversed(ways):  # the least peak first: packing may cost what it promised
            peak = max(stage.peak for stage in stages)
            if best is not None and peak >= best.arena_bytes:
                break
            for full in FULL:
                found = fewest(by_end, peak, full)
                if found is None or found[1] > most or tuple(found[0]) in tried:
                    continue
                tried.add(tuple(found[0]))
                plan = self.plan([stage.draft for stage in found[0]])
                if best is None or plan.sram_bytes < best.sram_bytes:
                    best = plan
        assert best is not None, "layer by layer is a way"
        return best

    def trade(self, progress: Progress, most: int) -> list[Plan]:
        """Points of the front of SRAM against estimated instructions (the function `trade`)."""
        self._require_prices()
        space = Space(cut=self.request.cut)
        by_end = weighed(self.runs, self.effort, space, self.request.time_step, math.inf, progress)
        front = list(instruction_front(by_end))
        highest, lowest = (max(stage.peak for stage in front[k][0]) for k in (0, -1))
        found: list[Plan] = []
        for place in range(most):  # steps of equal ratio between the most bytes and the least
            peak = highest * (lowest / highest) ** (place / max(1, most - 1))
            stages = next((s for s, _ in front if max(stage.peak for stage in s) <= peak), front[-1][0])
            plan = self.plan([stage.draft for stage in stages])
            if not found or plan.sram_bytes < found[-1].sram_bytes:  # packing may have cost what a way promised
                found.append(plan)
        return found

    def _first_that_fits(self, ways: Iterable[tuple[list[Weighed], float]]) -> Plan | None:
        for stages, _ in ways:
            plan = self.plan([stage.draft for stage in stages])
            if self.sram is not None and plan.sram_bytes <= self.sram:
                return plan
        return None

    def _require_prices(self) -> None:
        if not self.effort.known():
            text = f"what the kernels of target {self.uses.target} take has not been measured"
            raise PlanningError(f"objective instructions: {text}; python -m benchmarks.kernels.fit does it")

    def quicker(self, plan: Plan, space: Space) -> Plan:
        """A plan of less SRAM, or of as little that is estimated to take fewer instructions, if some try is that."""
        if not self.effort.known() or not plan.stages:
            return plan
        finder = Quicker(self.maker)
        plan = finder.affordable(plan)
        by_end = weighed(self.runs, self.effort, space, self.request.time_step, plan.arena_bytes, silent)
        if fed := self.maker.drafts(plan)[0].fed:  # an input that arrives by rows goes on to do so
            by_end = [[w for w in stages if w.start or w.fed == fed] for stages in by_end]
        if ways := list(instruction_front(by_end)):
            smallest = self._smallest(by_end, ways, max(finder.most(plan), ways[0][1]))
            plan = smallest if smallest.sram_bytes < plan.sram_bytes else plan
        return finder.quicker(plan, by_end)

    def patched(self) -> Plan:
        """A published scheme with the parameters asked for, or with those that its paper's search would choose."""
        scheme, asked = self.request.scheme, self.request.patches
        try:
            chosen = self._parameters(scheme, asked)
            stage = patches(self.uses, scheme, chosen.n_patch, chosen.split, chosen.x_level, pads_ends=asked.pads_ends)
        except (NotPublishableError, PatchError) as error:
            raise PlanningError(f"--scheme {scheme}: {error}") from None
        rest = range(stage.end, len(self.uses.graph.nodes))
        return self.plan([*self._front(stage.start), stage, *(self.runs.layer(k).draft for k in rest)])

    def _front(self, end: int) -> list[Draft]:
        """Operators [0, end) as one stage, by rows of the input if these can arrive, or layer by layer."""
        for fed in reversed(self.runs.feedable(0) if end else []):
            run = next((run for run in self.runs.of(0, fed) if run.end == end), None)
            if fed and run and all(self.uses.last[tensor] < end for tensor in fed):
                return [run.by_rows.draft]
        return [self.runs.layer(k).draft for k in range(end)]

    def _parameters(self, scheme: str, asked: Patches) -> Parameters:
        if asked.n_patch is not None and asked.split is not None:
            if not 1 <= asked.split < len(self.uses.graph.nodes):
                count = len(self.uses.graph.nodes)
                raise PatchError(f"a split of {asked.split} is outside [1, {count}), the model's operators")
            return Parameters(asked.n_patch, asked.split, asked.x_level or 0)
        network, first = Network(self.uses.graph), before_patches(self.uses)
        found = [
            choice
            for choice in evaluated(network, Scheme(scheme), PaddingRule.EXACT, slips=False)
            if asked.n_patch in (None, choice.parameters.n_patch)
            and asked.split in (None, choice.parameters.split)
            and choice.parameters.split > first
        ]
        fitting = [choice for choice in found if self.sram is None or choice.memory_bytes <= self.sram]
        if asked.n_patch is None and asked.split is None:
            own = select(network, Scheme(scheme), self.sram, PaddingRule.EXACT, slips=False)
            # Its search may leave nothing for patches where a QUANTIZE stands in front, which it takes for one of them.
            fitting = ([own] if own.parameters.split > first else fitting) if own else []
        if not fitting:
            raise PatchError("its search finds no number of patches and split (in its own count of memory) that fits")
        least = self.sram is None and scheme != "streamnet"
        best = min(fitting, key=lambda c: (c.memory_bytes, c.macs) if least else (c.macs, -c.patch_positions))
        level = best.parameters.x_level if asked.x_level is None else asked.x_level
        return replace(best.parameters, x_level=level)

    def least(self, space: Space, progress: Progress) -> Plan:
        """Without recomputation: the least SRAM, or within a budget the least by whole rows if that fits.

        Where it does not, as few operators as possible are split by columns: their calls are short.
        """
        if self.sram is not None and space.columns:
            by_rows = self.least(replace(space, columns=False), progress)
            if by_rows.sram_bytes <= self.sram:
                return by_rows
        by_end = self.candidates(space, progress)
        least = self.steadied(self.best(ways(by_end, least_peak(by_end))), by_end)
        if self.sram is not None and space.columns and least.sram_bytes < self.sram:
            room = least.arena_bytes + self.sram - least.sram_bytes
            roomy = self.best(ways(by_end, room))
            return roomy if roomy.arena_bytes <= room else least
        if space.columns:  # stages split by columns need more stack, which may outweigh what they save
            by_rows = self.least(replace(space, columns=False), silent)
            return by_rows if by_rows.sram_bytes <= least.sram_bytes else least
        return least

    def steadied(self, plan: Plan, by_end: ByEnd) -> Plan:
        """The plan, or another one whose stages take more by themselves, but whose results move less: in a chain of
        whole tensors, each a little below the one before, that is what the arena grows by."""
        moves = functools.cache(lambda candidate: drift(self.uses, candidate.draft))
        lowest, best = least_peak(by_end), plan
        for part in range(STEADIED):
            limit = lowest + (plan.arena_bytes - lowest) * part // STEADIED
            if limit >= best.arena_bytes:
                break
            if choice := steady(by_end, limit, moves):
                best = min(best, self.of(choice), key=lambda plan: plan.arena_bytes)
        return best

    def recomputing(self, plain: Plan, spare: float, progress: Progress, limit: int | None = None) -> Plan:
        """The least SRAM with at most so many MACs computed again, or the fewest of those that fit the budget.

        `plain` where nothing is found that is better than it, or takes at most `limit` bytes of arena.
        """
        by_end, choices = self._within(spare, progress, limit)
        self._least_peak = choices[-1].limit if choices else None
        if limit is not None:  # stages that fill more were not searched
            self._least_peak = min(self._least_peak or limit + 1, limit + 1)
            choices = [choice for choice in choices if choice.limit <= limit]
        if self.sram is None:
            choices = choices[::-1]  # the least first: then the others only matter if it does not pack
        found, missed = plain, list[tuple[Choice, Plan]]()
        for choice in choices:
            if self.sram is None and found is not plain and found.arena_bytes <= choice.limit:
                break
            plan = self.best(ways(by_end, choice.limit))
            if plan.arena_bytes > choice.limit:
                missed.append((choice, plan))
            if plan.arena_bytes < found.arena_bytes:
                found = plan
            if self.sram is not None and found.sram_bytes <= self.sram:
                return found
        for choice, plan in missed[:REPACKED] if self.sram is None else ():
            if other := repacked(self.maker, by_end, choice, plan, spare):
                found = min(found, self.of(other), key=lambda plan: plan.arena_bytes)
        return found

    def _within(self, spare: float, progress: Progress, limit: int | None = None) -> tuple[ByEnd, list[Choice]]:
        """All stages by rows and columns, and choices of them that compute at most so many MACs again."""
        by_end = self.candidates(Space(recompute=True, cut=self.request.cut, extra=spare, limit=limit), progress)
        return by_end, [choice for choice in front(by_end) if choice.extra <= spare]

    def packed(self, by_end: ByEnd, choice: Choice, spare: float) -> Plan:
        """The plan of a choice, or one of other forms of its stages, within so many MACs, where it packs into more."""
        plan = self.best(ways(by_end, choice.limit))
        other = plan.arena_bytes > choice.limit and repacked(self.maker, by_end, choice, plan, spare)
        return min(plan, self.of(other), key=lambda plan: plan.arena_bytes) if other else plan


def macs_ratio(graph: Graph, plan: Plan) -> float:
    """MACs that the plan does, recomputed ones included, over the layer-wise ones."""
    return sum(computed_macs(graph, plan).values()) / max(1, sum(node.macs for node in graph.nodes))
