"""The claims, one sentence each. Reports and docs are generated from this table."""

CLAIMS: dict[str, tuple[str, str]] = {
    "C1": ("cover", "every row of every tensor is computed exactly once over all ticks (no gap, no overlap)"),
    "C2": ("available", "every row that is read has been computed before it is read, or is padding"),
    "C3": ("unclobbered", "no row is overwritten while a later read still needs it"),
    "C4": ("placed", "buffers that are alive together are disjoint, aligned, and inside the arena"),
    "C5": (
        "budget",
        "arena + state + kernel scratch + stack reserve fit the SRAM budget; weights fit the flash budget",
    ),
    "C7": ("padding", "a skipped padding position contributes exactly zero"),
    "C8": ("stream = clip", "each frame reads the frames before it, in order: streaming equals the clip model"),
}


def title(claim: str) -> str:
    return f"{claim} {CLAIMS[claim][0]}"
