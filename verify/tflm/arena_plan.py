"""What an interpreter does with a model, and where it is told to put the tensors. Data only, sizes in bytes.

An interpreter such as TensorFlow Lite Micro runs all operators of the file one after the other over whole tensors:
nothing is folded, aliased or absorbed, as it is in `Graph`. So this is the model as the file has it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

TFLM_ALIGNMENT = 16
"""Of TensorFlow Lite Micro's arena and of every buffer that it places there itself (MicroArenaBufferAlignment)."""


@dataclass(frozen=True)
class Storage:
    """A tensor that takes bytes while the model runs: an activation of at least one byte."""

    index: int
    name: str
    size_bytes: int

    @property
    def label(self) -> str:
        return f'tensor {self.index} "{self.name}"'


@dataclass(frozen=True)
class Step:
    """One operator. `reads` and `writes` are activations, keys into `Execution.tensors`.

    `same_place` says that the interpreter's kernel leaves the bytes as they are where its only result lies exactly at
    its first operand.
    """

    index: int
    kind: str
    name: str
    reads: tuple[int, ...]
    writes: tuple[int, ...]
    same_place: bool = False

    @property
    def label(self) -> str:
        return f'op {self.index} "{self.name}" ({self.kind})'


@dataclass(frozen=True)
class Execution:
    """A model's operators in the order of the file, which is that of execution; each tensor is written once.

    `inputs` are written by the caller before the first step, `outputs` read by the caller after the last one.
    `workspaces` are tensors that operators read but nobody writes: an operator's own memory, of unknown contents.
    """

    tensors: Mapping[int, Storage]
    steps: tuple[Step, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    workspaces: frozenset[int]


@dataclass(frozen=True)
class ArenaPlan:
    """Byte offsets of tensors from the arena's start; None where the interpreter is to choose when it starts."""

    offsets: Mapping[int, int | None]
