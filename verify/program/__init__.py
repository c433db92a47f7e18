"""The box between a proved plan and its C: `Program` (data), lowering, and stepping through one.

Imports graph, ops and targets only. What makes plans and what proves them are not needed to know what runs.
"""
