"""What a network is worth on a microcontroller: accuracy in float, in int8 and on the device, and all that it costs.

A command: it puts stjax, exporter, planner and firmware together, and nothing of stjax imports it.
"""
