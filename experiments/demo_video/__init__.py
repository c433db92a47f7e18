"""A video network from nothing to an emulated Cortex-M7, frame by frame, its bits those of the clip model."""
