"""From nothing to a video network that runs frame by frame on an emulated Cortex-M7, its bits those of the clip model."""
