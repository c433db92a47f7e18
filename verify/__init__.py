"""Streaming memory plans for int8 TensorFlow Lite models: read, plan, prove."""

__version__ = "0.1.0"
