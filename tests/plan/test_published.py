"""The published schemes' accounts: multiply-accumulates against a simulation that knows single positions only, the
allocator on cases small enough to do by hand, and the searches. The papers' own figures: tests/experiments."""

import math
from collections import defaultdict

import pytest

from tests.random_models import Net
from verify.plan.published import (
    Network,
    NotPublishableError,
    PaddingRule,
    Parameters,
    Scheme,
    account_memory,
    count_macs,
    parameters,
    select,
)
from verify.plan.published.memory import Rectangle, first_fit
from verify.plan.published.select import Costed, evaluate, pareto_front


@pytest.fixture(scope="module")
def network() -> Network:
    """24 x 16 pixels, strides of both kinds, a shortcut, kernels of three sizes, a head."""
    net = Net(0)
    x = net.conv(net.input(1, 24, 16, 3), 4, (3, 3), (2, 2), (1, 1))
    x = net.conv(net.depthwise(x, (3, 3), (1, 1), (1, 1)), 2, (1, 1), (1, 1), (1, 1))
    x = net.conv(
        net.depthwise(net.conv(x, 6, (1, 1), (1, 1), (1, 1)), (5, 5), (2, 2), (1, 1)), 3, (1, 1), (1, 1), (1, 1)
    )
    y = net.depthwise(net.conv(x, 6, (1, 1), (1, 1), (1, 1)), (5, 5), (1, 1), (1, 1))
    x = net.add(net.conv(y, 3, (1, 1), (1, 1), (1, 1)), x)
    x = net.conv(net.depthwise(x, (3, 3), (1, 1), (1, 1)), 4, (1, 1), (1, 1), (1, 1))
    net.dense(net.mean(x), 3)
    return Network(net.graph())


def simulated(network: Network, chosen: Parameters, axis: int, streamed: int) -> list[int]:
    """Positions that all patches compute of each tensor along an axis; the last `streamed` operators ask for nothing
    that earlier patches had."""
    computed: dict[int, int] = defaultdict(int)
    made: dict[int, set[int]] = defaultdict(set)
    extent = network.steps[chosen.split - 1].size[axis]
    for patch in range(chosen.n_patch):
        wanted = defaultdict(set)
        wanted[chosen.split - 1] = {p for p in range(extent) if p * chosen.n_patch // extent == patch}
        for place in range(chosen.split - 1, -1, -1):
            computed[place] += len(wanted[place])
            step = network.steps[place]
            for source, windows in zip(step.sources, step.windows, strict=True):
                assert windows is not None
                w, inside = windows[axis], range(network.size_of(source)[axis])
                taps = {o * w.stride - w.pad_before + k for o in wanted[place] for k in range(w.kernel)} & set(inside)
                if place >= chosen.split - streamed:
                    taps -= made[source]
                wanted[source] |= taps
        for source, positions in wanted.items():
            made[source] |= positions
    return [computed[place] for place in range(chosen.split)]


def test_exact_counts_are_those_of_single_positions(network: Network) -> None:
    candidates = list(parameters(network))
    assert len(candidates) > 15
    for chosen in candidates:
        down, across = (simulated(network, chosen, axis, 0) for axis in (0, 1))
        tail = sum(step.macs for step in network.steps[chosen.split :])
        stage = network.steps[: chosen.split]
        patched = sum(s.macs_per_position * d * a for s, d, a in zip(stage, down, across, strict=True))
        assert count_macs(network, chosen, rule=PaddingRule.EXACT) == tail + patched


def test_exact_counts_of_mixtures_are_those_of_single_positions(network: Network) -> None:
    for split in (6, 10, 11):
        for level in range(split + 1):
            chosen = Parameters(2, split, level)
            across = simulated(network, chosen, 1, level)
            tail = sum(step.macs for step in network.steps[split:])
            stage = network.steps[:split]
            streamed = sum(s.macs_per_position * s.size[0] * a for s, a in zip(stage, across, strict=True))
            assert count_macs(network, chosen, True, PaddingRule.EXACT) == tail + streamed


def test_rules_and_levels_are_ordered(network: Network) -> None:
    layerwise = sum(step.macs for step in network.steps)
    for chosen in parameters(network):
        none, paper, exact = (count_macs(network, chosen, rule=rule) for rule in PaddingRule)
        assert none >= paper >= exact >= layerwise
        levels = [Parameters(chosen.n_patch, chosen.split, level) for level in range(chosen.split + 1)]
        macs = [count_macs(network, level, True) for level in levels]
        memory = [account_memory(network, level, True).total for level in levels]
        assert macs == sorted(macs, reverse=True) and macs[0] <= paper and macs[-1] == layerwise
        assert memory == sorted(memory) and memory[0] >= account_memory(network, chosen).total


def test_one_patch_computes_every_position_once(network: Network) -> None:
    for split in (3, 6, 10):
        assert count_macs(network, Parameters(1, split)) == sum(step.macs for step in network.steps)


def test_an_elementwise_sum_costs_one_per_element(network: Network) -> None:
    (add,) = (step for step in network.steps if len(step.sources) == 2)
    assert add.macs == math.prod(add.size) * 3


@pytest.mark.parametrize(
    ("rectangles", "peak"),
    [
        ([(10, 0, 1, None, 0), (6, 1, 2, None, 0), (10, 2, 3, None, 0)], 16),
        ([(8, 0, 9, None, 0), (6, 0, 0, None, 0), (5, 1, 2, None, 0), (4, 2, 3, None, 0)], 17),
        ([(16, 0, 4, None, 0), (12, 2, 4, None, 0)], 28),
        ([(16, 0, 4, 1, 4), (12, 2, 4, None, 0)], 16),
        ([(16, 0, 4, 2, 4), (12, 2, 4, None, 0)], 28),
    ],
)
def test_first_fit(rectangles: list[tuple[int, int, int, int | None, int]], peak: int) -> None:
    assert first_fit([Rectangle(*values) for values in rectangles]) == peak


def test_memory_by_hand() -> None:
    """Two convolutions of 1 x 1 on 4 x 4 pixels, then a depthwise one; 2 patches of 2 x 2 per side."""
    net = Net(0)
    x = net.conv(net.input(1, 4, 4, 2), 8, (1, 1), (1, 1), (1, 1))
    net.conv(net.depthwise(net.conv(x, 2, (1, 1), (1, 1), (1, 1)), (3, 3), (1, 1), (1, 1)), 2, (1, 1), (1, 1), (1, 1))
    network = Network(net.graph())
    printed = account_memory(network, Parameters(2, 2))
    # The stage's output whole (32), its last tile that nobody reads (8), the depthwise and the last results (32 each).
    assert (printed.arena, printed.im2col, printed.kernel) == (104, 2 * 6 * 6, 0)
    # Right: the depthwise convolution works in place, the tile ends with its stage.
    right = account_memory(network, Parameters(2, 2), slips=False)
    assert right.arena == 32 + 2 * 2 * 8 + 2 * 2 * 2
    # One more operator in the stage, which overlaps by two positions: tiles of 4 x 4, next column 2 further.
    streams = account_memory(network, Parameters(2, 3, 3), streams=True)
    assert (streams.stream_y, streams.stream_x) == (2 * 4 * 2, 2 * (4 + 2) * 2)
    assert account_memory(network, Parameters(2, 3, 0), streams=True).stream_x == 0


def test_splits_keep_shortcuts_on_one_side(network: Network) -> None:
    add = next(place for place, step in enumerate(network.steps) if len(step.sources) == 2)
    shortcut = min(network.steps[add].sources)
    splits = {chosen.split for chosen in parameters(network)}
    assert shortcut + 1 in splits and add + 1 in splits
    assert splits.isdisjoint({*range(shortcut + 2, add + 1)})


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        (Parameters(2, 9), "no patch stage can end before operator 9 of 0 to 13"),
        (Parameters(5, 6), "5 patches per side must divide 6 x 4, what operator 6 reads"),
        (Parameters(2, 6, 7), "stream-x-level 7 must be 0 to the split, 6"),
    ],
)
def test_impossible_parameters_are_refused(network: Network, chosen: Parameters, message: str) -> None:
    with pytest.raises(NotPublishableError, match=message):
        count_macs(network, chosen, streams=True)


def test_models_without_one_image_are_refused() -> None:
    net = Net(0)
    net.dense(net.input(1, 5), 3)
    with pytest.raises(NotPublishableError, match="take one image"):
        Network(net.graph())


def test_searches_are_optimal_in_their_space(network: Network) -> None:
    for scheme in (Scheme.PATCH, Scheme.PATCH_BYPASS, Scheme.STREAM_1D, Scheme.STREAM_2D):
        choices = [evaluate(network, chosen, scheme) for chosen in parameters(network)]
        least = select(network, scheme)
        assert least is not None and least.memory_bytes == min(choice.memory_bytes for choice in choices)
        budget = sorted(choice.memory_bytes for choice in choices)[len(choices) // 2]
        found = select(network, scheme, budget)
        assert found is not None and found.memory_bytes <= budget
        assert found.macs == min(choice.macs for choice in choices if choice.memory_bytes <= budget)
        assert select(network, scheme, least.memory_bytes - 1) is None


def test_algorithm_1(network: Network) -> None:
    """Against its steps written out: fitting records, Pareto filter, levels, fewest MACs, largest patch."""
    least = select(network, Scheme.STREAM_1D)
    assert least is not None
    for budget in (least.memory_bytes, least.memory_bytes * 11 // 10, least.memory_bytes * 2):
        records = [evaluate(network, chosen, Scheme.PATCH) for chosen in parameters(network)]
        records = [record for record in records if record.memory_bytes <= budget]
        pairs = {(record.memory_bytes, record.macs) for record in records}
        front = {a for a in pairs if not any(b != a and b[0] <= a[0] and b[1] <= a[1] for b in pairs)}
        best = None
        for record in records:
            if (record.memory_bytes, record.macs) in front:
                for level in range(record.parameters.split + 1):
                    chosen = Parameters(record.parameters.n_patch, record.parameters.split, level)
                    mixed = evaluate(network, chosen, Scheme.STREAMNET)
                    if mixed.memory_bytes <= budget and (best is None or mixed.macs < best):
                        best = mixed.macs
        found = select(network, Scheme.STREAMNET, budget)
        assert (found and found.macs) == best
        assert found is None or found == evaluate(network, found.parameters, Scheme.STREAMNET)
        unfiltered = select(network, Scheme.STREAMNET, budget, pareto_filter=False)
        assert unfiltered is not None and (best is None or unfiltered.macs <= best)


def test_pareto_front_keeps_what_nothing_beats() -> None:
    def choice(memory: int, macs: int, patch: int = 1) -> Costed:
        return Costed(Parameters(1, 1), memory, macs, patch)

    front = pareto_front([choice(3, 5), choice(1, 9), choice(2, 9), choice(3, 5, 4), choice(3, 6), choice(4, 5)])
    assert front == [choice(1, 9), choice(3, 5, 4)]
