"""What counts as SRAM besides the arena. All sizes in bytes, for a 32-bit target.

The state is the generated `stj_model` struct: a pointer to the arena, the tick of the first stage, the count of rows
received per input, for a program per frame the frame's number, the frames until the next result and whether there is
one, and for inputs that stay with the caller a pointer to each. The stack reserve is an assumption of
every plan; the firmware build measures the stack and fails when it is larger.
"""

from verify.graph.graph import Graph
from verify.graph.plan import InputMode, Plan, Stage

ALIGNMENT = 8
"""Every buffer starts at a multiple of this, so that int32, float and double rows are aligned."""

STACK_BASE = 768
"""Bytes of stack for the generated functions and the deepest kernel below them."""

VIEW_BYTES = 12
"""A pointer and two counters: how a generated function hands one operand or result to a kernel, on the stack."""

TILE_VIEW_BYTES = 8
"""How much larger a view is for kernels that compute regions."""

REGION_BYTES = 16
"""First and last row and column that an operator computes in a step."""

POINTER_BYTES = 4
COUNTER_BYTES = 4


def state_bytes(inputs: int, mode: InputMode, by_frame: bool = False) -> int:
    """Size of the generated model struct for a network with so many inputs, whole or as the program of one frame."""
    pointers = 1 + (inputs if mode is InputMode.PATCHES else 0)
    counters = inputs + 1 + (3 if by_frame else 0)
    return pointers * POINTER_BYTES + counters * COUNTER_BYTES


def history_bytes(graph: Graph, plan: Plan) -> int:
    """Bytes of the arena that must survive from frame to frame: all frames of the tensors that are kept."""
    kept = {buffer.tensor: buffer.frames for buffer in plan.buffers if buffer.frames > 1}
    return sum(align(frames * graph.tensors[tensor].size_bytes) for tensor, frames in kept.items())


def stack_reserve(graph: Graph, stages: tuple[Stage, ...]) -> int:
    """Bytes of stack that a plan reserves.

    An operator with many results needs as many views at once; a stage that is split by columns holds the region of each
    of its operators, and its views are larger.
    """
    views = max((len(n.inputs) + len(n.outputs) for n in graph.nodes), default=0)
    split = [len(s.firings) for s in stages if s.columns > 1 or any(f.demand for f in s.firings)]
    regions = REGION_BYTES * max(split, default=0) + TILE_VIEW_BYTES * views * bool(split)
    return STACK_BASE + VIEW_BYTES * views + regions


def align(size: int) -> int:
    """`size` rounded up to the alignment."""
    return -(-size // ALIGNMENT) * ALIGNMENT
