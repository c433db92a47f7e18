"""Damage to JSON values and bytes, each chosen by a seeded generator."""

import copy
import json
import random
from typing import Any

Path = tuple[str | int, ...]

NUMBERS = (0, -1, 1, 2, 7, 255, 2**15, 2**16, 2**24, 2**31 - 1, 2**31, 2**32, 2**33, 2**40, 2**40 + 1, -(2**31), 10**30)
OTHERS = (None, True, "", "x", "a\0b", "\n", [], {}, 1.5, 1e308, [[]], "\ud800")
TEXTS = ("", "[", "null", "[" * 100_000, '{"format": "stjax-plan", "version": 2}', "\ufeff{}", "NaN", '"' * 1000)


def places(value: Any, at: Path = ()) -> list[Path]:
    """Every place in nested lists and objects, the whole left out."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, item in inner for place in ((*at, key), *places(item, (*at, key)))]


def damaged(rng: random.Random, value: Any) -> Any:
    """The value with one to three places changed: numbers above all, now and then an entry dropped or doubled."""
    value = copy.deepcopy(value)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        found = places(value)
        numbers = [place for place in found if type(_at(value, place)) is int]
        if found:
            _damage(rng, value, rng.choice(numbers if numbers and rng.random() < 0.7 else found))
    return value


def _at(value: Any, place: Path) -> Any:
    for key in place:
        value = value[key]
    return value


def _damage(rng: random.Random, value: Any, place: Path) -> None:
    value, key = _at(value, place[:-1]), place[-1]
    old = value[key]
    if rng.random() < 0.12:
        if isinstance(value, list) and rng.random() < 0.5:
            value.insert(rng.randrange(len(value) + 1), copy.deepcopy(old))
        else:
            del value[key]
    elif isinstance(old, bool):
        value[key] = not old
    elif isinstance(old, int) and rng.random() < 0.9:
        value[key] = rng.choice((old + 1, old - 1, old * 2, -old, *NUMBERS, *NUMBERS))
    elif isinstance(old, list) and old and rng.random() < 0.7:
        rng.shuffle(old)
    else:
        value[key] = rng.choice((*NUMBERS, *OTHERS))


def damaged_text(rng: random.Random, text: str) -> bytes:
    """JSON text that is damaged as a value, or as text."""
    if rng.random() < 0.9:
        # A lone surrogate has no UTF-8, but an escape in JSON.
        return json.dumps(damaged(rng, json.loads(text))).encode()
    data = bytearray(rng.choice((text, text, *TEXTS)).encode(errors="replace"))
    for _ in range(rng.choice((0, 1, 5))):
        if data:
            data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data[: rng.randrange(len(data) + 1)]) if rng.random() < 0.3 else bytes(data)
