"""What the real plans show, as Markdown: SRAM, schemes, the refuted padding rule, and msf-CNN's points."""

from collections.abc import Iterable, Sequence

from experiments.streamnet_tables.figure import geometric_mean
from experiments.streamnet_tables.plans import EXACT, PAPER, RULE, X_LEVEL, Planned
from experiments.streamnet_tables.published import msf_cnn_points, printed
from experiments.streamnet_tables.tables import KIB, Reproduced
from verify.plan.published import Scheme


def points(plans: Iterable[Planned], model: str) -> list[tuple[int, int]]:
    """(bytes, multiply-accumulates) of one network's front, both as StreamNet counts."""
    return [(row.streamnet, row.macs) for row in plans if row.model == model and row.kind in ("front", "least")]


def problems(plans: Iterable[Planned]) -> list[str]:
    """What would contradict the claims: a plan that is not proved, or firmware with other bits."""
    found = []
    for row in plans:
        place = f"{row.model}, {row.kind}"
        if row.verdict != "proved" and not row.kind.endswith(RULE):
            found.append(f"{place}: {row.verdict}, {row.why}")
        if row.wrong or row.emulated:
            found.append(f"{place}: {row.wrong} output bytes differ on the host, {row.emulated} on the board")
        if row.kind == "least" and row.ratio != 1:
            found.append(f"{place}: {row.ratio} times the layer-wise multiply-accumulates")
    return found
