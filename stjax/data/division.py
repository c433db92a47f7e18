"""Splits where a dataset brings none: a rule that looks at names only, so it is the same on every machine."""

import hashlib
from collections.abc import Mapping


def divided(units: Mapping[str, str], parts: Mapping[str, float], rest: str) -> dict[str, str]:
    """The split of each unit (a clip, or whoever made several of them).

    The units of a stratum, such as a class, are ordered by the SHA-256 of their names. Of n units the first
    round(part * n) go to the first split, the next to the second, and so on, at least one to each where n is larger
    than the number of splits; what is left is the rest.

    Args:
      units: name -> stratum.
      parts: split -> part of each stratum, in order.
      rest: the split of all others.
    """
    chosen: dict[str, str] = {}
    for stratum in sorted(set(units.values())):
        ordered = sorted((unit for unit in units if units[unit] == stratum), key=_digest)
        least = 1 if len(ordered) > len(parts) else 0
        names = [split for split, part in parts.items() for _ in range(max(least, round(part * len(ordered))))]
        names += [rest] * (len(ordered) - len(names))
        chosen |= dict(zip(ordered, names, strict=True))
    return chosen


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
