"""Names and numbers as people read them."""

import re
from collections.abc import Sequence

TABLE_NAME = 30
"""Characters of a name in the page's tables; the whole name is shown on pointing at it."""


def short(name: str) -> str:
    """A name without the scopes that converters put before it."""
    return re.sub(r"[^\s\"]*[/;](?=[^/;\s\"]+)", "", name)


def scoped(name: str) -> str:
    """A name as a path of scopes: of several that a converter joined, the first that has one; no traced functions."""
    parts = [part.strip() for part in name.split(";")]
    path = next((part for part in parts if "/" in part), parts[0])
    return "/".join(step for step in path.split("/") if step and not re.match(r"(jit|jvp|vmap)\(", step)) or name


def labels(names: Sequence[str]) -> list[str]:
    """Names of one model for tables and drawings: `scoped`, and without the scopes that all those with any share."""
    paths = [scoped(name).split("/") for name in names]
    deep = [path for path in paths if len(path) > 1]
    common = 0
    while len(deep) > 1 and all(len(path) > common + 1 for path in deep) and len({p[common] for p in deep}) == 1:
        common += 1
    return ["/".join(path[common:] if len(path) > 1 else path) for path in paths]


def middle(text: str, most: int) -> str:
    """A text of at most so many characters, shortened in the middle: names differ at both ends."""
    if len(text) <= most:
        return text
    tail = (most - 1) * 3 // 5
    return f"{text[: most - 1 - tail]}…{text[len(text) - tail :]}"


def printable(text: str) -> str:
    """Text from a file that is not trusted, without characters that markup cannot hold."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def thousands(value: float) -> str:
    return f"{value:,}"


def about(value: float) -> str:
    """A number in three digits, as an estimate deserves."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= 0.9995 * size:
            return f"{value / size:.3g} {letter}"
    return f"{value:.0f}"


def extent(shape: tuple[int, ...]) -> str:
    """1 x 40 x 40 x 16, with the sign for it."""
    return " × ".join(str(n) for n in shape) or "scalar"  # noqa: RUF001


def gap(arena_bytes: int, bound_bytes: int) -> str:
    """How far an arena lies above the lower bound for its plan's order; "optimal" only where it does not."""
    if arena_bytes == bound_bytes:
        return "optimal"
    return f"{arena_bytes / bound_bytes - 1:.1%} above" if bound_bytes else "above"
