"""Exact simplifications of a converted model."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from export.tflite.errors import ConversionError
from export.tflite.layers import label
from export.tflite.model import Model
from verify.tflite.schema import RawOperator


def without_transposes(model: Model) -> Model:
    """Makes each TRANSPOSE that moves no data, since it only moves axes of extent 1, a RESHAPE.

    Raises:
      ConversionError: if another TRANSPOSE is left.
    """
    operators = []
    for operator in model.operators:
        if operator.kind == "TRANSPOSE":
            source, permutation = (model.tensors[index] for index in operator.inputs)
            order = _integers(permutation.contents)
            if not _keeps_order(source.shape, order):
                raise ConversionError(
                    f"{label(model, operator)} moves {source.shape} by the permutation {tuple(order)}: that costs a "
                    "copy and hides time from the planner; keep channels last and time first"
                )
            operator = replace(
                operator, kind="RESHAPE", inputs=operator.inputs[:1], options=_new_shape(model, operator)
            )
        operators.append(operator)
    return replace(model, operators=tuple(operators))


def with_outputs(model: Model, outputs: Sequence[int]) -> Model:
    """The model with these outputs, without the operators that they do not need."""
    needed, kept = set(outputs), []
    for operator in reversed(model.operators):
        if needed.intersection(operator.outputs):
            kept.append(operator)
            needed.update(operator.inputs)
    return replace(model, operators=tuple(reversed(kept)), outputs=tuple(outputs))


def compact(model: Model) -> Model:
    """The model without tensors that nothing refers to; tensors and operators are numbered anew, in their order."""
    used = {*model.inputs, *model.outputs}
    used.update(key for operator in model.operators for key in (*operator.inputs, *operator.outputs))
    numbers = {key: place for place, key in enumerate(sorted(used - {-1}))}
    return Model(
        tensors=tuple(replace(model.tensors[key], index=place) for key, place in numbers.items()),
        operators=tuple(_renumbered(operator, place, numbers) for place, operator in enumerate(model.operators)),
        inputs=tuple(numbers[key] for key in model.inputs),
        outputs=tuple(numbers[key] for key in model.outputs),
        versions=model.versions,
    )


def _renumbered(operator: RawOperator, place: int, numbers: dict[int, int]) -> RawOperator:
    inputs, outputs = (tuple(numbers.get(key, -1) for key in keys) for keys in (operator.inputs, operator.outputs))
    return replace(operator, index=place, inputs=inputs, outputs=outputs)


def _new_shape(model: Model, operator: RawOperator) -> dict[str, object]:
    return {"new_shape": model.tensors[operator.outputs[0]].shape}


def _keeps_order(shape: tuple[int, ...], order: Sequence[int]) -> bool:
    moved = [axis for axis in order if shape[axis] > 1]
    return moved == sorted(moved)


def _integers(contents: np.ndarray | None) -> list[int]:
    return [] if contents is None else np.frombuffer(contents.tobytes(), np.int32).tolist()
