"""Stages that were found for operators of the same look are those that the operators' own search finds."""

import pytest

from tests.random_models import Net
from verify.graph.graph import Graph
from verify.graph.plan import InputMode
from verify.graph.tensor import Tensor
from verify.plan.alike import Starts, kinds
from verify.plan.candidates import ByEnd, Space, candidates
from verify.plan.effort import Effort
from verify.plan.fewest import weighed
from verify.plan.runs import Runs
from verify.plan.uses import Uses

BLOCKS = 10


def block(net: Net, x: Tensor, expansion: int = 16) -> Tensor:
    y = net.depthwise(net.conv(x, expansion, (1, 1), (1, 1), (1, 1)), (3, 3), (1, 1), (1, 1))
    return net.add(net.conv(y, 8, (1, 1), (1, 1), (1, 1)), x)


def chain(odd: int = -1, ends: bool = False) -> Graph:
    """Blocks that look alike, but for one of them; with `ends`, the last but two is read again after all of them."""
    net = Net(3)
    x = net.input(1, 6, 5, 8)
    kept = x
    for number in range(BLOCKS):
        x = block(net, x, 24 if number == odd else 16)
        kept = x if number == BLOCKS - 3 else kept
    if ends:
        net.add(x, kept)
    return net.graph()


def as_values(by_end: ByEnd) -> object:
    return [[(c.start, c.end, c.fed, c.peak, c.extra, c.fusion, c.draft) for c in stages] for stages in by_end]


@pytest.mark.parametrize("graph", [chain(), chain(odd=7), chain(ends=True)], ids=["alike", "one differs", "read later"])
def test_what_is_found_by_likeness_is_what_is_found_without(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    uses = Uses(graph)
    numbers = kinds(uses)
    assert len(set(numbers)) < len(numbers) / 2

    def found() -> tuple[object, object]:
        runs = Runs(uses, InputMode.ROWS)
        space = Space(recompute=True)
        by_end = candidates(runs, 1, space, lambda done, total: None)
        stages = weighed(runs, Effort(uses), Space(), 1, 350, lambda done, total: None)
        weights = [[(w.start, w.end, w.fed, w.peak, w.instructions, w.draft) for w in some] for some in stages]
        return as_values(by_end), weights

    alike = found()
    taken: list[bool] = []
    original = Starts.earlier

    def nothing(starts: Starts[list[object]], start: int) -> None:
        taken.append(original(starts, start) is not None)

    monkeypatch.setattr(Starts, "earlier", nothing)
    assert found() == alike
    weighing = len(graph.nodes)
    assert any(taken[:-weighing]) and any(taken[-weighing:]), "no start was taken for another one"


def test_a_wider_block_looks_different() -> None:
    numbers = kinds(Uses(chain(odd=4)))
    assert numbers[4 * 3] == numbers[4 * 5]  # behind the first block, expansions look alike
    assert numbers[4 * 4] != numbers[4 * 3]
