"""A small int8 image classifier that this project makes itself, from Flax to .tflite."""
