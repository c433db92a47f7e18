"""What a state holds before the first call, as one value."""

import numpy as np

from verify.clip.refuse import NotAClipError
from verify.graph.tensor import DType, Tensor


def first_value(values: np.ndarray, tensor: Tensor) -> int:
    """The stored value of all elements of a state before the first call: that of one byte, which all its bytes hold.

    Raises:
      NotAClipError: they differ.
    """
    found = np.unique(np.ascontiguousarray(values).view(np.uint8))
    if found.size > 1:
        raise NotAClipError(f'the state "{tensor.name}" begins with values that differ; all its bytes must be the same')
    value = values.reshape(-1)[0]
    return 0 if tensor.dtype is DType.FLOAT32 and not found[0] else int(value)
