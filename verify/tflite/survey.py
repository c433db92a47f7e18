"""What each operator of a file becomes when it is read, also of a model that is refused."""

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from verify.graph.graph import Graph
from verify.tflite.errors import ModelError
from verify.tflite.read import Draft, build_graph, drafted, finished
from verify.tflite.schema import RawModel, RawOperator, parse
from verify.tflite.variables import KINDS

CONSTANT = "a constant"
RENAMED = "another name"
MERGED = "part of a reader, or not read"
STATE = "state from call to call"
FOLLOWS = "reads a refused one's constant"
UNSEEN = "not looked at"


@dataclass(frozen=True, eq=False)
class Survey:
    """Operators as found, and what was made of them.

    Args:
      model: the file's network.
      graph: of the operators that are read; of a refused model, what refused ones give are inputs. None where its own
        inputs are refused.
      refusal: why the model is refused, if it is.
      gone: what became of operators that are no nodes of the graph, by index; the reason, where one is refused.
    """

    model: RawModel
    graph: Graph | None
    refusal: ModelError | None
    gone: Mapping[int, str]


def survey(data: bytes, name: str, taken: int | str = 0) -> Survey:
    """Reads a file as `read_model` does, and goes on where an operator is refused.

    Raises:
      ModelError: the file is damaged.
    """
    model = parse(data, taken)
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        draft = drafted(model)
    except ModelError as error:
        return Survey(model, None, error, {operator.index: UNSEEN for operator in model.operators})
    try:
        graph, refusal = build_graph(model, name, sha256), None
    except ModelError as error:
        graph, refusal = _of_what_is_read(draft, name, sha256), error
    nodes = graph.by_index
    gone = {o.index: _became(draft, o) for o in model.operators if o.index not in nodes}
    return Survey(model, graph, refusal, gone | {o.index: o.reason for o in draft.obstacles})


def _of_what_is_read(draft: Draft, name: str, sha256: str) -> Graph:
    made = {key for node in draft.nodes for key in node.outputs}
    read = dict.fromkeys(key for node in draft.nodes for key in node.inputs)
    lacking = [key for key in read if key not in made and draft.known[key].data is None]
    inputs = tuple(dict.fromkeys((*draft.model.inputs, *lacking)))
    outputs = tuple(sorted(made - read.keys()))
    model = dataclasses.replace(draft.model, inputs=inputs, outputs=outputs)
    return finished(model, draft, outputs, name, sha256)


def _became(draft: Draft, operator: RawOperator) -> str:
    """Of an operator that is no node and no obstacle."""
    if draft.uncertain.intersection(operator.inputs):
        return FOLLOWS
    if operator.kind in KINDS:
        return STATE
    if any(key in draft.storage for key in operator.outputs):
        return RENAMED
    known = [draft.known.get(key) for key in operator.outputs]
    return CONSTANT if all(tensor is not None and tensor.data is not None for tensor in known) else MERGED
