"""What an earlier run found is found again, unless what was asked or any code that it follows from has changed."""

import functools
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from verify.commands import cli

ROOT = Path(__file__).resolve().parent.parent.parent
CODE = ("stjax", "export", "verify", "embedded")
SUFFIXES = (".py", ".c", ".h", ".ld", ".mk", "")
"""What `code` reads: files of these folders with these endings."""


def remembered(path: Path, key: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `make` gives, or gave for the same key and the same code. Its values must be JSON's.

    Args:
      path: where it is kept.
      key: all that decides the result, besides code.
      make: finds it.
    """
    key = f"{key}, {code()}"
    if path.exists() and (stored := json.loads(path.read_text()))["key"] == key:
        return stored["value"]
    value = make()
    cli.write_beside(path, json.dumps({"key": key, "value": value}) + "\n")
    return json.loads(json.dumps(value))


@functools.cache
def code() -> str:
    """Digest of all code that a result follows from: another planner, exporter or kernel makes it anew."""
    digest = hashlib.sha256()
    for path in sorted(path for folder in CODE for path in (ROOT / folder).rglob("*")):
        if path.is_file() and path.suffix in SUFFIXES and "build" not in path.relative_to(ROOT).parts:
            digest.update(f"{path.relative_to(ROOT)} ".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
