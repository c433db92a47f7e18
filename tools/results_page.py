"""Writes docs/RESULTS.md:   python -m tools.results_page -o docs/RESULTS.md

Every number that the works behind this project state, beside ours: theirs stand here with their source, ours are read
from the JSON of committed experiments. What cannot be reached here is a row as well, with the reason.
"""

import argparse
import json
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
EXPERIMENTS = ROOT / "experiments"

STREAMNET = "StreamNet, NeurIPS 2023"
STREAMTINYNET = "StreamTinyNet, 2024 (arXiv 2407.17524)"
PROPOSAL = "Research proposal, 3D TinyML for video streaming analysis"

REPRODUCED, BEATEN, SIMILAR, OUT_OF_REACH = "reproduced", "beaten", "seen on other data", "not reachable here"


@dataclass(frozen=True)
class Row:
    """A figure of theirs beside ours.

    Args:
      what: of what.
      theirs: as they print it.
      ours: from the experiment's JSON.
      verdict: one of the four above, or in words what differs.
      experiment: folder, "" for none.
      note: what has to be known to compare them.
    """

    what: str
    theirs: str
    ours: str
    verdict: str
    experiment: str
    note: str = ""


def results(experiment: str, name: str = "results.json") -> Any:
    return json.loads((EXPERIMENTS / experiment / name).read_text())


def streamnet() -> Iterator[Row]:
    """Tables 1 to 3 and Figure 7b."""
    found = results("streamnet_tables")
    for table, what in ((2, "Table 2: MACs"), (1, "Table 1: memory and MACs")):
        cells = [cell for cell in found["tables"] if cell["printed"]["table"] == table]
        same = sum(cell["agrees"] for cell in cells)
        yield Row(
            f"{what}, ten networks",
            f"{len(cells)} figures",
            f"{same} to the printed digit",
            REPRODUCED if same == len(cells) else "differs",
            "streamnet_tables",
        )
    choices = [search for search in found["searches"] if "stream-2d" in search["question"]]
    agree = sum(search["outcome"] in ("agrees", "ties") for search in choices)
    yield Row(
        "choice of n_patch and split of least memory, stream-2d",
        f"{len(choices)} networks",
        f"{agree} the same or a tie in KiB",
        REPRODUCED if agree == len(choices) else f"{len(choices) - agree} of {len(choices)} have a smaller one",
        "streamnet_tables",
    )
    published = results("streamnet_tables", "published.json")
    for kind, words in (
        ("nothing twice", "SRAM with nothing computed twice"),
        ("least", "SRAM at no more MACs than layer by layer"),
        ("least at 1.10", "SRAM at 1.10 times the MACs"),
    ):
        ratio = statistics.geometric_mean(
            plan["sram"]
            / (1024 * float(published["streamnet"]["models"][plan["model"]]["table1"]["stream-2d"]["memory"]))
            for plan in found["plans"]
            if plan["kind"] == kind
        )
        yield Row(
            f"{words}, over StreamNet-2D's in Table 1 (geometric mean)",
            "1",
            f"{ratio:.3f}",
            BEATEN if ratio < 1 else "more",
            "streamnet_tables",
            "theirs leaves out input image, state and stack; ours counts everything, and is proved",
        )
    yield from _figure_7b(found, published)


def _figure_7b(found: Any, published: Any) -> Iterator[Row]:
    for percent, theirs in published["figure_7b"]["speedup"].items():
        cells = [
            cell["macs"]
            for cell in found["figure_7b"]
            if cell["added"] == int(percent) and cell["macs"]["MCUNetV2-auto"]
        ]

        def speedup(kind: str, cells: list[Any] = cells) -> float:
            return statistics.geometric_mean(c["MCUNetV2-auto"] / c[kind] for c in cells if c.get(kind))

        yield Row(
            f"Figure 7b: MACs saved over MCUNetV2-auto within {percent} % more memory",
            f"{theirs} x",
            f"{speedup('StreamNet-auto'):.2f} x by their algorithm, {speedup('ours'):.2f} x by our plans",
            "not to the digit; " + BEATEN,
            "streamnet_tables",
            "the paper prints no figures of the plot, so what its speedups are of is not known",
        )


def video() -> Iterator[Row]:
    """What a temporal window is worth, and what a network costs."""
    window = results("temporal_window")

    def accuracy(frames: int, model: str = "StreamTinyNet") -> float:
        rows = [row["int8_accuracy"] for row in window if row["frames"] == frames and row["model"] == model]
        return 100 * statistics.mean(rows)

    longest = max(row["frames"] for row in window)
    yield Row(
        "gestures: frame by frame -> temporal window",
        "40 % -> 81 % (Jester)",
        f"{accuracy(1):.1f} % -> {accuracy(longest):.1f} % (capfingerid, int8)",
        SIMILAR,
        "temporal_window",
        "Jester needs an account; `--dataset jester` of temporal_models takes it from its folder",
    )
    yield Row(
        "golf events, PCE: frame by frame -> temporal window",
        "48 % -> 56 % (GolfDB)",
        _golf(),
        OUT_OF_REACH,
        "golf_events",
        "GolfDB's clips are cut from YouTube; `--dataset golfdb` takes them; the metric has cases made by hand",
    )
    yield from _families()
    window_rows = [row for row in window if row["frames"] == longest and row["model"] == "StreamTinyNet"]
    drop = max(100 * (row["float_accuracy"] - row["int8_accuracy"]) for row in window_rows)
    yield Row(
        "loss by int8",
        "2 points (81 % -> 79 % on the board)",
        f"{drop:.2f} points at most of {len(window_rows)} seeds; 0 bytes differ between clip model and board",
        BEATEN,
        "temporal_window",
        "on other data",
    )
    breakdown = next(d for d in results("memory_breakdown") if (d["frames"], d["side"], d["multiplier"]) == (10, 96, 2))
    yield Row(
        "SRAM of a gesture network, 96 x 96 x 3, T = 10",
        "< 300 KB",
        f"{breakdown['sram']:,} bytes, proved",
        BEATEN,
        "memory_breakdown",
        "the preset `streamtinynet-96`; the exact network of the paper is not published",
    )
    yield Row(
        "arithmetic per frame",
        "< 0.01 GFLOP",
        f"{2 * breakdown['macs'] / 1e9:.4f} GFLOP",
        REPRODUCED if 2 * breakdown["macs"] < 0.01e9 else "more",
        "memory_breakdown",
    )
    yield Row(
        "where the memory goes",
        "not said",
        f"window {breakdown['parts']['window']:,}, spatial {breakdown['parts']['spatial']:,}, "
        f"stack {breakdown['parts']['stack']:,} bytes",
        "answered",
        "memory_breakdown",
        "a limitation that its readers name",
    )
    yield from _learning()
    yield Row(
        "frames per second on an Arduino Nicla Vision",
        "15",
        "no board was at hand; with camera lines on an emulated Cortex-M7",
        OUT_OF_REACH,
        "demo_camera",
        "instructions are exact, cycles assumed",
    )


def _learning() -> Iterator[Row]:
    """Enrolment on the emulated microcontroller."""
    cells = [c for c in results("learn_on_device") if (c["kind"], c["head"]) == ("class", "dense")]
    for task in dict.fromkeys(cell["task"] for cell in cells):
        own = [cell for cell in cells if cell["task"] == task]
        shares = [(c["everything"][0], c["everything"][-1], c["ceiling"]) for c in own]
        before, after, ceiling = (100 * statistics.mean(values) for values in zip(*shares, strict=True))
        clips, sram = own[0]["checkpoints"][-1], own[0]["device"]["sram"]
        yield Row(
            f"learning on the microcontroller, {task}: a class that training never saw, from {clips} clips",
            "open",
            f"all classes: {before:.1f} % right before, {after:.1f} % after, {ceiling:.1f} % retrained on everything; "
            f"{sram['head']:,} of {sram['total']:,} bytes of proved SRAM, 0 bytes unlike JAX",
            "answered",
            "learn_on_device",
            "a question that its authors leave",
        )


def _golf() -> str:
    """Events on what is at hand."""
    found = results("golf_events")["fir16"]
    strict, *_, loose = found["int8_pce"]
    return f"onsets on whole thermal recordings, int8: {100 * strict:.1f} to {100 * loose:.1f} % as tolerance grows"


def _families() -> Iterator[Row]:
    cells = results("temporal_models")
    for task in dict.fromkeys(cell["task"] for cell in cells):
        means = {
            family: statistics.mean(
                c["assessment"]["int8_accuracy"] for c in cells if (c["task"], c["family"]) == (task, family)
            )
            for family in dict.fromkeys(c["family"] for c in cells if c["task"] == task)
        }
        if len(means) < 2:
            continue
        best = max(means, key=lambda family: means[family])
        yield Row(
            f"StreamTinyNet beside {len(means) - 1} other temporal models, {task}",
            "not compared",
            f"StreamTinyNet {100 * means['streamtinynet']:.2f} %, best: {best} {100 * means[best]:.2f} %",
            "answered",
            "temporal_models",
            "a limitation that its readers name; equal parameters and MACs, people not seen",
        )


def proposal() -> Iterator[Row]:
    """The steps of the proposal."""
    precision = results("precision")

    def best(bits: int, method: str) -> float:
        return 100 * statistics.mean(
            row["int8_accuracy"] for row in precision if (row["weight_bits"], row["method"]) == (bits, method)
        )

    yield Row(
        "precision scaling",
        "a step of the plan",
        f"8 bits {best(8, 'PTQ'):.1f} %; 4 bits {best(4, 'PTQ'):.1f} % rounded, {best(4, 'QAT'):.1f} % trained so",
        "answered",
        "precision",
    )
    gates = results("task_dropping")
    chosen = [row for row in gates if row["chosen"]]
    yield Row(
        "task dropping",
        "a step of the plan",
        "; ".join(
            f"{row['gate']}: {100 * (1 - row['instructions'] / row['instructions_whole']):.1f} % of the instructions "
            f"saved, {100 * row['agreement']:.1f} % of the answers the same"
            for row in chosen
            if row["instructions"] and row["instructions_whole"]
        ),
        "answered",
        "task_dropping",
        "thresholds chosen on validation people",
    )
    exits = [row for row in results("early_exit") if row["chosen"]]
    yield Row(
        "early exit and gating, on whole recordings",
        "a step of the plan",
        "; ".join(
            f"{row['way']}: {100 * (1 - row['instructions'] / row['instructions_whole']):.1f} % of the instructions "
            f"saved, accuracy {100 * row['accuracy']:.1f} %"
            for row in exits
        ),
        "answered",
        "early_exit",
        "settings chosen on validation people",
    )
    device = results("precision", "device.json")
    wide, narrow = (
        next(row for row in device if (row["setting"]["weight_bits"], row["setting"]["activation_bits"]) == (8, bits))
        for bits in (16, 8)
    )
    packed = next(row for row in device if (row["setting"]["weight_bits"], row["setting"]["method"]) == (4, "QAT"))
    yield Row(
        "what precision costs on the device",
        "a step of the plan",
        f"int16 activations: {wide['sram'] / narrow['sram']:.2f} x the SRAM, "
        f"{wide['instructions'] / narrow['instructions']:.2f} x the instructions; weights of 4 bits: "
        f"{packed['flash'] / narrow['flash']:.2f} x the flash, "
        f"{packed['instructions'] / narrow['instructions']:.2f} x the instructions",
        "answered",
        "precision",
        "kernels in plain C",
    )


PARTS: tuple[tuple[str, Callable[[], Iterator[Row]]], ...] = (
    (STREAMNET, streamnet),
    (STREAMTINYNET, video),
    (PROPOSAL, proposal),
)


def page() -> str:
    lines = [
        "# Results beside those of the works behind this project",
        "",
        "Made by `python -m tools.results_page -o docs/RESULTS.md` from the JSON of committed experiments; do not edit "
        "it. Each experiment's folder says how its figures were made and how they may be read.",
    ]
    for title, rows in PARTS:
        lines += ["", f"## {title}", "", "| what | theirs | ours | | experiment |", "|---|---|---|---|---|"]
        lines += [_line(row) for row in rows()]
    return "\n".join(lines) + "\n"


def _line(row: Row) -> str:
    where = f"[{row.experiment}](../experiments/{row.experiment})" if row.experiment else ""
    what = f"{row.what} ({row.note})" if row.note else row.what
    return f"| {what} | {row.theirs} | {row.ours} | {row.verdict} | {where} |"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.results_page", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="docs/RESULTS.md")
    output = parser.parse_args().output
    output.write_text(page())
    print(f"wrote {output}")


if __name__ == "__main__":
    main()
