"""MCUNetV2's and StreamNet's schemes as their papers count them: multiply-accumulates, memory, choice of parameters.

These are accounts of plans, not plans: nothing here places a buffer that firmware would use. They exist to compare
like with like. The rules were found by reproducing the printed figures of the StreamNet paper (NeurIPS 2023, Tables 1
and 2); `experiments/streamnet_tables` checks that they still do.
"""

from verify.plan.published.macs import PaddingRule, count_macs
from verify.plan.published.memory import Memory, account_memory
from verify.plan.published.network import INPUT, Network, NotPublishableError, Parameters
from verify.plan.published.select import Costed, Scheme, parameters, select

__all__ = [
    "INPUT",
    "Costed",
    "Memory",
    "Network",
    "NotPublishableError",
    "PaddingRule",
    "Parameters",
    "Scheme",
    "account_memory",
    "count_macs",
    "parameters",
    "select",
]
