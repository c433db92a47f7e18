"""Names and numbers as people read them."""

import re


def short(name: str) -> str:
    """A name without the scopes that converters put before it."""
    return re.sub(r"[^\s\"]*[/;](?=[^/;\s\"]+)", "", name)


def printable(text: str) -> str:
    """Text from a file that is not trusted, without characters that markup cannot hold."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def thousands(value: float) -> str:
    return f"{value:,}"


def extent(shape: tuple[int, ...]) -> str:
    """1 x 40 x 40 x 16, with the sign for it."""
    return " × ".join(str(n) for n in shape) or "scalar"  # noqa: RUF001


def gap(arena_bytes: int, bound_bytes: int) -> str:
    """How far an arena lies above the lower bound for its plan's order; "optimal" only where it does not."""
    if arena_bytes == bound_bytes:
        return "optimal"
    return f"{arena_bytes / bound_bytes - 1:.1%} above" if bound_bytes else "above"
