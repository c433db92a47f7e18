"""What counts as SRAM besides the arena. All sizes in bytes, for a 32-bit target.

The state is the generated `stj_model` struct: a pointer to the arena, the tick of the first stage, the count of rows
received per input, and for inputs that stay with the caller a pointer to each. The stack reserve is an assumption of every plan; the firmware
build measures the stack and fails when it is larger.
"""

from verify.graph.graph import Graph
from verify.graph.plan import InputMode

ALIGNMENT = 8
"""Every buffer starts at a multiple of this, so that int32, float and double rows are aligned."""

STACK_RESERVE = 1024
"""Bytes of stack that a plan reserves for the generated code and its kernels."""

POINTER_BYTES = 4
COUNTER_BYTES = 4


def state_bytes(inputs: int, mode: InputMode) -> int:
    """Size of the generated model struct for a network with so many inputs."""
    pointers = 1 + (inputs if mode is InputMode.PATCHES else 0)
    return pointers * POINTER_BYTES + (inputs + 1) * COUNTER_BYTES


def align(size: int) -> int:
    """`size` rounded up to the alignment."""
    return -(-size // ALIGNMENT) * ALIGNMENT


def weight_bytes(graph: Graph) -> int:
    """Bytes of flash for constants: what the operators store, and constant operands that are read like activations."""
    constants = {t for node in graph.nodes for t in node.inputs if graph.tensors[t].data is not None}
    return sum(node.op.weight_bytes for node in graph.nodes) + sum(graph.tensors[t].size_bytes for t in constants)
