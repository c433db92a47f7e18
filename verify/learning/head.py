"""What planner, prover and emitter ask of a head that learns."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from verify.graph.learning import Learning, Readout

INT32 = (-(2**31), 2**31 - 1)

MOST_CLASSES, MOST_ROOM, MOST_PASSES = 255, 255, 2**15
"""Labels, and places in the rehearsal buffer, are bytes; more passes than that take for ever."""

WORD = 4
"""Sizes of the struct and of what is saved are multiples of it."""


@dataclass(frozen=True)
class Field:
    """An array of the struct that holds what is learned.

    Args:
      name: of the member.
      dtype: of its elements.
      count: of them.
    """

    name: str
    dtype: str
    count: int

    @property
    def bytes(self) -> int:
        return self.count * np.dtype(self.dtype).itemsize


@dataclass(frozen=True)
class Fact:
    """An integer that a head computes, and the range in which it has to be, as terms of SMT-LIB.

    Args:
      name: what it is.
      value, low, high: terms over the variables; low <= value <= high is to hold.
      variables: name -> lowest and highest value, terms over the variables before it.
    """

    name: str
    value: str
    low: str
    high: str
    variables: Mapping[str, tuple[str, str]]


class Head(Protocol):
    """One kind of head that learns."""

    name: ClassVar[str]

    about: ClassVar[str]
    """In a few words, for a command's help."""

    def fields(self, learning: Learning) -> tuple[Field, ...]:
        """What is learned and saved, the widest elements first, so that no byte is lost between them."""
        ...

    def facts(self, learning: Learning, readout: Readout) -> Iterator[Fact]:
        """Every integer that it computes, given that its fields are in the ranges that `valid` asks for; and
        that what it leaves in them is in these ranges again, so that they hold after any number of examples.
        """
        ...

    def valid(self, learning: Learning, state: Mapping[str, np.ndarray]) -> bool:
        """Whether fields are in the ranges that every fact starts from; one that is not named holds zeros."""
        ...

    def parameters(self, learning: Learning, readout: Readout) -> dict[str, int]:
        """The numbers of its parameter struct, in its order."""
        ...

    def tables(self) -> dict[str, np.ndarray]:
        """Arrays that its parameter struct names, behind its numbers."""
        ...

    def first(self, learning: Learning, readout: Readout) -> dict[str, np.ndarray]:
        """What it starts from, by field; a field that is not named starts with zeros."""
        ...


def fields_of(head: Head, learning: Learning, state: bytes) -> dict[str, np.ndarray]:
    """The fields of a saved state."""
    found, at = {}, 0
    for field in head.fields(learning):
        little = np.dtype(field.dtype).newbyteorder("<")
        found[field.name] = np.frombuffer(state, little, field.count, at).astype(field.dtype)
        at += field.bytes
    return found


def saved_bytes(head: Head, learning: Learning) -> int:
    """Bytes of what is saved: all fields, and zeros up to a whole word."""
    return -(-sum(field.bytes for field in head.fields(learning)) // WORD) * WORD


def struct_bytes(head: Head, learning: Learning) -> int:
    """Bytes of the struct: what is saved, and a score for each class."""
    return saved_bytes(head, learning) + WORD * learning.classes


def flash_bytes(head: Head, learning: Learning, readout: Readout) -> int:
    """Bytes of its constants in flash: parameters, with a pointer for each table, tables, and what it starts from."""
    tables = head.tables()
    arrays = sum(table.nbytes for table in tables.values())
    start = sum(values.nbytes for values in head.first(learning, readout).values())
    return WORD * (len(head.parameters(learning, readout)) + len(tables)) + arrays + start
