"""Which positions a firing computes at each tick, as SMT-LIB terms: by schedule, or by demand of its readers."""

from collections.abc import Callable
from dataclasses import dataclass

from verify.graph.plan import Schedule
from verify.graph.window import Window
from verify.proof.obligation import Extent, Term, frontier, frontier_before, num, term


@dataclass(frozen=True)
class Progress:
    """Positions [before(t), after(t)) of `total` along one axis at tick t. `definitions` are what the terms refer to.

    Along a scheduled axis before(t) = after(t - 1); by demand, positions are computed again where readers need them.
    No tick from t on computes a position below oldest(t).
    """

    total: Extent
    before: Callable[[Term], Term]
    after: Callable[[Term], Term]
    oldest: Callable[[Term], Term]
    definitions: tuple[str, ...] = ()
    demand: bool = False

    @property
    def known_total(self) -> int:
        """`total` of a plan at its own sizes."""
        assert isinstance(self.total, int), "only theorems for all sizes have unknown ones"
        return self.total


def all_at_once(total: Extent) -> Progress:
    """Everything is there, or computed, at every tick."""
    return Progress(total, lambda _: "0", lambda _: term(total), lambda _: "0")


def scheduled(schedule: Schedule, total: Extent) -> Progress:
    if schedule.rate == 0 and not isinstance(total, int):
        # All at tick 0: the offset is the number of positions, so it is as unknown as they are.
        none_before: Callable[[Term], Term] = lambda tick: f"(ite (<= {tick} 0) 0 {total})"  # noqa: E731
        return Progress(total, none_before, lambda _: total, none_before)

    def before(tick: Term) -> Term:
        return frontier_before(schedule, total, tick)

    return Progress(total, before, lambda tick: frontier(schedule, total, tick), before)


def demanded(name: str, total: Extent, readers: list[tuple[Progress, Window]]) -> Progress:
    """The hull of what the readers' regions need, clipped to [0, total). In numbers: verify.ops.regions."""
    definitions = dict.fromkeys(text for progress, _ in readers for text in progress.definitions)
    low, high, oldest = term(total), "0", term(total)
    for progress, window in readers:
        first = f"(let ((p {start('a', window)})) (ite (< p 0) 0 p))"
        last = f"(let ((p {end('(- b 1)', window)})) (ite (< p {total}) p {total}))"
        region = f"(let ((a {progress.before('t')}) (b {progress.after('t')}))"
        need_low = f"{region} (ite (< a b) {first} {total}))"
        need_high = f"{region} (ite (< a b) {last} 0))"
        low = f"(let ((u {need_low}) (v {low})) (ite (< u v) u v))"
        high = f"(let ((u {need_high}) (v {high})) (ite (< u v) v u))"
        first_left = f"(let ((a {progress.oldest('t')})) (ite (< a {progress.total}) {first} {total}))"
        oldest = f"(let ((u {first_left}) (v {oldest})) (ite (< u v) u v))"
    definitions[f"(define-fun {name}_first ((t Int)) Int {low})"] = None
    definitions[f"(define-fun {name}_last ((t Int)) Int {high})"] = None
    definitions[f"(define-fun {name}_oldest ((t Int)) Int {oldest})"] = None
    first, last, left = (lambda tick, part=part: f"({name}_{part} {tick})" for part in ("first", "last", "oldest"))
    return Progress(total, first, last, left, tuple(definitions), True)


def start(output: Term, window: Window) -> Term:
    """The first tap of an output position, which may lie in the padding."""
    return _floor(output, window, window.pad_before)


def end(output: Term, window: Window) -> Term:
    """One past the last tap of an output position."""
    return f"(+ {_floor(output, window, window.pad_before + window.short)} {window.reach})"


def _floor(output: Term, window: Window, before: int) -> Term:
    first = f"(- (* {window.stride} {output}) {num(before)})"
    return first if window.upsample == 1 else f"(div {first} {window.upsample})"
