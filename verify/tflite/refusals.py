"""Why an operator is refused, and the way out, where the reason is larger than that one operator."""

from collections.abc import Sequence

from verify.tflite.schema import RawModel, RawOperator, RawTensor

_FLOATS = frozenset({"BFLOAT16", "FLOAT16", "FLOAT32", "FLOAT64"})

_FULL_INTEGER = "convert with full-integer post-training quantization (a representative data set, int8 builtins only)"

_DTYPES = {
    "UINT8": "uint8 activations are not supported beyond a QUANTIZE at the border; convert again with int8 activations",
    "INT16": "int16 activations are not supported; convert again with int8 activations",
}

_STATE_KINDS = frozenset({"ASSIGN_VARIABLE", "CALL_ONCE", "READ_VARIABLE", "VAR_HANDLE"})

_CONTROL_KINDS = frozenset({"CALL", "IF", "WHILE"})


def unsupported_kind(model: RawModel, operator: RawOperator) -> str:
    """Why an operator that no class reads is refused."""
    if operator.kind in _STATE_KINDS:
        return (
            "variables that outlive a run are not supported; convert the model without state, over a whole clip,"
            " and let the planner keep the rows between frames"
        )
    if operator.kind in _CONTROL_KINDS:
        return "control flow is not supported; convert the model with loops unrolled and branches resolved"
    if reason := activation_dtype(model, operator):
        return reason
    return "this operator is not supported; docs/OPS.md lists those that are"


def activation_dtype(model: RawModel, operator: RawOperator) -> str | None:
    """The refusal for an operator whose activations all have an element type that we do not do; None if some fit."""
    activations = [tensor for tensor in _tensors(model, operator) if tensor.contents is None]
    kinds = {tensor.dtype for tensor in activations}
    if kinds and kinds <= _FLOATS:
        if any(tensor.dtype == "INT8" for tensor in _tensors(model, operator)):
            return f"float activations are not supported (int8 weights alone: dynamic range); {_FULL_INTEGER}"
        return f"float activations are not supported; {_FULL_INTEGER}"
    return _DTYPES.get(kinds.pop()) if len(kinds) == 1 else None


def _tensors(model: RawModel, operator: RawOperator) -> Sequence[RawTensor]:
    count = len(model.tensors)
    return [model.tensors[index] for index in operator.inputs + operator.outputs if 0 <= index < count]
