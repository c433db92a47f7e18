"""The search for a plan: legal stages (candidates), ways through them (select), buffers and offsets (build)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from verify.graph.graph import Graph
from verify.graph.plan import InputMode, Plan
from verify.ops.regions import computed_macs
from verify.plan.build import build
from verify.plan.candidates import Candidate, Space, candidates, draft_of, least_peak
from verify.plan.load import Standing
from verify.plan.patched import DEMAND, PatchError, patch_stage
from verify.plan.published import Network, NotPublishableError, PaddingRule, Parameters, Scheme, select
from verify.plan.published.select import evaluated
from verify.plan.select import Choice, front, ways
from verify.plan.stages import Draft, Uses, single

SCHEMES = ("layer", *DEMAND, "stream", "auto")


STRIPS = (16, 8, 4, 2)
"""Columns that a stage may take at once, instead of one; longer inner loops, larger rings."""


class PlanningError(Exception):
    """No plan of the kind that was asked for exists; the message says why, and what would do."""


Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Patches:
    """Parameters of the published schemes; None leaves a choice to the scheme's own search.

    Args:
      n_patch: patches along each side of what the patch stage gives.
      split: operators that run by patches, from the first one on.
      x_level: for "streamnet", operators before the split that keep what neighbouring columns of patches share.
      pads_ends: claim that only the first and the last patch of an axis read padding, as the published code does.
    """

    n_patch: int | None = None
    split: int | None = None
    x_level: int | None = None
    pads_ends: bool = False


def make_plan(
    graph: Graph,
    scheme: str = "auto",
    mode: InputMode = InputMode.ROWS,
    sram: int | None = None,
    flash: int | None = None,
    progress: Progress = lambda done, total: None,
    time_step: int = 1,
    max_macs: float = 1.0,
    patches: Patches = Patches(),
    cut: int = 0,
) -> Plan:
    """A plan of `scheme`: of least SRAM or, with a budget, of the fewest MACs that fit it.

    "layer": one operator at a time; "stream": stages by whole rows; "auto": stages by rows or by rows and columns, and
    where that is asked for, operators that compute rows again; the others are published ones (verify.plan.patched), by
    their own searches where `patches` leaves them the choice. Whether a budget is met is for the checker to say.

    Args:
      graph: the model, or its program of one frame.
      scheme: one of SCHEMES.
      mode: how the network's input arrives.
      sram: budget in bytes, recorded in the plan. "auto" recomputes where nothing else fits it.
      flash: budget in bytes, recorded in the plan.
      progress: called with (done, total) steps of the search.
      time_step: for programs per frame: what later frames do not need is computed at every so many frames.
      max_macs: how many times the layer-wise MACs "auto" may spend to need less SRAM, >= 1.
      cut: no stage reaches over the first so many nodes: what follows may be left out (verify.graph.early_exit).

    Raises:
      PlanningError: the frames of an input are needed later, but the input stays with the caller; or a published
        scheme says nothing about this network.
    """
    search = _Search(graph, mode, sram, flash, time_step)
    layer = search.plan([single(search.uses, k) for k in range(len(graph.nodes))], "layer")
    if scheme == "layer":
        return layer
    if scheme in DEMAND:
        return search.patched(scheme, patches)
    stream = search.least(scheme, Space(columns=scheme != "stream", cut=cut), progress)
    if scheme == "auto" and (max_macs > 1 or (sram is not None and stream.sram_bytes > sram)):
        stream = search.recomputing(stream, max_macs, cut, progress)
    return stream if scheme == "stream" or stream.sram_bytes < layer.sram_bytes else layer


def pareto(
    graph: Graph,
    mode: InputMode = InputMode.ROWS,
    progress: Progress = lambda done, total: None,
    time_step: int = 1,
    most: int = 12,
) -> list[Plan]:
    """Plans of less and less SRAM for more and more MACs; the first one recomputes nothing. At most `most` of them."""
    search = _Search(graph, mode, None, None, time_step)
    by_end = candidates(search.uses, mode, time_step, Space(recompute=True), progress)
    choices = front(by_end)
    step = max(1, -(-len(choices) // most))
    kept = [*choices[:-1:step], choices[-1]] if choices else []
    plans = [
        search.least("auto", Space(), lambda done, total: None),
        *(search.best(ways(by_end, choice.limit), "auto") for choice in kept[1:]),
    ]
    found: list[Plan] = []
    for plan in plans:  # packing may have cost what a choice promised
        if not found or plan.arena_bytes < found[-1].arena_bytes:
            found.append(plan)
    return found


class _Search:
    """One graph, and what every plan of it is to say."""

    def __init__(self, graph: Graph, mode: InputMode, sram: int | None, flash: int | None, time_step: int):
        self.uses, self.mode, self.sram, self.flash, self.time_step = Uses(graph), mode, sram, flash, time_step
        if mode is InputMode.PATCHES and any(self.uses.kept[tensor] > 1 for tensor in graph.inputs):
            raise PlanningError(
                "--input patches: the model reads earlier frames of its input, so they cannot stay with the caller"
            )

    def plan(self, drafts: list[Draft], scheme: str) -> Plan:
        built = build(self.uses, drafts, self.mode, scheme)
        return replace(built, sram_budget=self.sram, flash_budget=self.flash, time_step=self.time_step)

    def of(self, choice: Choice, scheme: str) -> Plan:
        """The plan of a choice; stages split by columns take as many columns at once as cost nothing."""
        narrow = self.plan([draft_of(self.uses, candidate) for candidate in choice.stages], scheme)
        wide = tuple(self._widened(candidate, choice.limit) for candidate in choice.stages)
        if wide == choice.stages:
            return narrow
        plan = self.plan([draft_of(self.uses, candidate) for candidate in wide], scheme)
        return plan if plan.arena_bytes <= narrow.arena_bytes else narrow

    def _widened(self, candidate: Candidate, limit: int) -> Candidate:
        standing = Standing(self.uses, self.mode)
        for strip in STRIPS if candidate.columns else ():
            wider = replace(candidate, strip=strip)
            draft = draft_of(self.uses, wider)
            if draft.columns and standing.peak(draft) <= limit:
                return wider
        return candidate

    def best(self, choices: Iterable[Choice], scheme: str) -> Plan:
        """The smallest plan of several choices, or the first that meets its own limit."""
        found = None
        for choice in choices:
            plan = self.of(choice, scheme)
            if found is None or plan.arena_bytes < found.arena_bytes:
                found = plan
            if plan.arena_bytes <= choice.limit:
                break
        assert found is not None, "a choice within the least peak exists"
        return found

    def patched(self, scheme: str, patches: Patches) -> Plan:
        """A published scheme with the parameters asked for, or with those that its paper's search would choose."""
        try:
            chosen = self._parameters(scheme, patches)
            stage = patch_stage(
                self.uses, scheme, chosen.n_patch, chosen.split, chosen.x_level, pads_ends=patches.pads_ends
            )
        except (NotPublishableError, PatchError) as error:
            raise PlanningError(f"--scheme {scheme}: {error}") from None
        rest = [single(self.uses, k) for k in range(chosen.split, len(self.uses.graph.nodes))]
        return self.plan([stage, *rest], scheme)

    def _parameters(self, scheme: str, patches: Patches) -> Parameters:
        if patches.n_patch is not None and patches.split is not None:
            if not 1 <= patches.split < len(self.uses.graph.nodes):
                count = len(self.uses.graph.nodes)
                raise PatchError(f"a split of {patches.split} is outside [1, {count}), the model's operators")
            return Parameters(patches.n_patch, patches.split, patches.x_level or 0)
        network = Network(self.uses.graph)
        found = [
            choice
            for choice in evaluated(network, Scheme(scheme), PaddingRule.EXACT, slips=False)
            if patches.n_patch in (None, choice.parameters.n_patch) and patches.split in (None, choice.parameters.split)
        ]
        fitting = [choice for choice in found if self.sram is None or choice.memory_bytes <= self.sram]
        if patches.n_patch is None and patches.split is None:
            own = select(network, Scheme(scheme), self.sram, PaddingRule.EXACT, slips=False)
            fitting = [own] if own else []
        if not fitting:
            raise PatchError("its search finds no number of patches and split (in its own count of memory) that fits")
        least = self.sram is None and scheme != "streamnet"
        best = min(fitting, key=lambda c: (c.memory_bytes, c.macs) if least else (c.macs, -c.patch_positions))
        level = best.parameters.x_level if patches.x_level is None else patches.x_level
        return replace(best.parameters, x_level=level)

    def least(self, scheme: str, space: Space, progress: Progress) -> Plan:
        """Without recomputation: the least SRAM, or within a budget the least by whole rows if that fits.

        Where it does not, as few operators as possible are split by columns: their calls are short.
        """
        if self.sram is not None and space.columns:
            by_rows = self.least(scheme, replace(space, columns=False), progress)
            if by_rows.sram_bytes <= self.sram:
                return by_rows
        by_end = candidates(self.uses, self.mode, self.time_step, space, progress)
        least = self.best(ways(by_end, least_peak(by_end)), scheme)
        if self.sram is not None and space.columns and least.sram_bytes < self.sram:
            room = least.arena_bytes + self.sram - least.sram_bytes
            roomy = self.best(ways(by_end, room), scheme)
            return roomy if roomy.arena_bytes <= room else least
        if space.columns:  # stages split by columns need more stack, which may outweigh what they save
            by_rows = self.least(scheme, replace(space, columns=False), lambda done, total: None)
            return by_rows if by_rows.sram_bytes <= least.sram_bytes else least
        return least

    def recomputing(self, plain: Plan, max_macs: float, cut: int, progress: Progress) -> Plan:
        """The least SRAM within `max_macs`, or with it 1 the fewest MACs that fit the budget."""
        by_end = candidates(self.uses, self.mode, self.time_step, Space(recompute=True, cut=cut), progress)
        choices, layerwise = front(by_end), sum(node.macs for node in self.uses.graph.nodes)
        if max_macs > 1:
            choices = [choice for choice in choices if choice.extra <= (max_macs - 1) * layerwise]
        if self.sram is None:
            choices = choices[::-1]  # the least first: then the others only matter if it does not pack
        found = plain
        for choice in choices:
            if self.sram is None and found is not plain and found.arena_bytes <= choice.limit:
                break
            plan = self.best(ways(by_end, choice.limit), "auto")
            if plan.arena_bytes < found.arena_bytes:
                found = plan
            if self.sram is not None and found.sram_bytes <= self.sram:
                break
        return found


def macs_ratio(graph: Graph, plan: Plan) -> float:
    """MACs that the plan does, recomputed ones included, over the layer-wise ones."""
    return sum(computed_macs(graph, plan).values()) / max(1, sum(node.macs for node in graph.nodes))


def space_bound(
    graph: Graph, scheme: str, mode: InputMode = InputMode.ROWS, time_step: int = 1, cut: int = 0
) -> int | None:
    """Arena bytes below which no plan of "stream" or "auto" without recomputation lies, however its buffers are placed.

    That is over the space searched: runs of operators in the model's order, each by layers, rows, or rows and columns
    of one source pixel at a time. None for other schemes.
    """
    if scheme not in ("stream", "auto"):
        return None
    space = Space(columns=scheme == "auto", cut=cut)
    return least_peak(candidates(Uses(graph), mode, time_step, space, lambda done, total: None))
