"""Channels that a network can do without: what each channel can hold, and the network without those that are left out.

What claim C9 rests on. Which channels are left out is the planner's choice (verify.plan.left_out).
"""
