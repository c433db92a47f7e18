"""The machine of identities in C (machine.c), called from Python."""

import ctypes
import functools
import weakref

import numpy as np

from verify.identities.compiler import machine_library
from verify.identities.facts import Facts, Memory, Row
from verify.identities.messages import Event


class CompiledMachine:
    """machine.h has what its functions do."""

    def __init__(self, facts: Facts, memory: Memory):
        self._c = _library()
        numbers = (facts.all, memory.arena, memory.bytes, len(facts.nodes), len(facts.inputs), len(facts.before))
        tables = (facts.nodes, facts.operands, facts.results, facts.inputs, memory.inputs, facts.before)
        # The C keeps pointers to these.
        self._kept = [_array(table) for table in ((*numbers, facts.kept, facts.largest), *tables)]
        self._machine = self._c.machine_new(*map(_pointer, self._kept))
        if not self._machine:
            raise MemoryError("no memory for a run of identities")
        self._arena = memory.arena
        weakref.finalize(self, self._c.machine_free, self._machine)

    def frame(self, begins: bool) -> None:
        self._c.machine_frame(self._machine, int(begins), 1, 0, 1)

    def set(self, to: int, value: int, size: int) -> None:
        self._c.machine_set(self._machine, to, value, size)

    def steps(self, records: np.ndarray, ins: int) -> None:
        records = np.ascontiguousarray(records, np.int64)
        self._c.machine_steps(self._machine, _pointer(records), *records.shape, ins)

    def holds(self, shape: Row, at: int) -> int:
        return self._c.machine_holds(self._machine, _pointer(_array(shape)), at)

    @property
    def fatal(self) -> int:
        return self._c.machine_fatal(self._machine)

    def event(self, number: int) -> Event:
        found = self._c.machine_event(self._machine, number)
        return Event(*(ctypes.c_int64 * 9).from_address(found))

    def memory(self) -> np.ndarray:
        """A copy of the arena."""
        size = self._arena * 4
        return np.frombuffer(ctypes.string_at(self._c.machine_memory(self._machine), size), np.int32)

    def came_round(self, then: np.ndarray, frames: int) -> bool:
        return bool(self._c.machine_came_round(self._machine, _pointer(then), frames))


@functools.cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(str(machine_library()))
    number, pointer = ctypes.c_int64, ctypes.c_void_p
    signatures = {
        "machine_new": (pointer, [pointer] * 7),
        "machine_free": (None, [pointer]),
        "machine_frame": (None, [pointer, *[number] * 4]),
        "machine_set": (None, [pointer, *[number] * 3]),
        "machine_steps": (None, [pointer, pointer, *[number] * 3]),
        "machine_holds": (number, [pointer, pointer, number]),
        "machine_came_round": (number, [pointer, pointer, number]),
        "machine_memory": (pointer, [pointer]),
        "machine_event": (pointer, [pointer, number]),
        "machine_fatal": (number, [pointer]),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def _array(table: object) -> np.ndarray:
    return np.ascontiguousarray(table, np.int64)


def _pointer(array: np.ndarray) -> ctypes.c_void_p:
    return array.ctypes.data_as(ctypes.c_void_p)
