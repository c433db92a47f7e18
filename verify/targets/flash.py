"""Read-only memory of a model on a target: what its kernels store, and constants that are read like activations."""

from verify.graph.graph import Graph
from verify.targets.call import WORD_BYTES
from verify.targets.choice import Kernels


def constant_bytes(graph: Graph, kernels: Kernels) -> int:
    """Bytes of weights, tables, parameter structs and constant operands, each array from a word's boundary on.

    Code is not in it: it is the compiler's, and measured when firmware is built.
    """
    operands = {t for node in graph.nodes for t in node.inputs if graph.tensors[t].data is not None}
    stored = sum(-(-graph.tensors[t].size_bytes // WORD_BYTES) * WORD_BYTES for t in operands)
    return stored + sum(kernels[node.index].flash_bytes(node) for node in graph.nodes)
