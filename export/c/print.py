"""A program as C text: the header and the C file. Pure: the same program gives the same text.

Stages are lines (export.c.lines); what every program has around them stands in templates (export/c/templates).
"""

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace

import jinja2

import verify
from export.c.lines import (
    body_lines,
    comment,
    place_text,
    region_lines,
    run_lines,
    scratch_name,
    slot_text,
    span_text,
    stage_lines,
    steady_text,
    tensor_name,
    ticks_used,
)
from verify.graph.camera import Camera
from verify.program.program import Place, Port, Program, Reuse, Stage

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("export.c"),
    undefined=jinja2.StrictUndefined,
    keep_trailing_newline=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
TAG_LENGTH = 12
"""Hex digits of the plan's hash that tie a header to its program."""


def program_text(program: Program, prefix: str) -> dict[str, str]:
    """The header and the C file of a program."""
    value = {
        "g": program,
        "p": prefix,
        "P": prefix.upper(),
        "version": verify.__version__,
        "title": "".join(c if c.isalnum() or c in "._-" else "_" for c in program.name),
        "tag": program.plan_sha256[:TAG_LENGTH],
        "headers": sorted({f"{_file_of(call.kernel)}.h" for stage in program.stages for call in stage.calls}),
        "comment": comment,
        "tensor_name": tensor_name,
        "scratches": [
            f"{scratch_name(call.op)} = {call.scratch.place.offset}, /* {call.label} */"
            for stage in program.stages
            for call in stage.calls
            if call.scratch
        ],
        "stage_text": lambda k: "\n".join(stage_lines(prefix, k, program.stages[k])),
        "run_text": lambda k, indent: _indented(run_lines(program, k), indent),
        "call_text": lambda call, span: _indented(body_lines(call, span), 3),
        "regions_text": lambda stage: _indented(_regions(stage), 1),
        "ticks_used": ticks_used,
        "rest": range(1 if program.feed else 0, len(program.stages)),
        "stage_0_ticks": program.feed is not None and bool(ticks_used(program.stages[0])),
        "pixels": any(call.by_pixels for stage in program.stages for call in stage.calls),
        "tables": dict(program.reuse.operators) if program.reuse else {},
        "shape": _shape_text,
        "span_text": lambda stage, call: span_text(call.region, stage.regions[call.region]),
        "place": lambda port, delay=0: place_text(port.tensor, _delayed(port.view.place, delay), "model->arena"),
        "slot": lambda history, delay: slot_text(history.slots, history.slot_bytes, delay),
        "steady": steady_text,
        "camera": [(f.name.upper(), getattr(program.camera, f.name)) for f in fields(Camera)] if program.camera else (),
        "works": not program.external and program.early_exit is None,
        "all_ticks": sum(stage.outer_ticks for stage in program.stages),
        "tick_ranges": list(_tick_ranges(program)),
        "reuse_type": _index_type(program.reuse) if program.reuse else "",
        "wrapped": _wrapped,
    }
    return {f"{prefix}.{kind}": _TEMPLATES.get_template(f"model.{kind}.j2").render(value) for kind in ("h", "c")}


def _tick_ranges(program: Program) -> Iterator[tuple[int, int, str]]:
    """Of each stage, the ticks [first, last) that are its own where all stages' are counted, and what one does."""
    first = 0
    for number, stage in enumerate(program.stages):
        last = first + stage.outer_ticks
        own = f", tick - {first}" if first else ", tick"
        taken = own if ("m" if stage.columns_outside else "n") in ticks_used(stage) else ""
        text = f"stage_{number}(model{taken});"
        yield first, last, f"if (model->wait == 0) {{ {text} }}" if stage.idle else text
        first = last


def _regions(stage: Stage) -> Iterator[str]:
    for number, region in enumerate(stage.regions):
        yield from region_lines(number, region)


def _shape_text(name: str, port: Port) -> str:
    """The macros that describe the values of an input or output."""
    macros: list[tuple[str, object]] = [("TENSOR", port.tensor), ("RANK", len(port.shape))]
    macros += [("SHAPE", "{" + ", ".join(map(str, port.shape)) + "}")]
    macros += [(f"DIM_{axis}", extent) for axis, extent in enumerate(port.shape)]
    macros += [("DTYPE", port.dtype), ("BYTES", port.size_bytes)]
    if port.scale is not None:
        macros += [("SCALE", repr(port.scale)), ("ZERO_POINT", f"({port.zero_point})")]
    return "\n".join(f"#define {name}_{macro} {value}" for macro, value in macros)


def _file_of(kernel: str) -> str:
    """Rows and regions of one operator are in one file."""
    return kernel.removesuffix("_tile")


def _indented(lines: Iterator[str], levels: int) -> str:
    return "\n".join("    " * levels + line for line in lines)


def _index_type(reuse: Reuse) -> str:
    return "uint8_t" if reuse.largest < 2**8 else "uint16_t" if reuse.largest < 2**16 else "int32_t"


def _delayed(place: Place, delay: int) -> Place:
    return replace(place, delay=(place.delay + delay) % place.slots)


def _wrapped(values: Iterable[int], indent: str, width: int = 116) -> str:
    """Numbers separated by commas, on as many lines as they take."""
    return textwrap.fill(", ".join(map(str, values)), width, initial_indent=indent, subsequent_indent=indent)
