"""Early exit and gating on whole recordings with pauses: accuracy against instructions saved on the device."""
