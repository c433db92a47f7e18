"""Functions that the converter left float in an int8 network: DEQUANTIZE, some of them one after the other, QUANTIZE.

They become one operator, a table (verify.ops.float_table), in the place of the QUANTIZE. The DEQUANTIZE stays, for
other readers; without any, it is gone like all that nobody reads.
"""

import dataclasses
from collections import Counter
from collections.abc import Mapping

from verify.ops.float_table import EXACT, LIBRARY, STEPS
from verify.tflite.schema import RawModel, RawOperator

FUNCTIONS = EXACT.keys() | LIBRARY.keys()


def with_tables(model: RawModel) -> RawModel:
    """The model with such functions as operators of kind QUANTIZE from int8 to int8 that name them."""
    readers = Counter(key for operator in model.operators for key in operator.inputs)
    readers.update(model.outputs)
    makers = {key: operator for operator in model.operators for key in operator.outputs}
    tables: dict[int, RawOperator] = {}
    inside: set[int] = set()
    for last in model.operators:
        steps: list[RawOperator] = []
        place = last
        while last.kind == "QUANTIZE" and len(place.inputs) == 1:
            maker = makers.get(place.inputs[0])
            # Operators stand in execution order; whatever a damaged file says, this walk ends.
            if maker is None or maker.index >= place.index or len(maker.outputs) != 1:
                break
            if maker.kind == "DEQUANTIZE":
                if steps and len(maker.inputs) == 1:
                    options = {STEPS: tuple(step.kind for step in reversed(steps))}
                    tables[last.index] = dataclasses.replace(last, inputs=maker.inputs, options=options)
                    inside.update(step.index for step in steps)
                break
            if maker.kind not in FUNCTIONS or readers[place.inputs[0]] > 1 or not _is_float(model, maker):
                break
            steps.append(maker)
            place = maker
    kept = tuple(tables.get(operator.index, operator) for operator in model.operators if operator.index not in inside)
    return dataclasses.replace(model, operators=kept, notes=(*model.notes, _note(tables))) if tables else model


def _note(tables: Mapping[int, RawOperator]) -> str:
    places: dict[str, list[int]] = {}
    for index, table in tables.items():
        steps = table.options[STEPS]
        assert isinstance(steps, tuple)
        places.setdefault("+".join(steps), []).append(index)
    found = ", ".join(f"{steps} (before op {', '.join(map(str, at))})" for steps, at in places.items())
    return f"float between int8 operators, and computed by tables of int8, as TFLM would: {found}"


def _is_float(model: RawModel, operator: RawOperator) -> bool:
    """Whether it computes float32 of float32, and keeps the shape."""
    keys = (*operator.inputs, *operator.outputs)
    found = [model.tensors[key] for key in keys if 0 <= key < len(model.tensors)]
    return (
        len(found) == len(keys) == 2
        and {tensor.dtype for tensor in found} == {"FLOAT32"}
        and found[0].shape == found[1].shape
        and not operator.options.get("fused_activation_function")
    )
