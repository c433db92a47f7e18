"""Every supported model as firmware, layer by layer and streamed: the same bits as TFLM, on host and Cortex-M."""
