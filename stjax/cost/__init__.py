"""What a network costs, counted from its trace: MACs, FLOPs, parameters, activation bytes, by layer and in total."""

from stjax.cost.program import CostError
from stjax.cost.report import Cost, LayerCost, clip_cost, measure, step_cost

__all__ = ["Cost", "CostError", "LayerCost", "clip_cost", "measure", "step_cost"]
