"""Networks that once made a test fail, kept as explicit examples: hypothesis draws others when anything changes.

A failing example of a random network is printed as `Kept.of('...')`. `python -m tests.kept NAME '...'` writes it to
tests/kept/NAME.tflite, and `@example(kept("NAME"), ...)` at the test draws it every time.
"""

import base64
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from verify.graph.graph import Graph
from verify.tflite import read_model

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Kept:
    """A network as its file: what tests ask of a `tests.random_models.Net`."""

    contents: bytes
    name: str = "kept"

    @classmethod
    def of(cls, text: str) -> Self:
        return cls(zlib.decompress(base64.b85decode(text)))

    def __repr__(self) -> str:
        return f"kept({self.name!r})" if self.name != "kept" else f"Kept.of({packed(self.contents)!r})"

    def bytes(self) -> bytes:
        return self.contents

    def graph(self) -> Graph:
        return read_model(self.contents, self.name)


def kept(name: str) -> Kept:
    return Kept((FOLDER / f"{name}.tflite").read_bytes(), name)


def packed(contents: bytes) -> str:
    return base64.b85encode(zlib.compress(contents, 9)).decode()
