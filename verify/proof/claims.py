"""The claims, one sentence each. Reports and docs are generated from this table."""

CLAIMS: dict[str, tuple[str, str]] = {
    "C1": ("cover", "every row is computed; twice only where the plan follows demand"),
    "C2": ("available", "every row that is read has been computed before, or is padding"),
    "C3": ("unclobbered", "no row is overwritten while a later read still needs it"),
    "C4": ("placed", "buffers alive together are disjoint, aligned, inside the arena"),
    "C5": ("budget", "arena + state + stack fit the SRAM, constants the flash; code is the build's to add"),
    "C6": ("arithmetic", "no accumulator, shift or rescaled value that matters leaves its integer type"),
    "C7": ("padding", "a skipped padding position contributes exactly zero"),
    "C8": ("over time", "each frame or call reads what those before it left, in order, as the model means"),
    "C9": ("left out", "a channel that is left out holds that value for every input, or nothing reads it"),
    "C10": ("in time", "no line of the camera finds the FIFO full, if instructions are as many as they are priced at"),
}


def title(claim: str) -> str:
    return f"{claim} {CLAIMS[claim][0]}"
