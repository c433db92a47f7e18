"""Which layer each operator belongs to, and tensor names that say it.

The converter names tensors after the places in the program that their operators came from, several joined by ";" where
it fused some. stjax's layers leave marks in them: "jit(f)/Net._face/stjax.block0/conv._face/stjax.block0.conv/add".
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from export.tflite.model import Model
from verify.tflite.schema import RawOperator, RawTensor

MARK = re.compile(r"stjax\.([^/;]+)")
"""As `stjax.nn.layer` writes it."""

_MOVING = frozenset({"CONCATENATION", "PAD", "PADV2", "RESHAPE", "SLICE", "SPLIT", "STRIDED_SLICE", "TRANSPOSE"})


def place_in(text: str) -> str | None:
    """The layer named in a tensor's name or a converter's message; None if there is none."""
    for segment in text.split(";"):
        if found := MARK.findall(segment):
            return found[-1]
    return None


def layer_places(model: Model) -> tuple[str | None, ...]:
    """The layer of each operator: out of its results' names, its constants', or that of who reads its result."""
    places: dict[int, str | None] = {}
    reader: dict[int, str | None] = {}
    for operator in reversed(model.operators):
        constants = [i for i in operator.inputs if i >= 0 and model.tensors[i].contents is not None]
        named = (place_in(model.tensors[i].name) for i in (*operator.outputs, *constants))
        place = next(filter(None, named), None) or next(filter(None, map(reader.get, operator.outputs)), None)
        places[operator.index] = place
        reader.update((i, place) for i in operator.inputs)
    return tuple(places[operator.index] for operator in model.operators)


def label(model: Model, operator: RawOperator) -> str:
    """An operator as messages name it: by layer, where there is one."""
    place = layer_places(model)[model.operators.index(operator)]
    if place is not None:
        return f'layer "{place}" ({operator.kind})'
    name = model.tensors[operator.outputs[0]].name if operator.outputs else ""
    return f'op {operator.index} "{name}" ({operator.kind})'


def with_layer_names(model: Model, known: Mapping[int, str]) -> Model:
    """Names tensors after layers: "block0.conv", "block0.conv/kernel", "block0.conv/pad".

    Args:
      known: names of some tensors, by position.

    Returns:
      The model; tensors of operators without a layer keep their names.
    """
    names = dict(known)
    taken = set(known.values())
    for operator, place in zip(model.operators, layer_places(model), strict=True):
        if place is None:
            continue
        for key, name in _wanted(model, operator, place).items():
            if key not in names:
                names[key] = _unique(name, taken)
    return model.with_tensors({key: _named(model.tensors[key], name) for key, name in names.items()})


def _wanted(model: Model, operator: RawOperator, place: str) -> dict[int, str]:
    parts = ("input", "kernel", "bias")
    constants = {
        key: f"{place}/{parts[position] if position < 3 and not _moves(operator) else 'argument'}"
        for position, key in enumerate(operator.inputs)
        if key >= 0 and model.tensors[key].contents is not None
    }
    result = f"{place}/{operator.kind.lower()}" if _moves(operator) else place
    return constants | dict.fromkeys(operator.outputs, result)


def _moves(operator: RawOperator) -> bool:
    return operator.kind in _MOVING


def _unique(name: str, taken: set[str]) -> str:
    found, count = name, 1
    while found in taken:
        found = f"{name}:{count}"
        count += 1
    taken.add(found)
    return found


def _named(tensor: RawTensor, name: str) -> RawTensor:
    return replace(tensor, name=name)
