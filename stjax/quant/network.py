"""Quantization-aware training through `stjax.train`."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jax import Array

from stjax.quant.config import QuantConfig
from stjax.quant.interceptor import fake_quantized

if TYPE_CHECKING:  # training needs more packages than this module does
    from stjax.train.network import Network


def quantization_aware(config: QuantConfig) -> "Callable[[Network], Network]":
    """For `train_and_evaluate(..., wrap=quantization_aware(config))`: training and evaluation are fake-quantized."""

    def wrap(network: "Network") -> "Network":
        def init(key: Array, clip: Array) -> dict[str, Any]:
            with fake_quantized(config):
                return network.init(key, clip)

        def apply(variables: Mapping[str, Any], clips: Array, train: bool, key: Array) -> tuple[Array, dict[str, Any]]:
            with fake_quantized(config):
                return network.apply(variables, clips, train, key)

        return replace(network, init=init, apply=apply)

    return wrap
