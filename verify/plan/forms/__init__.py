"""Forms of a stage, one file each: functions from a draft (verify.plan.draft) to another one.

layer        one operator, everything at once
rows         one operator more, all of them row by row
columns      the same rows, split by columns
late         operators that read only whole tensors wait for their readers
recomputing  operators that keep nothing and compute rows again
patches      the published schemes' patches, from the network's first operator on
"""
