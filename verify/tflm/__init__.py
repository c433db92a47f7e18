"""The arena plans that TensorFlow Lite Micro itself follows: read and written in a .tflite, planned, and proved.

What proves them (`proof`) shares data with what makes them (`plan`), and nothing else.
"""
