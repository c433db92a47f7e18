"""Multiply-accumulates and floating-point operations of one operation.

MACs are those of convolutions and matrix products, taps on padding included (as the planner counts them); everything
else has none. FLOPs are two per MAC, and one per result element of any other arithmetic.
"""

import math

from stjax.cost.program import Operation, Program

# One operation per element of the result.
ELEMENTWISE = {
    *("abs", "add", "and", "ceil", "clamp", "cos", "div", "eq", "erf", "exp", "exp2", "expm1", "floor", "ge", "gt"),
    *("integer_pow", "le", "log", "log1p", "logistic", "lt", "max", "min", "mul", "ne", "neg", "not", "or", "pow"),
    *("rem", "round", "rsqrt", "select_n", "sign", "sin", "sqrt", "square", "sub", "tan", "tanh", "xor", "add_any"),
}
# One operation per element of the input.
_REDUCTIONS = {"reduce_sum", "reduce_max", "reduce_min", "reduce_prod", "reduce_and", "reduce_or", "argmax", "argmin"}


def macs(program: Program, operation: Operation) -> int:
    """Multiply-accumulates, of all rounds of a loop and of the costliest branch of a condition."""
    if operation.bodies:
        return operation.times * max(sum(macs(body, inner) for inner in body.operations) for body in operation.bodies)
    values, outputs = program.values, operation.outputs
    if all(values[i].constant for i in outputs):
        return 0
    if operation.kind == "conv_general_dilated":
        kernel = values[operation.inputs[1]]
        features = kernel.shape[operation.params["dimension_numbers"].rhs_spec[0]]
        return values[outputs[0]].size * kernel.size // features
    if operation.kind == "dot_general":
        (contracted, _), _ = operation.params["dimension_numbers"]
        left = values[operation.inputs[0]]
        return values[outputs[0]].size * math.prod(left.shape[axis] for axis in contracted)
    return 0


def flops(program: Program, operation: Operation) -> int:
    """Floating-point operations, counted like `macs`."""
    if operation.bodies:
        return operation.times * max(sum(flops(body, inner) for inner in body.operations) for body in operation.bodies)
    values = program.values
    result = values[operation.outputs[0]]
    if result.constant:
        return 0
    if operation.kind in ELEMENTWISE:
        return result.size
    if operation.kind in _REDUCTIONS:
        return values[operation.inputs[0]].size
    if operation.kind.startswith("reduce_window"):
        return result.size * math.prod(operation.params["window_dimensions"])
    return 2 * macs(program, operation)
