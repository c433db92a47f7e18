"""Everything found as one page of Markdown, and what would contradict the claim."""

from collections.abc import Iterable, Sequence

from experiments.streamnet_tables import report_plans
from experiments.streamnet_tables.figure import ADDED, CURVES, Budgeted, geometric_mean, speedups
from experiments.streamnet_tables.plans import Planned
from experiments.streamnet_tables.published import DATA, Printed
from experiments.streamnet_tables.report_plans import table
from experiments.streamnet_tables.tables import KIB, Reproduced, Searched
from verify.plan.published import Scheme

COMMAND = "python -m experiments.streamnet_tables -o experiments/streamnet_tables"
SECOND = (Scheme.PATCH, Scheme.PATCH_BYPASS, Scheme.STREAM_1D, Scheme.STREAM_2D)
FIRST = (Scheme.STREAM_2D, Scheme.PATCH)


def markdown(
    cells: Sequence[Reproduced], found: Sequence[Searched], budgets: Sequence[Budgeted], plans: Sequence[Planned]
) -> str:
    return "\n".join(
        [
            "# StreamNet's tables, reproduced from the ten .tflite files",
            "",
            f"Made by `{COMMAND}`. Memory in KiB, multiply-accumulates in millions, both in the paper's count.",
            "A figure that is not the printed one is bold, with the printed one after it.",
            "",
            *_table_2(cells),
            *_table_1(cells),
            *_searches(found),
            *_figure(budgets),
            *report_plans.markdown(cells, plans),
        ]
    )


def problems(cells: Iterable[Reproduced]) -> list[str]:
    """Figures that do not come out to the printed digit; none is expected."""
    return [f"{c.place}: printed {c.printed.digits}, ours {c.ours}" for c in cells if not c.agrees]


def _score(cells: Sequence[Reproduced]) -> str:
    return f"{sum(c.agrees for c in cells)} of {len(cells)}"


def _shown(cell: Reproduced) -> str:
    return cell.ours if cell.agrees else f"**{cell.ours}** ({cell.printed.digits})"


def _table_2(cells: Sequence[Reproduced]) -> list[str]:
    mine = [cell for cell in cells if cell.printed.table == 2]
    header = ["network", "n_patch", "split", *(s.value for s in SECOND), *(f"{s.value}, exact" for s in SECOND[1:3])]
    rows = []
    for model in _models(mine):
        by_scheme = {cell.printed.scheme: cell for cell in mine if cell.printed.model == model}
        shown = [_shown(by_scheme[scheme]) for scheme in SECOND]
        exact = [by_scheme[scheme].exact for scheme in SECOND[1:3]]
        rows.append([model, *_place(by_scheme[Scheme.PATCH].printed), *shown, *exact])
    return [
        f"## Table 2: multiply-accumulates, {_score(mine)} to the printed digit",
        "",
        *table(header, rows),
        "",
        "`exact` skips all padding, the paper's rule only that of the first and the last patch of an axis. Patches",
        "between them that reach outside the image then read shifted pixels: only the exact rule can be right.",
        "",
    ]


def _table_1(cells: Sequence[Reproduced]) -> list[str]:
    mine = [cell for cell in cells if cell.printed.table == 1]
    header = ["network"]
    for scheme in FIRST:
        header += [f"{scheme.value} (n_patch, split)", "memory", "put right", "MACs"]
    rows = []
    for model in _models(mine):
        row = [model]
        for scheme in FIRST:
            own = {c.printed.quantity: c for c in mine if (c.printed.model, c.printed.scheme) == (model, scheme)}
            place = ", ".join(_place(own["memory"].printed))
            row += [place, _shown(own["memory"]), own["memory"].exact, _shown(own["macs"])]
        rows.append(row)
    return [
        f"## Table 1: memory and multiply-accumulates, {_score(mine)} to the printed digit",
        "",
        *table(header, rows),
        "",
        "`put right` counts sums within the patch stage as tiles, ends what nobody reads where it is written, and lets",
        "a depthwise convolution after the patch stage work in place. It still has no delay lines for shortcuts.",
        "",
    ]


def _searches(found: Sequence[Searched]) -> list[str]:
    lines = ["## The paper's choice of parameters", ""]
    for question in dict.fromkeys(search.question for search in found):
        mine = [search for search in found if search.question == question]
        same = sum(search.outcome == "agrees" for search in mine)
        ties = sum(search.outcome == "ties" for search in mine)
        others = [
            f"{s.model} ({s.paper.n_patch}, {s.paper.split}) {s.paper_bytes / KIB:.1f} KiB, found "
            f"({s.ours.n_patch}, {s.ours.split}) {s.our_bytes / KIB:.1f} KiB"
            for s in mine
            if s.outcome != "agrees"
        ]
        head = f"- {question}: {same} of {len(mine)} agree"
        lines.append(
            head + (f", {ties} tie in whole KiB" if ties else "") + ("; " if others else "") + "; ".join(others)
        )
    return [*lines, ""]


def _figure(budgets: Sequence[Budgeted]) -> list[str]:
    given = [curve for curve in CURVES if any(row.macs[curve] is not None for row in budgets)]
    rows = []
    for model in dict.fromkeys(row.model for row in budgets):
        mine = [row for row in budgets if row.model == model]
        cells = [" / ".join(_millions(row.macs[curve]) for curve in given) for row in mine]
        rows.append([model, f"{mine[0].budget_bytes / KIB:.1f}", *cells])
    for curve in given[1:]:
        rows.append([f"speedup, {curve}", "", *(_mean(speedups(budgets, added, curve)) for added in ADDED)])
    quoted, single = DATA["figure_7b"]["speedup"], DATA["figure_7b"]["MI0"]
    return [
        "## Figure 7b: million MACs within StreamNet-1D's least memory and some more",
        "",
        *table(["network", "KiB at 0 %", *(f"+{added} %" for added in ADDED)], rows),
        "",
        f"Each cell: {' / '.join(given)}; - where nothing fits.",
        "speedup: geometric mean of MCUNetV2-auto's MACs over the others', over so many networks.",
        "StreamNet-auto is Algorithm 1 of the paper. Its filter looks at patch-based figures alone and can drop what",
        "would be best with stream buffers: hence the third curve, and hence more memory can cost more MACs.",
        f"The paper states speedups of {_list(f'{value:.2f} at +{added} %' for added, value in quoted.items())},",
        f"and {single[0]:.2f} to {single[1]:.2f} for MI0; it prints no numbers of the plot, and not what its speedups",
        "are of. They do not follow from the figures here to the digit.",
        "",
    ]


def _mean(values: dict[str, float]) -> str:
    return f"{geometric_mean(values.values()):.2f} ({len(values)})" if values else "-"


def _list(values: Iterable[str]) -> str:
    return ", ".join(values)


def _millions(macs: int | None) -> str:
    return "-" if macs is None else f"{macs / 1e6:.1f}"


def _models(cells: Iterable[Reproduced]) -> list[str]:
    return list(dict.fromkeys(cell.printed.model for cell in cells))


def _place(figure: Printed) -> tuple[str, str]:
    return str(figure.parameters.n_patch), str(figure.parameters.split)
