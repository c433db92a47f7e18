"""A plan laid over its model: all that is derived from the graph and the plan's lists, and nothing else.

A plan that does not even name every operator and tensor once is reported as a fault and goes no further.
"""

from verify.graph.graph import Graph
from verify.graph.plan import Buffer, Plan, Policy
from verify.proof.accesses import Accesses, Lifetime
from verify.proof.faults import faults_of
from verify.proof.lifetimes import Life, lifetimes_of, lives_of, scratches_of
from verify.proof.sizes import Sizes


class Layout(Accesses):
    """The derived facts of one plan. `faults` is empty or nothing else may be used."""

    def __init__(self, graph: Graph, plan: Plan, sizes: Sizes | None = None):
        self.faults, self.kernels = faults_of(graph, plan)
        if self.faults:
            return
        super().__init__(graph, plan, sizes or Sizes(graph, plan))
        self.lifetimes = lifetimes_of(self, self.kernels)
        self.scratches = list(scratches_of(self, self.kernels))
        self._lives: dict[int, list[Life]] = {}  # asked for once per pair of buffers

    def arena_buffers(self) -> list[Buffer]:
        """Buffers that take bytes of the arena, in the order of the plan."""
        return [b for b in self.plan.buffers if b.policy is not Policy.EXTERNAL]

    def lives(self, buffer: Buffer) -> list[Life]:
        """The parts of a buffer's lifetime."""
        if buffer.tensor not in self._lives:
            self._lives[buffer.tensor] = lives_of(self, self.kernels, buffer, self.lifetimes[buffer.tensor])
        return self._lives[buffer.tensor]

    def span(self, buffer: Buffer) -> Lifetime:
        """Positions from the first to the last at which any byte of it belongs to it."""
        lives = self.lives(buffer)
        return Lifetime(min(life.first for life in lives), max(life.last for life in lives))

    def lives_at(self, buffer: Buffer, position: int) -> bool:
        """Whether any byte of it belongs to it then."""
        return any(life.first <= position <= life.last for life in self.lives(buffer))

    def definitions(self, buffer: Buffer) -> list[str]:
        """What the terms of its lives refer to."""
        return [text for life in self.lives(buffer) for text in life.definitions]

    def holds(self, buffer: Buffer, byte: int, position: int, tick: int) -> bool:
        """Whether a byte of the arena belongs to this buffer at a position, in a tick of that position's stage."""
        for life in self.lives(buffer):
            if life.first <= position <= life.last:
                low, high = buffer.offset, buffer.offset + self.size_bytes(buffer)
                if life.bytes_at and tick < life.ticks:
                    first, end = life.bytes_at(tick)
                    low, high = low + first, low + end
                return low <= byte < high
        return False
