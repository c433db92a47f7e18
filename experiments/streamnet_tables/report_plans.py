"""What the real plans show, as Markdown: SRAM, schemes, the refuted padding rule, and msf-CNN's points."""

import itertools
from collections.abc import Iterable, Sequence

from experiments.streamnet_tables.figure import geometric_mean
from experiments.streamnet_tables.plans import EXACT, LEAST, MSF, ONCE, OURS, PAPER, RULE, X_LEVEL, Planned
from experiments.streamnet_tables.published import msf_cnn_points, printed
from experiments.streamnet_tables.tables import KIB, Reproduced
from verify.plan.published import Scheme


def points(plans: Iterable[Planned], model: str) -> list[tuple[int, int]]:
    """(bytes, multiply-accumulates) of one network's front, both as StreamNet counts."""
    return [(row.streamnet, row.macs) for row in plans if row.model == model and row.kind in ("front", ONCE)]


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]


def problems(plans: Iterable[Planned]) -> list[str]:
    """What would contradict the claims: a plan that is not proved, or firmware with other bits."""
    found = []
    for row in plans:
        place = f"{row.model}, {row.kind}"
        if row.verdict != "proved" and not row.kind.endswith(RULE):
            found.append(f"{place}: {row.verdict}, {row.why}")
        if row.wrong or row.emulated:
            found.append(f"{place}: {row.wrong} output bytes differ on the host, {row.emulated} on the board")
        if row.kind in (ONCE, LEAST) and row.ratio > 1:
            found.append(f"{place}: {row.ratio} times the layer-wise multiply-accumulates")
    return found


def markdown(cells: Sequence[Reproduced], plans: Sequence[Planned]) -> list[str]:
    """All sections about real plans."""
    if not plans:
        return []
    return [*_least(cells, plans), *_schemes(plans), *_padding(plans), *_msf_cnn(plans)]


def _streamnet_bytes(cells: Iterable[Reproduced], model: str) -> tuple[float, float]:
    """StreamNet-2D's memory as printed, and put right; bytes."""
    (cell,) = (
        c
        for c in cells
        if (c.printed.model, c.printed.table, c.printed.scheme, c.printed.quantity)
        == (model, 1, Scheme.STREAM_2D, "memory")
    )
    return float(cell.printed.digits) * KIB, float(cell.exact) * KIB


def _least(cells: Sequence[Reproduced], plans: Sequence[Planned]) -> list[str]:
    sizes, checks, ratios = [], [], []
    for model in _models(plans):
        ours = [_one(plans, model, kind) for kind in OURS]
        shares = [[row.sram / size for size in _streamnet_bytes(cells, model)] for row in ours]
        ratios.append([share for pair in shares for share in pair])
        row = [model]
        for plan, pair in zip(ours, shares, strict=True):
            row += [f"{plan.sram:,}", *(f"{share:.3f}" for share in pair), f"{plan.ratio:.3f}"]
        sizes.append(row)
        instructions = ["-" if plan.instructions is None else f"{plan.instructions / 1e6:.1f}" for plan in ours]
        row = [model, " / ".join(f"{plan.arena:,}" for plan in ours), " / ".join(map(_gap, ours))]
        row.append(" / ".join("-" if plan.least is None else f"{plan.least:,}" for plan in ours))
        row += [" / ".join(instructions), _verdicts(*ours), " / ".join(f"{plan.obligations:,}" for plan in ours)]
        row += [_seconds(ours, "plan_seconds"), _seconds(ours, "proof_seconds"), _bits(*ours)]
        checks.append([*row, " / ".join(str(plan.emulated) for plan in ours)])
    means = [f"{geometric_mean(column):.3f}" for column in zip(*ratios, strict=True)]
    each = [["", *means[k : k + 2], ""] for k in (0, 2, 4)]
    sizes.append(["geometric mean", *itertools.chain(*each)])
    header = ["network", *("nothing twice", "/ printed", "/ put right", "MACs")]
    header += [
        *("no more MACs", "/ printed", "/ put right", "MACs"),
        *("at <= 1.10", "/ printed", "/ put right", "MACs"),
    ]
    second = ["network", "arena", "over bound", "searched", "instructions, M", "proof", "obligations"]
    return [
        "## Ours: `--scheme auto`, input by rows, proved and run",
        "",
        *table(header, sizes),
        "",
        *table([*second, "plan, s", "prove, s", "host", "mps2-an500"], checks),
        "",
        "SRAM in bytes, everything counted: arena, state, stack. `printed` and `put right` are StreamNet-2D's",
        "Table 1 above, which counts neither input image nor stack. Channels that no input changes are left out.",
        "`nothing twice` is `--once`; `no more MACs` is the default, which computes rows again up to the MACs that",
        "these channels would have taken; `MACs` are over those of the model file layer by layer. `bound`: bytes that",
        "live at once in the plan's own order; the arena is so much larger. `searched`: no choice of stages that was",
        "searched has a smaller arena, however its buffers are placed. Instructions are estimates of the portable",
        "kernels on a Cortex-M7. Seconds are of processor time. `host`, `mps2-an500`: output bytes of the generated",
        "firmware that differ from TFLM's and from our references', for one input. a / b / c: in the order of the",
        "first table.",
        "",
    ]


def _schemes(plans: Sequence[Planned]) -> list[str]:
    rows = []
    for model in _models(plans):
        found = [_one(plans, model, scheme) for scheme in EXACT]
        place = _place(model)
        cells = [f"{row.sram:,} at {row.ratio:.2f}" for row in found]
        ran = [row for row in found if row.wrong is not None]
        bits = _bits(*ran) if ran else "-"
        board = [row.emulated for row in found if row.emulated is not None]
        verdicts = _verdicts(*found)
        rows.append([model, place, *cells, verdicts, bits, " / ".join(map(str, board)) or "-"])
    return [
        "## The published schemes as real plans, with the parameters of Table 2",
        "",
        *table(["network", "n_patch, split", *EXACT, "proof", "host", "mps2-an500"], rows),
        "",
        "SRAM in bytes (everything counted, the image stays with the caller) at MACs over the layer-wise ones. The",
        "operators after the split run layer by layer, as in the papers, and often decide the SRAM.",
        f"`streamnet` keeps columns of the last {X_LEVEL} operators (the paper gives no level here). `patch-bypass` is",
        "the plan of `patch`: our kernels never compute what lies outside the image. `host`, `mps2-an500`: output",
        "bytes that differ, for each scheme; - where that was not run.",
        "",
    ]


def _padding(plans: Sequence[Planned]) -> list[str]:
    rows = []
    for model in _models(plans):
        for scheme in PAPER:
            paper, exact = (_one(plans, model, scheme + suffix) for suffix in (RULE, ""))
            rows.append(
                [model, _place(model), scheme, paper.verdict, exact.verdict, paper.why.replace("|", "/") or "-"]
            )
    count = {scheme: sum(r[2] == scheme and r[3] == "refuted" for r in rows) for scheme in PAPER}
    return [
        "## The paper's padding rule, checked",
        "",
        *table(["network", "n_patch, split", "scheme", "paper's rule", "exact rule", "counterexample"], rows),
        "",
        f"Refuted: {', '.join(f'{scheme} on {number}' for scheme, number in count.items())} of {len(_models(plans))}.",
        "Claimed is that only the first and the last patch of an axis read padding. Patches whose receptive field",
        "leaves the image earlier break it: at the start where overlaps are computed again, at the end in",
        "stream-2d too, where early operators run ahead of the patch.",
        "",
    ]


def _msf_cnn(plans: Sequence[Planned]) -> list[str]:
    rows = []
    for name, entry in msf_cnn_points().items():
        model = entry["zoo"]
        front = [row for row in plans if row.model == model and row.kind == "front"]
        if not front:
            continue
        for size, factor in entry["points"]:
            kinds = ("front", f"{MSF}{factor}")
            ours = [row for row in plans if row.model == model and row.kind in kinds and row.ratio <= factor]
            best = min(ours or front, key=lambda row: (row.msf, row.ratio))
            below = best.msf < size and best.ratio <= factor
            mark = (
                "below" if below else f"**not below**; no arena below {best.least:,}" if best.least else "**not below**"
            )
            rows.append([name, model, f"{size:,}", f"{factor:.2f}", f"{best.msf:,}", f"{best.ratio:.2f}", mark])
    differs = [e["zoo"] for e in msf_cnn_points().values() if not e["same_network"]]
    return [
        "## msf-CNN's published points, and ours in its count",
        "",
        *table(["msf-CNN's network", "ours", "bytes", "MACs over layer-wise", "our bytes", "MACs", ""], rows),
        "",
        "Peak bytes without the network's input and final output. `below`: fewer bytes at no more MACs, each over the",
        "network's own layer-wise ones. `no arena below`: no choice of stages within so many MACs that was searched,",
        "the input with the caller, has a smaller one. Its cost model has no allocator; ours are bytes of a real",
        f"arena. Its MBV2-w0.35 is not the zoo's {', '.join(differs)}: {_difference()}.",
        "So those lines compare two networks, ours the larger one. The others are the same, up to classifier and",
        "shortcuts.",
        "",
    ]


def _difference() -> str:
    return "; ".join(entry["difference"] for entry in msf_cnn_points().values() if not entry["same_network"])


def _models(plans: Iterable[Planned]) -> list[str]:
    return list(dict.fromkeys(row.model for row in plans))


def _one(plans: Iterable[Planned], model: str, kind: str) -> Planned:
    return next(row for row in plans if (row.model, row.kind) == (model, kind))


def _place(model: str) -> str:
    figure = next(figure for figure in printed(model) if figure.table == 2)
    return f"{figure.parameters.n_patch}, {figure.parameters.split}"


def _verdicts(*rows: Planned) -> str:
    found = [row.verdict for row in rows]
    return found[0] if len(set(found)) == 1 else " / ".join(found)


def _gap(row: Planned) -> str:
    return "-" if not row.bound else f"{row.arena / row.bound - 1:.1%}"


def _seconds(rows: Iterable[Planned], name: str) -> str:
    return " / ".join(f"{getattr(row, name):.1f}" for row in rows)


def _bits(*rows: Planned) -> str:
    return " / ".join("-" if row.wrong is None else str(row.wrong) for row in rows)
