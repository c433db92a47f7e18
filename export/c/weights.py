"""The constants that convolutions and fully connected layers point to."""

import numpy as np

from export.c.call import Constant
from verify.ops.weights import Rescale

Fields = dict[str, str | int]


def weight_constants(
    prefix: str, weights: np.ndarray, bias: np.ndarray | None, rescale: Rescale
) -> tuple[Fields, tuple[Constant, ...]]:
    """Fields weights, bias (a null pointer where there is none), multiplier and shift, and the arrays they name."""
    arrays = {"weights": ("int8_t", weights), "bias": ("int32_t", bias)}
    arrays |= {"multiplier": ("int32_t", rescale.multiplier), "shift": ("int8_t", rescale.shift)}
    constants = tuple(
        Constant(f"{prefix}_{name}", ctype, values) for name, (ctype, values) in arrays.items() if values is not None
    )
    fields: Fields = {name: 0 if values is None else f"{prefix}_{name}" for name, (_, values) in arrays.items()}
    return fields, constants


def rescale_fields(input_zero_point: int, rescale: Rescale) -> Fields:
    """Fields for zero points and the output's range."""
    return {
        "in_zero_point": input_zero_point,
        "out_zero_point": rescale.zero_point,
        "out_min": rescale.low,
        "out_max": rescale.high,
    }
