"""What an operator's file needs of the interface: the questions (op.py), the data that they are asked and answered with
(parts.py), and answers to derive from (defaults.py)."""

from verify.graph.window import Padding
from verify.ops.defaults import CountsNoMacs, Defaults, MovesOnly, PadsNothing, unanswered
from verify.ops.op import FileOp, Op
from verify.ops.parts import (
    Apart,
    OperatorSource,
    OverCalls,
    OverFrames,
    Reordered,
    Shift,
    UnsupportedError,
    filled,
)

__all__ = [
    "Apart",
    "CountsNoMacs",
    "Defaults",
    "FileOp",
    "MovesOnly",
    "Op",
    "OperatorSource",
    "OverCalls",
    "OverFrames",
    "Padding",
    "PadsNothing",
    "Reordered",
    "Shift",
    "UnsupportedError",
    "filled",
    "unanswered",
]
