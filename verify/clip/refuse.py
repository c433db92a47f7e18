"""Why a model has no program of one frame."""

from verify.graph.graph import Node


class NotAClipError(Exception):
    """The model has no program per frame that we can derive; the message names the operator that prevents it."""


def stands_against(node: Node, why: str) -> NotAClipError:
    return NotAClipError(f"{node.label}: {why}")
