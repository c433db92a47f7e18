"""What other systems took for the same models: executed instructions, counted by us, and published cycles (peers.json).

Figures only; each has its source beside it in the file.
"""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("peers.json")


@functools.cache
def _peers() -> dict[str, Any]:
    return json.loads(FILE.read_text())


def instructions_of(model: str, board: str) -> Mapping[str, int]:
    """Instructions of one inference by system; empty where nobody was measured."""
    return _peers()["instructions"].get(board, {}).get(model, {})


def best(model: str, board: str) -> int | None:
    """The least of them."""
    return min(instructions_of(model, board).values(), default=None)


def cycles_of(model: str) -> Mapping[str, float]:
    """Published cycles on a Cortex-M7 by system, in millions."""
    return {name: rows[model] for name, rows in _peers()["cycles_millions"].items() if model in rows}


def source() -> str:
    """Where the counts come from."""
    return _peers()["source"]
