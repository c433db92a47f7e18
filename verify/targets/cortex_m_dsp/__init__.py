"""Kernels for Cortex-M with the DSP extension (M4, M7, M33, M55): two 16-bit products per instruction.

They are C with ACLE's operations (embedded/include/stj_dsp.h), which hosts have as plain C. What they do not compute,
the portable kernels do.
"""

from verify.targets.portable import TARGET as PORTABLE
from verify.targets.registry import kernels_in
from verify.targets.target import Target

TARGET = Target(
    "cortex-m-dsp",
    frozenset({"dsp"}),
    (*kernels_in(__path__, __name__), *PORTABLE.kernels),
    "Cortex-M4, M7, M33 with the DSP extension",
    channels=2,
)
