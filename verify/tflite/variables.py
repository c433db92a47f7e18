"""Variables that outlive a run: VAR_HANDLE, READ_VARIABLE, ASSIGN_VARIABLE and CALL_ONCE as states of the graph.

None of the four is an operator of the graph. A variable that is read before it is assigned holds what the run before
left in it; in the first run, what a subgraph called once assigns, or else its zero point in all bytes.

Sources: tensorflow/lite/micro/kernels/var_handle.cc, read_variable.cc, assign_variable.cc, call_once.cc and
tensorflow/lite/micro/micro_resource_variable.cc.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from verify.graph.graph import State
from verify.graph.tensor import Tensor
from verify.tflite.errors import ModelError
from verify.tflite.schema import RawModel, RawOperator
from verify.tflite.tensors import check_activation, read_tensor

KINDS = frozenset({"ASSIGN_VARIABLE", "CALL_ONCE", "READ_VARIABLE", "VAR_HANDLE"})

Name = tuple[object, object]
"""Container and name; what has the same is the same variable, in all subgraphs."""


class Variables:
    """The variables of a subgraph, operator after operator.

    `known` and `storage` are the reader's: tensors that have a value, and whose bytes an alias stands for.
    """

    def __init__(self, model: RawModel, known: dict[int, Tensor], storage: dict[int, int]):
        self.model, self.known, self.storage = model, known, storage
        self._handles: dict[int, Name] = {}
        self._first: dict[Name, Tensor] = {}
        self._read: dict[Name, int] = {}
        self._now: dict[Name, int] = {}
        self._assigned = _names_assigned(model)

    def add(self, operator: RawOperator) -> None:
        """Takes in one operator of the four kinds.

        Raises:
          ModelError: it does what has no state of a graph.
        """
        if operator.kind == "VAR_HANDLE":
            self._handles[_only(operator.outputs)] = _name(operator)
        elif operator.kind == "CALL_ONCE":
            self._call(operator)
        elif operator.kind == "READ_VARIABLE":
            self._add_read(_only(operator.outputs), self._named(operator))
        else:
            self._add_assignment(operator, self._named(operator))

    def states(self) -> tuple[State, ...]:
        """What outlives a run."""
        found = []
        for name, read in self._read.items():
            tensor = self.known[read]
            if tensor.data is None:
                first = self._first.get(name)
                values = before_the_first(tensor) if first is None or first.data is None else first.data
                found.append(State(read, self._now.get(name, read), values.reshape(tensor.shape)))
        return tuple(found)

    def _call(self, operator: RawOperator) -> None:
        if self._read or self._now:
            raise ModelError("it comes after a variable is read or assigned; what is run once must come first")
        number = operator.options.get("init_subgraph_index")
        called = self.model.called.get(number) if isinstance(number, int) else None
        if called is None:
            raise ModelError(f"it calls subgraph {number}, which the file does not have")
        handles: dict[int, Name] = {}
        for other in called.operators:
            if other.kind == "VAR_HANDLE":
                handles[_only(other.outputs)] = _name(other)
                continue
            if other.kind != "ASSIGN_VARIABLE" or len(other.inputs) != 2 or other.inputs[0] not in handles:
                raise ModelError(
                    f"subgraph {called.subgraph} has {other.kind}; what is run once may assign constants only"
                )
            value = called.tensors[other.inputs[1]] if 0 <= other.inputs[1] < len(called.tensors) else None
            if value is None or value.contents is None:
                raise ModelError(f"subgraph {called.subgraph} assigns a value that is not constant to a variable")
            self._first[handles[other.inputs[0]]] = read_tensor(value)

    def _add_read(self, key: int, name: Name) -> None:
        raw = self.model.tensors[key]
        tensor = read_tensor(raw)
        check_activation(raw, tensor)
        if name in self._now or name in self._read:  # what was assigned in this run, or read already
            same = self._now.get(name, self._read.get(name, key))
            self._require_same(tensor, self.known[same])
            self.known[key], self.storage[key] = tensor, self.storage.get(same, same)
            return
        first = self._first.get(name)
        if first is not None:
            self._require_same(tensor, first)
        if name not in self._assigned:
            if first is None or first.data is None:
                raise ModelError(f'nothing assigns a value to the variable "{name[1]}"')
            tensor = replace(tensor, data=first.data.reshape(tensor.shape))  # it never changes
        self.known[key], self._read[name] = tensor, key

    def _add_assignment(self, operator: RawOperator, name: Name) -> None:
        key = operator.inputs[1] if len(operator.inputs) == 2 else -1
        if key not in self.known or self.known[key].data is not None:
            raise ModelError("it must assign what an operator before it computes")
        for other in (self._read.get(name), self._now.get(name)):
            if other is not None:
                self._require_same(self.known[key], self.known[other])
        self._now[name] = self.storage.get(key, key)

    def _named(self, operator: RawOperator) -> Name:
        handle = operator.inputs[0] if operator.inputs else -1
        if handle not in self._handles:
            raise ModelError("its first operand is no handle that a VAR_HANDLE before it gives")
        return self._handles[handle]

    def _require_same(self, tensor: Tensor, other: Tensor) -> None:
        if (tensor.dtype, tensor.size_bytes) != (other.dtype, other.size_bytes):
            found = f"{other.dtype.value} {list(other.shape)} and {tensor.dtype.value} {list(tensor.shape)}"
            raise ModelError(f"the variable is of two kinds: {found}")


def before_the_first(tensor: Tensor) -> np.ndarray:
    """What a variable holds before anything is assigned: the lowest byte of its zero point in each byte."""
    point = tensor.quantization.zero_point[0] if tensor.quantization and tensor.quantization.zero_point else 0
    return np.full(tensor.size_bytes, point & 0xFF, np.uint8).view(tensor.dtype.numpy)


def _names_assigned(model: RawModel) -> set[Name]:
    """Variables that some operator of the subgraph assigns."""
    handles = {key: _name(op) for op in model.operators if op.kind == "VAR_HANDLE" for key in op.outputs}
    assigning = [op for op in model.operators if op.kind == "ASSIGN_VARIABLE"]
    return {handles[op.inputs[0]] for op in assigning if op.inputs and op.inputs[0] in handles}


def _name(operator: RawOperator) -> Name:
    options: Mapping[str, object] = operator.options
    return options.get("container") or "", options.get("shared_name") or ""


def _only(keys: tuple[int, ...]) -> int:
    if len(keys) != 1:
        raise ModelError(f"it has {len(keys)} results; it must have one")
    return keys[0]
