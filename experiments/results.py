"""What an experiment leaves in its folder: tables, their rows as JSON values, and a figure."""

import json
from pathlib import Path
from typing import Any

from verify.commands import cli


def write(folder: Path, text: str, value: Any, svg: str) -> None:
    """Writes results.md, results.json and results.svg, each whole or not at all; the folder is made if needed."""
    folder.mkdir(parents=True, exist_ok=True)
    cli.write_beside(folder / "results.md", text)
    cli.write_beside(folder / "results.json", json.dumps(value, indent=1) + "\n")
    cli.write_beside(folder / "results.svg", svg)
