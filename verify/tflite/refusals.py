"""Why operators are refused, and the way out, where the reason is larger than that one operator."""

from collections.abc import Sequence

from verify.tflite.errors import ModelError, Obstacle
from verify.tflite.schema import RawModel, RawOperator, RawTensor

_FLOATS = frozenset({"BFLOAT16", "FLOAT16", "FLOAT32", "FLOAT64"})

_FULL_INTEGER = "convert with full-integer post-training quantization (a representative data set, int8 builtins only)"

_LEFT_FLOAT = (
    "the converter kept it float, beside int8 operators; quantize it, too (no denylist, int8 builtins only), or leave"
    " it to the program around"
)

_DTYPES = {
    # Shifted by 128 they would be int8, but not the weights: less their own zero points, most layers' need nine bits.
    "UINT8": "uint8 activations are not supported beyond a QUANTIZE at the border (TFLM has no kernels for them, and "
    "weights less a uint8 zero point need nine bits); convert again with int8 activations",
}

_CONTROL_KINDS = frozenset({"CALL", "IF", "WHILE"})

_NO_INT8 = {
    "SQUARE": "MUL of the tensor with itself",
    "POW": "MUL of the tensor with itself",
    "NEG": "SUB from a constant zero, or MUL by -1",
    "SQRT": "MUL of the tensor with its RSQRT",
    "FLOOR_DIV": "DIV",
    **dict.fromkeys(
        (
            *("ATAN2", "CEIL", "COMPLEX_ABS", "CONV_3D", "CONV_3D_TRANSPOSE", "COS", "FLOOR", "FLOOR_MOD"),
            *("L2_POOL_2D", "LOCAL_RESPONSE_NORMALIZATION", "MULTINOMIAL", "REDUCE_PROD", "RFFT2D", "ROUND", "SIGN"),
            *("SEGMENT_SUM", "SIN", "UNIDIRECTIONAL_SEQUENCE_RNN", "BIDIRECTIONAL_SEQUENCE_LSTM", "RNN", "WHERE"),
        )
    ),
}
"""Operators that TFLite computes in float only, with what says the same in int8, if anything does.

Source: tensorflow/lite/kernels, the types that each operator's Prepare takes."""

_NO_INT8_IN_TFLM = ("EXP", "GELU", "LOG", "REVERSE_V2")
"""Operators that TFLite quantizes and TFLM does not run in int8."""

_ACCELERATORS = {
    "edgetpu-custom-op": "a Google Edge TPU (edgetpu_compiler)",
    "ethos-u": "an Arm Ethos-U (Vela)",
    "NeutronGraph": "an NXP Neutron (eIQ)",
    "vsi-npu": "a VeriSilicon NPU",
    "XC_": "an XMOS xcore (xmos-ai-tools)",
}
"""Custom operators that stand for what a compiler has made of other ones, by how their names begin."""

_CUSTOM, _SELECT = "CUSTOM ", "CUSTOM Flex"
_MOST_KINDS, _MOST_PLACES = 12, 4


def refused(model: RawModel, obstacles: Sequence[Obstacle]) -> ModelError:
    """The refusal of a model: the first operator that is a reason of its own, and a list of all."""
    first = min(obstacles, key=lambda obstacle: (_rank(model, obstacle), obstacle.index))
    message = f"{first.label}: {first.reason}"
    if len(obstacles) > 3 and len({obstacle.reason for obstacle in obstacles}) == 1:
        message += f"; the same holds for {len(obstacles) - 1} other operators"
    elif len(obstacles) > 1:
        message += f"; {len(obstacles)} operators are not supported: {_listed(obstacles)}"
    return ModelError(message, obstacles)


def _rank(model: RawModel, obstacle: Obstacle) -> int:
    """Where to begin: a compiled file is to be replaced whole; one float operator leaves others float beside it."""
    if _accelerator(obstacle.kind):
        return 0
    return 2 if _mixed(model) and _left_float(model, obstacle) and obstacle.kind not in _NO_INT8 else 1


def _left_float(model: RawModel, obstacle: Obstacle) -> bool:
    kinds = _activation_types(model, model.operators[obstacle.index])
    return bool(kinds) and kinds <= _FLOATS


def _listed(obstacles: Sequence[Obstacle]) -> str:
    """Kinds in the order of their first places, with those places."""
    places: dict[str, list[int]] = {}
    for obstacle in obstacles:
        places.setdefault(obstacle.kind, []).append(obstacle.index)
    shown = [f"{kind} ({_places(found)})" for kind, found in list(places.items())[:_MOST_KINDS]]
    return ", ".join(shown) + (" and others" if len(places) > _MOST_KINDS else "")


def _places(found: Sequence[int]) -> str:
    """op 3, ops 3 and 5, ops 3, 5, 6, 8 and 2 more."""
    shown, more = [str(index) for index in found[:_MOST_PLACES]], len(found) - _MOST_PLACES
    last = f"{more} more" if more > 0 else shown.pop() if len(shown) > 1 else ""
    return f"op{'s' if len(found) > 1 else ''} {', '.join(shown)}" + (f" and {last}" if last else "")


def unsupported_kind(model: RawModel, operator: RawOperator) -> str:
    """Why an operator that no class reads is refused."""
    if accelerator := _accelerator(operator.kind):
        return (
            f"the file is compiled for {accelerator}, and this operator holds what only that can run;"
            " bring the original, the .tflite file that the compiler was given"
        )
    if operator.kind.startswith(_SELECT):
        return (
            "this is an operator of TensorFlow itself (select TF ops), which TFLite for microcontrollers does not"
            " have; convert with builtins only, and replace what cannot be converted"
        )
    if operator.kind in _CONTROL_KINDS:
        return "control flow is not supported; convert the model with loops unrolled and branches resolved"
    reason = activation_dtype(model, operator)
    if reason and reason != _LEFT_FLOAT:
        return reason
    if operator.kind in _NO_INT8_IN_TFLM:
        return f"TensorFlow Lite Micro has no int8 kernel for {operator.kind}, and neither have we"
    return "this operator is not supported; docs/OPS.md lists those that are"


def activation_dtype(model: RawModel, operator: RawOperator) -> str | None:
    """The refusal for an operator whose activations all have an element type that we do not do; None if some fit."""
    kinds = _activation_types(model, operator)
    if not kinds or not kinds <= _FLOATS:
        return _DTYPES.get(kinds.pop()) if len(kinds) == 1 else None
    if any(tensor.dtype == "INT8" for tensor in _tensors(model, operator)):
        return f"float activations are not supported (int8 weights alone: dynamic range); {_FULL_INTEGER}"
    if not _mixed(model):
        return f"float activations are not supported; {_FULL_INTEGER}"
    if operator.kind in _NO_INT8:
        instead = _NO_INT8[operator.kind]
        way = f"say it in others: {instead}" if instead else "say it in others, or leave it to the program around"
        return f"TFLite has no int8 kernel for {operator.kind}, so the converter kept it float; {way}"
    if operator.kind in _NO_INT8_IN_TFLM:
        return (
            f"the converter kept it float, and TensorFlow Lite Micro has no int8 kernel for {operator.kind};"
            " say it in other operators, or leave it to the program around"
        )
    return _LEFT_FLOAT


def _accelerator(kind: str) -> str | None:
    """The machine whose compiler has made this operator, if one has."""
    name = kind.removeprefix(_CUSTOM) if kind.startswith(_CUSTOM) else ""
    return next((machine for begin, machine in _ACCELERATORS.items() if name.startswith(begin)), None)


def _mixed(model: RawModel) -> bool:
    """Whether some activations are int8: the model was quantized, if not all of it."""
    return any(tensor.dtype == "INT8" and tensor.contents is None for tensor in model.tensors)


def _activation_types(model: RawModel, operator: RawOperator) -> set[str]:
    return {tensor.dtype for tensor in _tensors(model, operator) if tensor.contents is None}


def _tensors(model: RawModel, operator: RawOperator) -> Sequence[RawTensor]:
    count = len(model.tensors)
    return [model.tensors[index] for index in operator.inputs + operator.outputs if 0 <= index < count]
