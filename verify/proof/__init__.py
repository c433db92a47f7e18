"""The checker: claims about a plan as solver obligations, derived from the model and the plan file alone.

Never imports verify.plan: what the planner believes is not evidence.
"""
