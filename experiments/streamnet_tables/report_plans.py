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
        if row.kind == "least" and row.ratio != 1:
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
    header = ["network", "SRAM", "arena", "/ printed", "/ put right", "over bound", "MACs", "at <= 1.10", "/ printed"]
    header += ["/ put right", "MACs", "proof", "obligations", "plan, s", "prove, s", "host"]
    rows, ratios = [], []
    for model in _models(plans):
        least, more = (_one(plans, model, kind) for kind in ("least", "least at 1.10"))
        printed_bytes, right = _streamnet_bytes(cells, model)
        shares = [row.sram / size for row in (least, more) for size in (printed_bytes, right)]
        ratios.append(shares)
        first, second = ([f"{share:.3f}" for share in pair] for pair in (shares[:2], shares[2:]))
        row = [model, f"{least.sram:,}", f"{least.arena:,}", *first, _gap(least), f"{least.ratio:.2f}"]
        row += [f"{more.sram:,}", *second, f"{more.ratio:.3f}", _verdicts(least, more)]
        row += [f"{least.obligations:,} / {more.obligations:,}", _seconds(least, more, "plan_seconds")]
        rows.append([*row, _seconds(least, more, "proof_seconds"), _bits(least, more)])
    means = [f"{geometric_mean(column):.3f}" for column in zip(*ratios, strict=True)]
    rows.append(["geometric mean", "", "", *means[:2], "", "", "", *means[2:], *[""] * 6])
    return [
        "## Ours: `--scheme auto`, input by rows, proved and run",
        "",
        *table(header, rows),
        "",
        "SRAM in bytes, everything counted: arena, state, stack. `printed` and `put right` are StreamNet-2D's",
        "Table 1 above, which counts neither input image nor stack. `bound`: bytes that live at once in the plan's own",
        "order; the arena is so much larger. Left of `at <= 1.10` nothing is computed twice; from there on up to 1.10",
        "times the layer-wise MACs are allowed. Seconds are of processor time. `host`: output bytes of the generated",
        "firmware that differ from TFLM's and from our references', for one input. a / b: without and with more MACs.",
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
            below = [row for row in front if row.msf < size and row.ratio <= factor]
            best = min(below or front, key=lambda row: (row.msf, row.ratio))
            mark = "below" if below else "**not below**"
            rows.append([name, model, f"{size:,}", f"{factor:.2f}", f"{best.msf:,}", f"{best.ratio:.2f}", mark])
    differs = [e["zoo"] for e in msf_cnn_points().values() if not e["same_network"]]
    return [
        "## msf-CNN's published points, and ours in its count",
        "",
        *table(["msf-CNN's network", "ours", "bytes", "MACs over layer-wise", "our bytes", "MACs", ""], rows),
        "",
        "Peak bytes without the network's input and final output. `below`: fewer bytes at no more MACs, each over the",
        "network's own layer-wise ones. Its cost model has no allocator; ours are bytes of a real arena. Its",
        f"MBV2-w0.35 is not the zoo's {', '.join(differs)}: {_difference()}.",
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


def _seconds(first: Planned, second: Planned, name: str) -> str:
    return f"{getattr(first, name):.1f} / {getattr(second, name):.1f}"


def _bits(*rows: Planned) -> str:
    return " / ".join("-" if row.wrong is None else str(row.wrong) for row in rows)
