"""The papers' printed figures (published.json, facts with their sources) as data."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from verify.plan.published import Parameters, Scheme

DATA = json.loads((Path(__file__).parent / "published.json").read_text())

Points = list[tuple[int, float]]


@dataclass(frozen=True)
class Printed:
    """One figure as printed: its place, the parameters that it is for, and its digits."""

    model: str
    table: int
    scheme: Scheme
    quantity: str
    """"memory" in KiB or "macs" in millions."""
    parameters: Parameters
    digits: str


MODELS: dict[str, str] = {name: model["file"] for name, model in DATA["streamnet"]["models"].items()}
"""The paper's names of the ten networks, and their files in the zoo."""


def printed(model: str) -> list[Printed]:
    """All figures of Tables 1 and 2 for one network."""
    tables = DATA["streamnet"]["models"][model]
    second = tables["table2"]
    split = _parameters(second)
    found = [Printed(model, 2, Scheme(scheme), "macs", split, digits) for scheme, digits in second["macs"].items()]
    for scheme, row in tables["table1"].items():
        for quantity in ("memory", "macs"):
            found.append(Printed(model, 1, Scheme(scheme), quantity, _parameters(row), row[quantity]))
    return found


def _parameters(row: dict[str, Any]) -> Parameters:
    return Parameters(row["n_patch"], row["split"])


def latency_ms(model: str) -> dict[Scheme, int]:
    """Table 3's latencies of one network, with the parameters of Table 2."""
    return {Scheme(scheme): ms for scheme, ms in DATA["streamnet"]["models"][model]["table3"].items()}


def msf_cnn_points() -> dict[str, dict[str, Any]]:
    """By network: the zoo's nearest one, whether it is the same, and (peak bytes, MACs over layer-wise ones)."""
    return DATA["msf_cnn"]["models"]
