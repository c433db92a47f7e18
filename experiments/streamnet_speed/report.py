"""The rows as Markdown: StreamNet's Table 3 in instructions, SRAM against instructions, and how good estimates are."""

from collections.abc import Iterable, Sequence

from experiments.streamnet_speed.run import BOARDS, SMALL, Row
from experiments.streamnet_tables.figure import geometric_mean
from experiments.streamnet_tables.published import MODELS, latency_ms, printed
from experiments.streamnet_tables.report_plans import table
from experiments.streamnet_tables.tables import KIB
from verify.plan.published import Scheme
from verify.plan.request import WORTH

FAST_SHARE, SMALL_SHARE = 0.45, 0.33
"""Aims for geometric means of SRAM over StreamNet-2D's."""

POINTS = ("least", "small", "fast")

OFF = 0.05
"""Of the counted instructions an estimate may be off by so much."""

Rows = dict[tuple[str, str, str], Row]
"""By network, target and kind."""


def line(row: Row) -> str:
    """One row as it was measured, for whoever waits."""
    counted = "not run" if row.counted is None else f"{row.counted:,} instructions in {row.seconds} s"
    estimated = "" if row.estimated is None else f", {row.estimated:,} estimated"
    return f"{row.model} {row.target} {row.kind}: {row.sram:,} bytes, {counted}{estimated}"


def by_key(rows: Iterable[Row]) -> Rows:
    return {(row.model, row.target, row.kind): row for row in rows}


def streamnet_bytes(model: str) -> float:
    """StreamNet-2D's memory as Table 1 prints it."""
    (figure,) = (f for f in printed(model) if (f.table, f.scheme, f.quantity) == (1, Scheme.STREAM_2D, "memory"))
    return float(figure.digits) * KIB


def speedups(rows: Rows, target: str, scheme: Scheme) -> dict[str, tuple[float, float]]:
    """By network, how many times fewer instructions than `patch` a scheme takes, and the paper's speedup."""
    found = {}
    for model in MODELS:
        base, other = (rows.get((model, target, kind)) for kind in ("patch", scheme.value))
        if base and other:
            paper = latency_ms(model)
            found[model] = base.instructions / other.instructions, paper[Scheme.PATCH] / paper[scheme]
    return found


def markdown(rows: Sequence[Row]) -> str:
    found = by_key(rows)
    lines = ["# Instructions and SRAM of the ten networks of StreamNet's tables", ""]
    for target in BOARDS:
        own = [model for model in MODELS if any(key[:2] == (model, target) for key in found)]
        if not own:
            continue
        lines += [f"## {target}, on {BOARDS[target]}", ""]
        if any((model, target, "patch") in found for model in own):
            lines += _third(found, target, own)
        lines += [*_points(found, target, own), *_streams(found, target, own)]
    return "\n".join([*lines, *_estimates(rows)])


def _third(rows: Rows, target: str, models: Sequence[str]) -> list[str]:
    header = ["network", "n_patch, split", "patch", "stream-1d", "stream-2d", "1d speedup", "paper", "2d speedup"]
    header += ["paper", "layer by layer", "ours, least SRAM", "ours, fast", "SRAM patch / 2d / layer / least / fast"]
    kinds = ("patch", "stream-1d", "stream-2d", "layer", "least", "fast")
    one, two = (speedups(rows, target, scheme) for scheme in (Scheme.STREAM_1D, Scheme.STREAM_2D))
    cells = []
    for model in models:
        own = [rows.get((model, target, kind)) for kind in kinds]
        if not all(own[:3]):
            continue
        place = next(f.parameters for f in printed(model) if f.table == 2)
        row = [model, f"{place.n_patch}, {place.split}", *map(_millions, own[:3])]
        row += [f"{x:.2f}" for pair in (one[model], two[model]) for x in pair]
        row += [
            *map(_millions, own[3:]),
            " / ".join("-" if r is None else f"{r.sram:,}" for r in own if r is not own[1]),
        ]
        cells.append(row)
    means = [f"{geometric_mean(x):.2f}" for s in (one, two) for x in zip(*s.values(), strict=True)]
    cells.append(["geometric mean", "", "", "", "", *means, "", "", "", ""])
    return [
        "### StreamNet's Table 3 in executed instructions",
        "",
        *table(header, cells),
        "",
        "Million instructions of one inference; SRAM in bytes, everything counted, but the image of patch schemes",
        "stays with the caller. Patch schemes: parameters of Table 2, exact padding (the paper's own rule gives wrong",
        "outputs), our kernels; layers after the split run one by one, as in the paper. Its speedups are of",
        "milliseconds on a Cortex-M7 with its own kernels. Our own plans, layer by layer among them, leave out",
        "channels that hold one value for every input; patch schemes do not.",
        "",
    ]


def _points(rows: Rows, target: str, models: Sequence[str]) -> list[str]:
    header = ["network", "StreamNet-2D"]
    header += [f"{kind}, {what}" for kind in POINTS for what in ("SRAM", "/ printed", "M instructions")]
    header += ["small / fast", "scratch, least / small / fast"]
    cells, ratios = [], []
    for model in models:
        own = [row for kind in POINTS if (row := rows.get((model, target, kind)))]
        if len(own) < len(POINTS):
            continue
        size, (_, small, fast) = streamnet_bytes(model), own
        more = small.instructions / fast.instructions
        ratios.append([*(row.sram / size for row in own), more])
        points = [text for row in own for text in (f"{row.sram:,}", f"{row.sram / size:.3f}", _millions(row))]
        scratch = " / ".join(f"{row.scratch:,}" for row in own)
        cells.append([model, f"{size:,.0f}", *points, f"{more:.2f}", scratch])
    if not ratios:
        return []
    least, small, fast, more = (f"{geometric_mean(column):.3f}" for column in zip(*ratios, strict=True))
    cells.append(["geometric mean", "", "", least, "", "", small, "", "", fast, "", more, ""])
    return [
        "### SRAM: points of each network",
        "",
        *table(header, cells),
        "",
        "least: the least SRAM found (`--scheme auto`), and among equals fewer instructions. small and fast: the least",
        f"SRAM within {SMALL} and {WORTH} times the fewest estimated instructions. Bytes of arena, kernels' working",
        "memory included, state and stack; no more multiply-accumulates than layer by layer: what some plans compute",
        "again, channels that are left out have saved. StreamNet-2D: Table 1's figure, which counts neither image nor",
        f"stack. The aims are geometric means of {FAST_SHARE} (fast), and {SMALL_SHARE} at no more than {SMALL} times",
        "the fast one's instructions (small).",
        "",
    ]


def _streams(rows: Rows, target: str, models: Sequence[str]) -> list[str]:
    header = ["network", "layer by layer", "by rows", "ratio", "SRAM, layer by layer", "SRAM, by rows"]
    cells = []
    for model in models:
        layer, stream = (rows.get((model, target, kind)) for kind in ("layer", "stream"))
        if layer and stream:
            ratio = stream.instructions / layer.instructions
            sizes = [f"{layer.sram:,}", f"{stream.sram:,}"]
            cells.append([model, _millions(layer), _millions(stream), f"{ratio:.3f}", *sizes])
    if not cells:
        return []
    return ["### Streaming by whole rows", "", *table(header, cells), "", "Million instructions, and bytes.", ""]


def _estimates(rows: Sequence[Row]) -> list[str]:
    off = {row: row.estimated / row.counted - 1 for row in rows if row.counted and row.estimated is not None}
    if not off:
        return []
    worst = max(off, key=lambda row: abs(off[row]))
    within = sum(abs(x) <= OFF for x in off.values())
    guessed = [f"{r.model} {r.target} {r.kind}" for r in rows if r.counted is None]
    return [
        "## Estimates",
        "",
        f"Of {len(off)} plans that were run, {within} were estimated within {OFF:.0%}; the worst, {worst.model}",
        f"{worst.kind} for {worst.target}, was off by {off[worst]:+.1%}. " + _guessed(guessed),
        "",
    ]


def _guessed(names: Sequence[str]) -> str:
    return f"Marked ~, not run: {', '.join(names)}." if names else "All were run."


def _millions(row: Row | None) -> str:
    if row is None:
        return "-"
    return f"{'~' if row.counted is None else ''}{row.instructions / 1e6:,.2f}"


def problems(rows: Sequence[Row]) -> list[str]:
    """What would contradict the claims: firmware that breaks its plan, or outputs that differ between plans."""
    found = [f"{row.model}, {row.target}, {row.kind}: {problem}" for row in rows for problem in row.problems]
    for model in dict.fromkeys(row.model for row in rows):
        outputs = {row.output_sha256: f"{row.target} {row.kind}" for row in rows if row.model == model and row.counted}
        if len(outputs) > 1:
            found.append(f"{model}: outputs differ, see {' and '.join(outputs.values())}")
    return found
