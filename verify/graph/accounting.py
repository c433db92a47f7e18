"""What counts as SRAM besides the arena. All sizes in bytes, for a 32-bit target.

The state is the generated `stj_model` struct: a pointer to the arena, the tick of the first stage, the count of rows
received per input, for a program per frame the frame's number, the frames until the next result and whether there is
one, and for inputs that stay with the caller a pointer to each. The stack depends on kernels (verify.targets.stack).
"""

from verify.graph.graph import Graph
from verify.graph.plan import InputMode, Plan

ALIGNMENT = 8
"""Every buffer starts at a multiple of this, so that int32, float and double rows are aligned."""

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


def align(size: int) -> int:
    """`size` rounded up to the alignment."""
    return -(-size // ALIGNMENT) * ALIGNMENT
