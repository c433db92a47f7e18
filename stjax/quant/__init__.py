"""Quantization-aware training: int8 (or coarser) arithmetic simulated in float, with gradients.

From training to a model in int8:

    config = QuantConfig(weight_bits=8)
    result = train_and_evaluate(train_config, folder, wrap=quantization_aware(config))
    found = learned(result.variables, config)
    model = export.to_tflite(with_results(network), found.variables, clip, clips, grids=found.grids)
"""

from stjax.quant.config import QuantConfig
from stjax.quant.fake import Grid, Range, fake_quantize, fake_quantize_weights, grid_of
from stjax.quant.interceptor import fake_quantized
from stjax.quant.learned import Learned, learned, observe, with_results
from stjax.quant.network import quantization_aware

__all__ = [
    "Grid",
    "Learned",
    "QuantConfig",
    "Range",
    "fake_quantize",
    "fake_quantize_weights",
    "fake_quantized",
    "grid_of",
    "learned",
    "observe",
    "quantization_aware",
    "with_results",
]
