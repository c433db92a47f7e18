"""SRAM and instructions of models of sequences beside TFLM's arena."""
