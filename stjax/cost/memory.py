"""Peak memory of a program's activations, in its traced order.

It is what a careful executor needs, to compare networks by; what a device needs is what the planner proves.

- Parameters, and values made of parameters only, are constants and take none.
- Reshapes, broadcasts and slices are views of what they read.
- An elementwise result takes the place of an input of its size that nothing reads afterwards.
- A concatenation takes over inputs that nothing reads afterwards: a ring of frames is not copied to take a new one in.
- A buffer lives from the operation that writes it (an input of the program: from the start) to the last that reads it
  or a view of it; results live to the end.
"""

from collections import defaultdict
from collections.abc import Iterable

from stjax.cost.arithmetic import ELEMENTWISE
from stjax.cost.program import Program

# Operations that move no data.
VIEWS = {"reshape", "squeeze", "expand_dims", "broadcast_in_dim", "slice", "rev", "stop_gradient", "copy"}


def live_bytes(program: Program, int8: bool) -> list[int]:
    """Bytes of activations alive during each operation.

    Args:
      program: the traced function.
      int8: count one byte for each float; else its own size. Other types always count their own size.
    """
    return _Liveness(program, int8).during()


def peak_bytes(program: Program, int8: bool) -> int:
    """The largest of `live_bytes`; 0 for a program without operations."""
    return max(live_bytes(program, int8), default=0)


class _Liveness:
    """Buffers, who uses which, and until when."""

    def __init__(self, program: Program, int8: bool) -> None:
        self.program = program
        self.int8 = int8
        self.last_use = self._last_uses()
        self.sizes: list[int] = []
        self.first: list[int] = []
        self.buffers: dict[int, frozenset[int]] = defaultdict(frozenset)
        self.users: dict[int, set[int]] = defaultdict(set)
        for value in program.inputs:
            if not program.values[value].constant:
                self._assign(value, [self._new(value, -1)])
        for time in range(len(program.operations)):
            self._place(time)

    def during(self) -> list[int]:
        """Bytes alive during each operation."""
        count = len(self.program.operations)
        change = [0] * (count + 2)
        for buffer, size in enumerate(self.sizes):
            last = max((self.last_use.get(value, -1) for value in self.users[buffer]), default=-1)
            first = max(self.first[buffer], 0)
            if last >= first or self.first[buffer] >= 0:
                change[first] += size
                change[min(max(last, first), count - 1) + 1] -= size
        alive, result = 0, []
        for time in range(count):
            alive += change[time]
            bodies = self.program.operations[time].bodies
            result.append(alive + max((self._inner(body) for body in bodies), default=0))
        return result

    def _inner(self, body: Program) -> int:
        """What one round of a body needs besides its inputs, which are alive outside of it."""
        given = sum(self._bytes_in(body, value) for value in body.inputs)
        return max(0, peak_bytes(body, self.int8) - given)

    def _last_uses(self) -> dict[int, int]:
        last = {}
        for time, operation in enumerate(self.program.operations):
            last.update(dict.fromkeys(operation.inputs, time))
        last.update(dict.fromkeys(self.program.outputs, len(self.program.operations)))
        return last

    def _place(self, time: int) -> None:
        """Decides where the results of one operation lie."""
        operation = self.program.operations[time]
        inputs = [value for value in operation.inputs if self.buffers[value]]
        for output in operation.outputs:
            if self.program.values[output].constant:
                continue
            if operation.kind in VIEWS and inputs:
                self._assign(output, self.buffers[inputs[0]])
            elif operation.kind == "concatenate":
                self._assign(output, [b for value in operation.inputs for b in self._take_over(value, time)])
            else:
                replaced = self._replaced(inputs, output, time) if operation.kind in ELEMENTWISE else None
                self._assign(output, replaced or [self._new(output, time)])

    def _replaced(self, inputs: list[int], output: int, time: int) -> frozenset[int] | None:
        wanted = self._bytes_in(self.program, output)
        return next((self.buffers[value] for value in inputs if self._frees(value, wanted, time)), None)

    def _take_over(self, value: int, time: int) -> Iterable[int]:
        size = self._bytes_in(self.program, value)
        return self.buffers[value] if self._frees(value, size, time) else [self._new(value, time)]

    def _frees(self, value: int, size: int, time: int) -> bool:
        """Whether the buffers of `value` are exactly `size` bytes that nothing reads after `time`."""
        buffers = self.buffers[value]
        users = {user for buffer in buffers for user in self.users[buffer]}
        return (
            bool(buffers)
            and sum(self.sizes[buffer] for buffer in buffers) == size
            and all(self.last_use.get(user, -1) <= time for user in users)
        )

    def _new(self, value: int, time: int) -> int:
        """A buffer for as many bytes as `value` has."""
        self.sizes.append(self._bytes_in(self.program, value))
        self.first.append(time)
        return len(self.sizes) - 1

    def _assign(self, value: int, buffers: Iterable[int]) -> None:
        self.buffers[value] = frozenset(buffers)
        for buffer in self.buffers[value]:
            self.users[buffer].add(value)

    def _bytes_in(self, program: Program, value: int) -> int:
        described = program.values[value]
        if described.constant and program is not self.program:
            return 0
        return described.size * (1 if self.int8 and described.floating else described.item_bytes)
