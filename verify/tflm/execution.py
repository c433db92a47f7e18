"""RawModel -> Execution: the operators as TensorFlow Lite Micro runs them, whether or not we could run them.

Source of what takes memory: tensorflow/lite/micro/micro_allocation_info.cc. Constants and variables do not, as those
stay in the file and in the interpreter's own part of the arena.
"""

import math
from collections.abc import Callable

from verify.graph.tensor import DType
from verify.ops.registry import operators
from verify.tflite.errors import ModelError
from verify.tflite.schema import RawModel, RawOperator, RawTensor
from verify.tflm.arena_plan import Execution, Step, Storage

ELEMENT_BYTES = {dtype.name: dtype.size_bytes for dtype in DType} | {
    "UINT16": 2,
    "FLOAT16": 2,
    "UINT32": 4,
    "UINT64": 8,
    "FLOAT64": 8,
}


def read_execution(model: RawModel) -> Execution:
    """What running the first subgraph reads and writes.

    Raises:
      ModelError: an operator or the interface names a tensor that does not exist, a tensor is written twice or read
        before it is written, or an activation's size is not known from the file.
    """
    tensors: dict[int, Storage] = {}

    def taken(where: str, keys: tuple[int, ...]) -> tuple[int, ...]:
        """The activations among `keys`; -1 stands for an absent operand."""
        for key in keys:
            if not -1 <= key < len(model.tensors):
                raise ModelError(f"{where}: tensor {key} does not exist; the file has {len(model.tensors)}")
            if key >= 0 and key not in tensors and takes_memory(model.tensors[key]):
                tensors[key] = Storage(key, model.tensors[key].name, size_bytes(model.tensors[key]))
        return tuple(dict.fromkeys(key for key in keys if key in tensors))

    inputs = taken("network inputs", model.inputs)
    steps = tuple(_step(model, operator, taken) for operator in model.operators)
    outputs = taken("network outputs", model.outputs)
    workspaces = _workspaces(model, steps, inputs)
    written = {*inputs, *(key for step in steps for key in step.writes)}
    missing = [key for key in outputs if key not in written]
    if missing:
        raise ModelError(f"network outputs: no operator writes {model.tensors[missing[0]].label}")
    return Execution(tensors, steps, inputs, outputs, workspaces)


def takes_memory(tensor: RawTensor) -> bool:
    """Whether the interpreter gives the tensor bytes of its shared arena."""
    return tensor.contents is None and not tensor.variable and 0 not in tensor.shape


def size_bytes(tensor: RawTensor) -> int:
    """Bytes of an activation.

    Raises:
      ModelError: its element type has no size, a dimension is open, or its contents are in another file.
    """
    if tensor.external:
        raise ModelError(f"{tensor.label} is stored outside the flatbuffer; convert the model to one file below 2 GiB")
    if tensor.dtype not in ELEMENT_BYTES:
        raise ModelError(f"{tensor.label} has element type {tensor.dtype}, which has no known size in memory")
    if any(extent < 0 for extent in tensor.shape):
        raise ModelError(f"{tensor.label} has shape {list(tensor.shape)}; convert the model with fixed shapes")
    return math.prod(tensor.shape) * ELEMENT_BYTES[tensor.dtype]


def _step(model: RawModel, operator: RawOperator, taken: Callable[[str, tuple[int, ...]], tuple[int, ...]]) -> Step:
    first = operator.outputs[0] if operator.outputs else -1
    name = model.tensors[first].name if 0 <= first < len(model.tensors) else ""
    where = f'op {operator.index} "{name}" ({operator.kind})'
    reads, writes = taken(where, operator.inputs), taken(where, operator.outputs)
    known = operators().get(operator.kind)
    stays = known is not None and known.tflm_stays and len(writes) == 1 and operator.inputs[:1] == reads[:1] != ()
    same = stays and size_bytes(model.tensors[reads[0]]) == size_bytes(model.tensors[writes[0]])
    return Step(operator.index, operator.kind, name, reads, writes, same)


def _workspaces(model: RawModel, steps: tuple[Step, ...], inputs: tuple[int, ...]) -> frozenset[int]:
    """Tensors that are read and never written, after checking that the others are written once and first."""
    writer: dict[int, str] = dict.fromkeys(inputs, "the caller")
    for step in steps:
        for key in step.writes:
            if key in writer:
                raise ModelError(f"{step.label}: {writer[key]} writes {model.tensors[key].label} too; one may")
            writer[key] = step.label
    seen = set(inputs)
    for step in steps:
        for key in step.reads:
            if key in writer and key not in seen:
                text = f"{model.tensors[key].label} is read before {writer[key]} writes it"
                raise ModelError(f"{step.label}: {text}; operators must stand in execution order")
        seen.update(step.writes)
    return frozenset(key for step in steps for key in step.reads if key not in writer)
