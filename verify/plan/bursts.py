"""Plans of networks in which full stages compute the rows in front of strided windows in bursts.

That is another network (verify.ops.row_phases): in a stage that it makes smaller nothing is computed twice for it, but
its calls have more operands, which costs stack. So the network is planned as it is, then with the operators in phases
that stand in the stages that fill the arena, and the smaller plan is taken.
"""

import itertools
import math

from verify.channels.reduced import reduced
from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.ops.regions import computed_macs
from verify.ops.row_phases import phasable, phased
from verify.plan.candidates import Space
from verify.plan.left_out import constant_channels
from verify.plan.repack import FULL
from verify.plan.request import DEFAULT, Request
from verify.plan.runs import Candidate
from verify.plan.search import Progress, Search, pareto, pareto_of, silent
from verify.targets.registry import target_named
from verify.targets.target import NoKernelError, Target


def searched(graph: Graph, request: Request = DEFAULT, progress: Progress = silent) -> tuple[Search, Plan]:
    """The plan that `request` asks for of a network that is read as it is or by phases of rows, and the search for it.

    Raises:
      PlanningError: as verify.plan.search.make_plan says.
    """
    search = Search(graph, request)
    plan = search.sought(progress)
    if not _wanted(graph, request, plan) or not (other := _in_phases(search, plan)):
        return search, search.finished(plan)
    again = Search(other, request, lambda space: _known(search, other, space))
    search.beside, again.beside = (again,), (search,)
    smaller = again.below(plan, progress)
    return (again, again.finished(smaller)) if smaller else (search, search.finished(plan))


def fronts(graph: Graph, request: Request = DEFAULT, progress: Progress = silent) -> list[tuple[Graph, Plan]]:
    """Plans of less and less SRAM for more and more MACs, as verify.plan.search.pareto has them, each with its network:
    as it is, or with what stands in the fullest stages of the first or the last plan in phases.

    Raises:
      PlanningError: as verify.plan.search.make_plan says.
    """
    search = Search(graph, request)
    plans = pareto_of(search, progress)
    found = [(graph, plan) for plan in plans]
    if graph.clip_frames == 1 and not graph.phased:
        others = [other for plan in (plans[0], plans[-1]) if (other := _in_phases(search, plan))]
        for other in {other.phased: other for other in others}.values():
            found += [(other, plan) for plan in pareto(other, request, progress)]
    found.sort(key=lambda pair: (sum(computed_macs(*pair).values()), pair[1].sram_bytes))
    least = itertools.accumulate((plan.sram_bytes for _, plan in found), min, initial=math.inf)
    return [pair for pair, before in zip(found, least, strict=False) if pair[1].sram_bytes < before]


def _wanted(graph: Graph, request: Request, plan: Plan) -> bool:
    """Whether less SRAM is what is asked for."""
    searching = request.scheme in ("stream", "auto") and not request.cut and not graph.phased
    enough = plan.sram_bytes <= request.sram if request.sram is not None else request.objective == "instructions"
    return searching and graph.clip_frames == 1 and not enough


def _in_phases(search: Search, plan: Plan) -> Graph | None:
    """The network with what can be in phases in the fullest stages; None where there is nothing."""
    graph, target = search.uses.graph, target_named(search.request.target)
    whole = graph.whole or graph
    full = {
        node.index
        for draft in search.maker.drafts(plan)
        if search.runs.standing.peak(draft) >= FULL * plan.arena_bytes
        for node in draft.nodes(search.uses)
    }
    operators = tuple(index for index in phasable(whole) if index in full and _as_fast(whole, index, target))
    if not operators:
        return None
    other = phased(whole, operators)
    return reduced(other, constant_channels(other, target.channels)) if graph.left_out else other


def _known(search: Search, other: Graph, space: Space) -> dict[int, list[Candidate]]:
    """Stages behind all that is in phases, as the network as it is has them, by where they begin in the other one."""
    graph, mine = search.uses.graph, {node.index for node in search.uses.graph.nodes}
    behind = 1 + max(k for k, node in enumerate(other.nodes) if node.index in other.phased or node.index not in mine)
    by = len(other.nodes) - len(graph.nodes)
    tensors = {t for node in other.nodes[behind:] for t in (*node.inputs, *node.outputs)}
    same = all(other.tensors[t].shape == graph.tensors[t].shape for t in tensors)
    if space not in search.stages or search.request.flash is not None or not same:
        return {}
    found: dict[int, list[Candidate]] = {start: [] for start in range(behind, len(other.nodes))}
    for stage in (stage for stages in search.stages[space] for stage in stages if stage.start + by >= behind):
        found[stage.start + by].append(stage.renumbered(stage.start + by))
    return found


def _as_fast(graph: Graph, operator: int, target: Target) -> bool:
    """Whether a target computes an operator in phases, and what is in front of it, with the instructions that it uses
    for them as they are."""
    try:
        as_it_is, other = (_features(network, operator, target) for network in (graph, phased(graph, (operator,))))
    except NoKernelError:
        return False
    return as_it_is == other


def _features(graph: Graph, operator: int, target: Target) -> set[frozenset[str]]:
    """What the kernels of an operator and of what it reads need of a machine."""
    reader = graph.by_index[operator]
    return {target.choose(node).features for node in (reader, *(graph.producers[tensor] for tensor in reader.inputs))}
