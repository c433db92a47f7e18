"""A stage by rows whose row ticks are split by columns: an inner loop over a few pixels."""

from dataclasses import replace

from verify.graph.tensor import Axis
from verify.plan.draft import Draft, begun
from verify.plan.forms.rows import followed
from verify.plan.uses import Uses


def columns(uses: Uses, draft: Draft, strip: int = 1, known: Draft | None = None) -> Draft | None:
    """The stage of which `strip` columns of the first source arrive in each column tick; None if it has none.

    `known` is this form of a shorter run from the same start, which need not be done again.
    """
    stream = known.columns if known else begun(uses, Axis.WIDTH, draft.fed, strip)
    for node in uses.graph.nodes[known.end if known else draft.start : draft.end]:
        if not stream or not uses.tiles(node):
            return None
        stream = followed(uses, stream, node)
    return replace(draft, columns=stream) if stream else None
