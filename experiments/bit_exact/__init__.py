"""Every supported model, layer by layer and streamed, as firmware: the same bits as TFLM, on the host and on Cortex-M."""
