"""Prices: every kind of work that a kernel names has one, so that no work costs nothing unseen."""

import functools
from collections.abc import Sequence
from typing import Any

import pytest

from benchmarks.kernels import fit
from benchmarks.kernels.plans import LAYERS
from benchmarks.kernels.single import layer_model
from verify.graph.graph import Node
from verify.targets.cost import AROUND, Calls, call_price, prices_of
from verify.targets.kernel import Kernel
from verify.targets.portable import prices
from verify.targets.prices import PRICES
from verify.targets.registry import target_named, targets
from verify.targets.target import Target


@functools.cache
def nodes() -> Sequence[Node]:
    return [node for line in LAYERS for node in layer_model(line).nodes]


def kinds_of(target: Target, kernel: Kernel[Any]) -> set[str]:
    """What a kernel names. Those that compute no layer must have no words of their own: these are the same for all."""
    computed = [node for node in nodes() if target.fits(kernel, node)]
    if not computed:
        assert type(kernel).work is Kernel.work, f"{kernel.name} computes no layer that prices are fitted to"
        computed = [node for node in nodes() if not node.macs][:1]
    sizes = ((1, None), (2, None), (1, 1), (2, 3))
    return {kind for node in computed for rows, columns in sizes for kind in kernel.work(node, rows, columns)}


@pytest.mark.parametrize("name", sorted(targets()))
def test_every_kind_of_work_has_a_price(name: str) -> None:
    target = target_named(name)
    for kernel in {type(kernel): kernel for kernel in target.kernels}.values():
        kinds = kinds_of(target, kernel)
        for tile in (False, True):
            found = prices_of(kernel, tile)
            assert found is not None, f"{kernel.name} has no prices: python -m benchmarks.kernels.fit"
            assert kinds <= found.keys(), f"{kernel.name}, regions: {tile}"
    assert {"run", "row", "step", "firing", "call by rows", "call by regions"} == PRICES[AROUND].keys()


def test_a_price_that_is_missing_is_no_price_of_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    (node,) = layer_model("conv:1x1:8:5:w6:h2").nodes
    kernel = target_named("portable").choose(node)
    table = prices.PRICES[kernel.name]
    without = {kind: price for kind, price in table.items() if kind != "value"}
    assert call_price(kernel, node, Calls(node.index, 1, None, 1)) is not None
    monkeypatch.setattr(prices, "PRICES", {kernel.name: without})
    assert call_price(kernel, node, Calls(node.index, 1, None, 1)) is None


def rows() -> list[fit.Point]:
    return [fit.Point("f", {"call": 1, "mac": n, "pair": n % 5}, 10 + 2 * n + 7 * (n % 5)) for n in range(99, 999, 99)]


def test_what_regions_do_not_show_costs_what_it_does_for_rows() -> None:
    tiles = [fit.Point("f_tile", {"call": n, "mac": n, "pair": 0}, 52 * n) for n in range(1, 9)]
    found = fit.prices_for({"f": rows(), "f_tile": tiles})
    assert found["f"] == pytest.approx({"call": 10, "mac": 2, "pair": 7}, rel=1e-3)
    assert found["f_tile"] == pytest.approx({"call": 50, "mac": 2, "pair": 7}, rel=3e-2)


def test_a_function_of_few_counts_takes_the_prices_of_its_rows_and_more_per_call() -> None:
    tile = fit.Point("f_tile", {"call": 1, "mac": 300, "pair": 2}, 50 + 2 * 300 + 7 * 2)
    found = fit.prices_for({"f": rows(), "f_tile": [tile]})
    assert found["f_tile"] == pytest.approx({"call": 50, "mac": 2, "pair": 7}, rel=1e-2)


def test_a_kind_that_never_occurs_is_refused() -> None:
    never = [fit.Point("f", {**point.work, "new": 0}, point.instructions) for point in rows()]
    with pytest.raises(fit.FitError, match="f: no plan has work of kind new"):
        fit.prices_for({"f": never})
