"""Quantization-aware training through `stjax.train`."""

from collections.abc import Callable, Mapping
from typing import Any

from jax import Array

from stjax.quant.config import QuantConfig
from stjax.quant.interceptor import fake_quantized
from stjax.train.network import Network, Variables


def quantization_aware(config: QuantConfig) -> Callable[[Network], Network]:
    """For `train_and_evaluate(..., wrap=quantization_aware(config))`: training and evaluation are fake-quantized."""

    def wrap(network: Network) -> Network:
        def init(key: Array, clip: Array) -> Variables:
            with fake_quantized(config):
                return network.init(key, clip)

        def apply(variables: Mapping[str, Any], clips: Array, train: bool, key: Array) -> tuple[Array, Variables]:
            with fake_quantized(config):
                return network.apply(variables, clips, train, key)

        return Network(init, apply)

    return wrap
