"""Kernels for Cortex-M with Helium (M55, M85): vectors of 128 bits. What they do not compute, the DSP kernels do."""

from verify.targets.cortex_m_dsp import TARGET as DSP
from verify.targets.registry import kernels_in
from verify.targets.target import Target

TARGET = Target(
    "cortex-m-mve",
    DSP.features | {"mve"},
    (*kernels_in(__path__, __name__), *DSP.kernels),
    "Cortex-M55, M85: Helium",
    channels=4,
)
