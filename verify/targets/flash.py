"""Read-only memory of a model on a target: what its kernels store, constants that are read like activations, and the
tables of the generated interface.
"""

from verify.graph.graph import Graph
from verify.targets.call import WORD_BYTES
from verify.targets.choice import Kernels

INPUT_WORDS, OUTPUT_WORDS = 3, 1
"""Of the generated tables: per input its bytes, its rows and an entry of the order of pushing, per output its bytes."""


def constant_bytes(graph: Graph, kernels: Kernels) -> int:
    """Bytes of weights, tables, parameter structs and constant operands, each array from a word's boundary on.

    Code is not in it, nor what options of the exporter add: the compiler decides, and the firmware build measures.
    """
    operands = {t for node in graph.nodes for t in node.inputs if graph.tensors[t].data is not None}
    stored = sum(-(-graph.tensors[t].size_bytes // WORD_BYTES) * WORD_BYTES for t in operands)
    tables = WORD_BYTES * (INPUT_WORDS * len(graph.inputs) + OUTPUT_WORDS * len(graph.outputs))
    return tables + stored + sum(kernels[node.index].flash_bytes(node) for node in graph.nodes)
