"""Results as JSON, as text tables and as Markdown, beside the committed results and other systems' figures."""

import dataclasses
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.kernels import peers
from benchmarks.kernels.measure import Layer, Measured, Setting

COMMITTED = Path(__file__).with_name("results.json")
MODELS = (
    "model",
    "for",
    "instructions",
    "per MAC",
    "before",
    "best peer",
    "x peer",
    "cycles est.",
    "arena",
    "code",
    "weights",
)
LAYERS = ("op", "kind", "kernel", "shape", "MACs", "instructions", "per MAC", "per output", "calls", "before", "code")
KERNELS = ("kernel", "for", "layers", "MACs", "instructions", "per MAC", "per output", "code")
LEFT = frozenset({"model", "for", "kind", "kernel", "shape"})

Key = tuple[str, str, str, str]
"""Model, target, board, scheme."""
Before = Mapping[Key, Measured]
"""The committed results."""


def key_of(measured: Measured) -> Key:
    return measured.model, measured.setting.target, measured.setting.board, measured.scheme


def to_json(results: Iterable[Measured]) -> str:
    """One line per layer; profiles are not in it."""
    parts = []
    for measured in results:
        value = {"model": measured.model, "target": measured.setting.target, "board": measured.setting.board}
        whole = dataclasses.asdict(measured)
        value |= {k: v for k, v in whole.items() if k not in ("model", "setting", "layers", "functions", "problems")}
        lines = [json.dumps({k: v for k, v in layer.items() if k != "functions"}) for layer in whole["layers"]]
        head = json.dumps(value)[:-1]
        parts.append(f'{head}, "layers": [\n ' + ",\n ".join(lines) + "\n]}")
    return '{"results": [\n' + ",\n".join(parts) + "\n]}\n"


def from_json(text: str) -> dict[Key, Measured]:
    """What `to_json` wrote, without profiles."""
    found = {}
    for value in json.loads(text)["results"]:
        setting = Setting(value.pop("target"), value.pop("board"))
        layers = tuple(Layer(**layer, functions={}) for layer in value.pop("layers"))
        measured = Measured(setting=setting, layers=layers, functions={}, **value)
        found[key_of(measured)] = measured
    return found


def committed(path: Path = COMMITTED) -> Before:
    """The results beside this file; none where there is no such file."""
    return from_json(path.read_text()) if path.is_file() else {}


def model_rows(results: Sequence[Measured], before: Before) -> list[tuple[str, ...]]:
    """A line for each model and setting."""
    rows = []
    for measured in results:
        known, peer = before.get(key_of(measured)), peers.best(measured.model, measured.setting.board)
        rows.append(
            (
                measured.model,
                str(measured.setting),
                _number(measured.instructions),
                _ratio(measured.instructions, measured.macs),
                _change(measured.instructions, known and known.instructions),
                _number(peer),
                f"{measured.instructions / peer:.3f}" if peer else "-",
                _number(measured.cycles_estimated),
                _number(measured.arena_bytes),
                _number(measured.code_bytes),
                _number(measured.weights_bytes),
            )
        )
    return rows


def layer_rows(measured: Measured, before: Measured | None) -> list[tuple[str, ...]]:
    """A line for each operator, and one for the generated code around the kernels."""
    known = {(layer.index, layer.kind): layer.instructions for layer in before.layers} if before else {}
    rows = [
        (
            str(layer.index),
            layer.kind,
            layer.kernel,
            layer.shape,
            _number(layer.macs or None),
            _number(layer.instructions),
            _ratio(layer.instructions, layer.macs),
            _ratio(layer.instructions, layer.elements),
            _number(layer.calls),
            _change(layer.instructions, known.get((layer.index, layer.kind))),
            _number(layer.code_bytes),
        )
        for layer in measured.layers
    ]
    rest = measured.other_instructions
    last = _change(rest, before.other_instructions if before else None)
    return [*rows, ("", "generated code", "", "", "-", _number(rest), "-", "-", "", last, "")]


def kernel_rows(results: Sequence[Measured]) -> list[tuple[str, ...]]:
    """A line for each kernel and setting, over all models, the most instructions first."""
    groups: dict[tuple[str, str], list[Layer]] = {}
    for measured in results:
        for layer in measured.layers:
            groups.setdefault((str(measured.setting), layer.kernel), []).append(layer)
    rows = []
    for (setting, kernel), layers in groups.items():
        instructions, macs, elements = (
            sum(getattr(layer, name) for layer in layers) for name in ("instructions", "macs", "elements")
        )
        columns = kernel, setting, str(len(layers)), _number(macs or None), _number(instructions)
        per = _ratio(instructions, macs), _ratio(instructions, elements)
        rows.append((setting, -instructions, (*columns, *per, _number(max(layer.code_bytes for layer in layers)))))
    return [row for *_, row in sorted(rows)]


def to_peers(results: Sequence[Measured]) -> str:
    """The geometric mean of the ratios to the best of the other systems, by setting."""
    ratios: dict[str, list[float]] = {}
    for measured in results:
        if peer := peers.best(measured.model, measured.setting.board):
            ratios.setdefault(str(measured.setting), []).append(measured.instructions / peer)
    means = {name: math.exp(sum(map(math.log, values)) / len(values)) for name, values in ratios.items()}
    if not means:
        return "no model has a peer"
    texts = [f"{name} {mean:.3f} ({len(ratios[name])} models)" for name, mean in means.items()]
    return "geometric mean of the ratios to the best peer: " + "; ".join(texts)


def cycle_lines(results: Sequence[Measured]) -> list[str]:
    """Published cycles on a Cortex-M7 for the models that have some, with our instructions beside them."""
    lines = []
    for measured in results:
        if measured.setting.board == "mps2-an500" and (cycles := peers.cycles_of(measured.model)):
            others = ", ".join(f"{name} {value:.2f} M" for name, value in cycles.items())
            ours = f"{measured.instructions / 1e6:.2f} M instructions"
            if measured.cycles_estimated:
                ours += f", estimated {measured.cycles_estimated / 1e6:.2f} M cycles"
            lines.append(f"{measured.model}, {measured.setting}: {ours}; published cycles: {others}")
    return lines


def print_table(out: Console, names: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = Table(box=None, pad_edge=False)
    for name in names:
        table.add_column(name, justify="left" if name in LEFT else "right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    out.print(table)


def markdown(results: Sequence[Measured], before: Before, command: str) -> str:
    """The tables of models and of kernels; results.json has the layers."""
    scheme = results[0].scheme if results else ""
    lines = [
        "# Instructions by model and kernel",
        "",
        f"Made by `{command}`. Executed instructions of one inference, input pushed by rows, plans of "
        f"`--scheme {scheme}`; exact, and no time. before: change against the results committed before. "
        f"Peers: {peers.source()}. arena: with the kernels' scratch; code: kernels, generated code, library routines; "
        "weights: constants of the generated files; all in bytes. cycles est.: what llvm-mca's model of a Cortex-M7 "
        "makes of the code that was executed, uncalibrated, with memory that never waits; an estimate. results.json "
        "has every layer.",
        "",
        *_markdown_table(MODELS, model_rows(results, before)),
        "",
        to_peers(results) + ".",
        "",
        *(f"- {line}" for line in cycle_lines(results)),
        "",
        "## Kernels",
        "",
        "Over all models above. code: bytes of the functions that a layer executed, the largest.",
        "",
        *_markdown_table(KERNELS, kernel_rows(results)),
        "",
    ]
    return "\n".join(lines)


def _markdown_table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    rule = ["---" if name in LEFT else "---:" for name in names]
    return [f"| {' | '.join(cells)} |" for cells in (names, rule, *rows)]


def _number(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _ratio(instructions: int, count: int) -> str:
    return f"{instructions / count:.3f}" if count else "-"


def _change(now: int, before: int | None) -> str:
    """What became of the instructions: new where there is nothing to compare, = where nothing changed."""
    if before is None:
        return "new"
    return "=" if now == before else f"{(now - before) / max(1, before):+.2%}"


def problems(results: Iterable[Measured], before: Before) -> list[str]:
    """What is wrong with results: broken promises of plans, and settings that do not give the same bits, those of the
    committed results included."""
    found, digests = [], {}
    for measured in before.values():
        digests.setdefault(measured.model, measured)
    for measured in results:
        name = f"{measured.model}, {measured.setting}"
        found += [f"{name}: {problem}" for problem in measured.problems]
        first: Any = digests.setdefault(measured.model, measured)
        if first.output_sha256 != measured.output_sha256:
            found.append(f"{name}: its outputs differ from those of {first.setting}")
    return found
