"""RawModel -> Graph: every operator built from its tensors in the file's order, then simplified (fold.py).

The file's order is the execution order; it is checked, not computed. Whatever the bytes are, the result is a Graph or
one ModelError.
"""

import dataclasses
import hashlib
from collections.abc import Callable
from typing import TypeVar

from verify.graph.graph import Graph, Node, State, without_unused
from verify.graph.tensor import Tensor
from verify.ops.base import FileOp, Op, OperatorSource, UnsupportedError
from verify.ops.float_table import STEPS, FloatTable
from verify.ops.registry import for_types, operators
from verify.ops.strided_slice import copy_of
from verify.tflite.batches import of_whole_images
from verify.tflite.errors import ModelError, Obstacle
from verify.tflite.fold import (
    absorb_paddings,
    constant_outputs,
    image_views,
    is_constant,
    is_identity,
    storage_shapes,
)
from verify.tflite.islands import with_tables
from verify.tflite.over_calls import added, check_variables, new_index, over_calls
from verify.tflite.refusals import activation_dtype, refused, unsupported_kind
from verify.tflite.schema import RawModel, RawOperator, parse
from verify.tflite.tensors import check_activation, check_sides, check_static, read_tensor
from verify.tflite.transposes import without_cancelling_transposes
from verify.tflite.variables import KINDS as STATE_KINDS
from verify.tflite.variables import Variables

MAX_WORK_BYTES = 256 * 2**20
"""Of constants that operators read or become, all together; a file can refer to one buffer any number of times."""

_Result = TypeVar("_Result")


def read_model(data: bytes, name: str, taken: int | str = 0) -> Graph:
    """Reads a .tflite file.

    Args:
      data: the file's bytes.
      name: what to call the model, usually the file's stem.
      taken: which of several subgraphs, by number or by the name of its signature.

    Raises:
      ModelError: if the file is damaged, or contains something that we cannot run exactly; it says where and why.
    """
    return build_graph(parse(data, taken), name, hashlib.sha256(data).hexdigest())


def build_graph(model: RawModel, name: str, sha256: str) -> Graph:
    """Builds and simplifies the graph of a model as found.

    Raises:
      ModelError: as `read_model`.
    """
    draft = drafted(model)
    if draft.obstacles:
        raise refused(model, draft.obstacles)
    return finished(model, draft, draft.interface(), name, sha256)


def drafted(model: RawModel) -> "Draft":
    """All operators of a model, those that are refused set apart.

    Raises:
      ModelError: what a network input says makes no sense, or is not supported.
    """
    draft = Draft(with_tables(model))
    draft.notes.extend(draft.model.notes[len(model.notes) :])
    for operator in draft.model.operators:
        draft.add(operator)
    return draft


def finished(model: RawModel, draft: "Draft", outputs: tuple[int, ...], name: str, sha256: str) -> Graph:
    """The graph of what was drafted, simplified. `outputs` are the storage keys of the model's outputs."""
    states = (*draft.variables.states(), *draft.states)
    ends = {*outputs, *(state.written for state in states)}
    nodes = without_unused(without_cancelling_transposes(draft.nodes, ends), outputs, states)
    nodes, notes = of_whole_images(nodes, ends)
    made = {key: shape for node in nodes for key, shape in zip(node.outputs, node.output_shapes, strict=True)}
    nodes = image_views(absorb_paddings(nodes, ends))
    used = {*model.inputs, *(key for node in nodes for key in node.inputs + node.outputs)}
    while more := {state.written for state in states if state.read in used} - used:  # states that are only passed on
        used |= more
    seen = [node for node in nodes if not node.slides_over_frames]  # such a view has more rows than there are
    shapes = storage_shapes(seen, {key: made.get(key, draft.known[key].shape) for key in used})
    # What leaves the network means what the file declares for it, even where its last view alone says so.
    declared = dict(zip(outputs, model.outputs, strict=True))
    meanings = {key: draft.known[declared.get(key, key)].quantization for key in used}
    return Graph(
        name=name,
        sha256=sha256,
        tensors={
            key: dataclasses.replace(draft.known[key], shape=shapes[key], quantization=meanings[key])
            for key in sorted(used)
        },
        nodes=tuple(nodes),
        inputs=model.inputs,
        outputs=outputs,
        input_shapes=tuple(draft.known[key].shape for key in model.inputs),
        output_shapes=tuple(draft.known[key].shape for key in model.outputs),
        subgraph=model.subgraph,
        notes=(*model.notes, *draft.notes, *notes),
        states=tuple(state for state in states if state.read in used),
        fills={key: value for key, value in draft.before.items() if key in used},
    )


class Draft:
    """A graph under construction.

    `known` are the tensors that have a value at this point of the execution, `storage` says whose bytes an alias
    stands for, `nodes` carry storage keys. `obstacles` are operators that are refused, not those that fail because they
    read one of the tensors `uncertain`, which a refused operator would have made constant.
    """

    def __init__(self, model: RawModel) -> None:
        self.model = model
        self.known: dict[int, Tensor] = {}
        self.storage: dict[int, int] = {}
        self.nodes: list[Node] = []
        self.notes: list[str] = []
        self.obstacles: list[Obstacle] = []
        self.uncertain: set[int] = set()
        self.variables = Variables(model, self.known, self.storage)
        self.states: list[State] = []
        self.before: dict[int, int] = {}
        self._work_bytes = 0
        self._written = {key: operator.index for operator in reversed(model.operators) for key in operator.outputs}
        for position, key in enumerate(model.inputs):
            self._add_input(position, key)

    def add(self, operator: RawOperator) -> None:
        """Builds the next operator, and decides whether it is a node, a constant or another name for its operand.

        One that is refused is an obstacle, and what follows is read as if its results were there.
        """
        kinds = operators()
        try:
            if operator.kind in STATE_KINDS:
                self.variables.add(operator)
            elif operator.kind not in kinds:
                raise ModelError(unsupported_kind(self.model, operator))
            else:
                table = STEPS in operator.options  # of several kinds, and so no class of one
                self._place(operator, FloatTable if table else kinds[operator.kind])  # pyright: ignore[reportArgumentType]
        except ModelError as error:
            if not self.uncertain.intersection(operator.inputs):
                label = self._label(operator)
                self.obstacles.append(Obstacle(operator.index, operator.kind, label, str(error)))
            self._assume(operator)

    def _assume(self, operator: RawOperator) -> None:
        """Takes the results of a refused operator for computed ones; what would be constant is not known."""
        count = len(self.model.tensors)
        constant = all(self._is_constant(key) or key in self.uncertain for key in operator.inputs if key >= 0)
        for key in operator.outputs:
            if 0 <= key < count and key not in self.known and not self._is_constant(key):
                try:
                    self.known[key] = read_tensor(self.model.tensors[key])
                except ModelError:
                    self.uncertain.add(key)
                if constant:
                    self.uncertain.add(key)

    def interface(self) -> tuple[int, ...]:
        """Storage keys of the network's outputs; of inputs and constants, and of what means two things, copies."""
        if not self.model.outputs:
            raise ModelError("the model has no outputs")
        found: list[int] = []
        meanings: dict[int, Tensor] = {}
        for position, key in enumerate(self.model.outputs):
            try:
                tensor = self._value(key)
            except ModelError as error:
                raise ModelError(f"network output {position}: {error}") from error
            storage = self.storage.get(key, key)
            given = storage in self.model.inputs or self.known[storage].data is not None
            # One tensor as two outputs is one buffer, seen twice, unless the file gives it two meanings.
            if given or meanings.setdefault(storage, tensor).quantization != tensor.quantization:
                storage = self._copied(storage, tensor)
            found.append(storage)
        return tuple(found)

    def _copied(self, storage: int, tensor: Tensor) -> int:
        """A tensor that the file does not have: a copy of another one, with the meaning that `tensor` has."""
        key, shape = added(self, tensor), tensor.shape
        op = copy_of(shape, tensor.dtype)
        self.nodes.append(Node(new_index(self), tensor.name, op, (storage,), (key,), (shape,), (shape,)))
        return key

    def _add_input(self, position: int, key: int) -> None:
        where = f"network input {position}"
        try:
            if not 0 <= key < len(self.model.tensors):
                raise ModelError(f"tensor {key} does not exist; the file has {len(self.model.tensors)}")
            raw = self.model.tensors[key]
            if key in self.known:
                raise ModelError(f"{raw.label} is listed twice; list it once")
            tensor = read_tensor(raw)
            if tensor.data is not None:
                raise ModelError(f"{raw.label} is constant; remove it from the inputs")
            if check_static(raw):
                self.notes.append(f"{raw.label} has an open batch; 1 is assumed")
            check_activation(raw, tensor)
            self.known[key] = tensor
        except ModelError as error:
            raise ModelError(f"{where}: {error}") from error

    def _place(self, operator: RawOperator, op_class: type[FileOp]) -> None:
        if not operator.outputs or len(set(operator.outputs)) != len(operator.outputs):
            raise ModelError("it has no outputs, or one of them twice")
        check_variables(self, operator, op_class.variables)
        inputs = tuple(self._operand(position, key) for position, key in enumerate(operator.inputs))
        outputs = tuple(self._output(key) for key in operator.outputs)
        source = OperatorSource(operator.kind, inputs, outputs, operator.options)
        self._charge(inputs)
        op = self._build(operator, op_class, source)
        if is_constant(op, source):
            outputs = _attempt(lambda: constant_outputs(op, source))
            self._charge(outputs)
        elif is_identity(op, source):
            operand = operator.inputs[op.operands[0]]
            self.storage[operator.outputs[0]] = self.storage.get(operand, operand)
        elif op.alias:
            raise ModelError("its output has another element type or size than its input; convert the model again")
        else:
            self.nodes += over_calls(self, operator, self._node(operator, op, source))
        self.known.update(zip(operator.outputs, outputs, strict=True))

    def _charge(self, tensors: tuple[Tensor | None, ...]) -> None:
        self._work_bytes += sum(t.size_bytes for t in tensors if t is not None and t.data is not None)
        if self._work_bytes > MAX_WORK_BYTES:
            raise ModelError(
                f"constants up to here add up to more than {MAX_WORK_BYTES // 2**20} MiB; that is not read"
            )

    def _build(self, operator: RawOperator, op_class: type[FileOp], source: OperatorSource) -> Op:
        try:
            op = _attempt(lambda: for_types(op_class, source).from_tflite(source))
        except UnsupportedError as error:
            raise ModelError(activation_dtype(self.model, operator) or str(error)) from error
        elements = frozenset(op.operands) | frozenset(op.unread)
        absent = [position for position in op.operands if source.inputs[position : position + 1] in ((), (None,))]
        if absent:
            raise ModelError(f"operand {absent[0]} is absent; it must be given")
        for position, tensor in enumerate(source.inputs + source.outputs):
            if tensor is None or tensor.data is not None:
                continue
            raw = self.model.tensors[tensor.index]
            check_activation(raw, tensor)
            if raw.variable:
                continue
            # An operator that reads no element at all asks for shapes only, and those are known.
            if op.operands and position < len(source.inputs) and position not in elements:
                raise ModelError(f"operand {position}: {raw.label} is computed while running; it must be a constant")
        return op

    def _node(self, operator: RawOperator, op: Op, source: OperatorSource) -> Node:
        keys = [operator.inputs[position] for position in op.operands]
        for tensor in (*(self.known[key] for key in keys), *source.outputs):
            check_sides(self.model.tensors[tensor.index].label, tensor.shape)
        return Node(
            index=operator.index,
            name=source.outputs[0].name,
            op=op,
            inputs=tuple(self.storage.get(key, key) for key in keys),
            outputs=operator.outputs,
            input_shapes=tuple(self.known[key].shape for key in keys),
            output_shapes=op.sees_results or tuple(tensor.shape for tensor in source.outputs),
        )

    def _operand(self, position: int, key: int) -> Tensor | None:
        if key == -1:
            return None  # how the file marks an optional operand as absent
        if key not in self.known and not self._is_constant(key) and not self._is_variable(key):
            raise ModelError(f"operand {position}: {self._missing(key)}")
        return self._value(key)

    def _value(self, key: int) -> Tensor:
        """A tensor that has a value at this point; constants and variables are read where they are used first."""
        if key not in self.known:
            if not self._is_constant(key) and not self._is_variable(key):
                raise ModelError(self._missing(key))
            self.known[key] = read_tensor(self.model.tensors[key])
        return self.known[key]

    def _is_constant(self, key: int) -> bool:
        return 0 <= key < len(self.model.tensors) and self.model.tensors[key].contents is not None

    def _is_variable(self, key: int) -> bool:
        return 0 <= key < len(self.model.tensors) and self.model.tensors[key].variable

    def _output(self, key: int) -> Tensor:
        if not 0 <= key < len(self.model.tensors):
            raise ModelError(f"its output, tensor {key}, does not exist; the file has {len(self.model.tensors)}")
        raw = self.model.tensors[key]
        if key in self.known:
            raise ModelError(f"it writes {raw.label}, which is a network input or written by another operator too")
        if raw.contents is not None or raw.variable:
            raise ModelError(
                f"it writes {raw.label}, which is {'constant' if raw.contents is not None else 'a variable'}"
            )
        return read_tensor(raw)

    def _missing(self, key: int) -> str:
        """Why a tensor has no value."""
        if not 0 <= key < len(self.model.tensors):
            return f"tensor {key} does not exist; the file has {len(self.model.tensors)}"
        label = self.model.tensors[key].label
        if key in self._written:
            return f"{label} is read before op {self._written[key]} writes it; operators must stand in execution order"
        return f"{label} has no value: no operator writes it, it is no network input and has no contents"

    def _label(self, operator: RawOperator) -> str:
        first = operator.outputs[0] if operator.outputs else -1
        name = f' "{self.model.tensors[first].name}"' if 0 <= first < len(self.model.tensors) else ""
        return f"op {operator.index}{name} ({operator.kind})"


def _attempt(build: Callable[[], _Result]) -> _Result:
    """Runs an operator's own code on values from the file, which may be nonsense that it does not expect."""
    try:
        return build()
    except (ModelError, UnsupportedError):
        raise
    except Exception as error:
        raise ModelError(f"its attributes or tensors make no sense ({type(error).__name__}: {error})") from error
