"""Runs generated C on identities: what was emitted, not what was meant, decides (driver.c, machine.c).

The text is compiled for the host with kernels that move identities in place of values, and driven through its public
functions in all the ways that it has: row by row, in chunks, whole frames, repeated and partly changed ones, early
exits, begun anew. A stream runs until model and memory are what they were some frames before, so that what was seen is
all that there is. The arena itself is memory that cannot be touched: whatever is not a kernel or a copy ends the run.
"""

import re
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.identities.compiler import compiler, machine_library
from verify.identities.facts import Facts, Memory, facts_of
from verify.identities.messages import Event, explain
from verify.targets.choice import kernels_of

HERE = Path(__file__).parent
LONGEST = 20_000
"""Frames after which a stream must have come round."""

_PROTOCOL = {
    "call": "a kernel is called for an operator that the model lacks, or with rows of no pixels",
    "status": "a function of the model answers with an error where it should not",
    "ready": "outputs are ready where they should not be, or the other way round",
    "early": "the model ends early where it should not, or the other way round",
    "period": "frames never come to stand in memory as they did before",
}
_KERNEL = re.compile(r"void\s+(stj_\w+)\(const\s+\w+\s+\*params,\s*const\s+stj_(pixels_)?in\s+\*in")


def fault_of_text(
    files: Mapping[str, str], graph: Graph, plan: Plan, early_exit: int | None = None, prefix: str = "stj_model"
) -> str | None:
    """What is wrong with generated C, whatever was seen first; None where all is right.

    Args:
      files: name -> text, what the emitter gave and the headers of the kernels that it calls.
      graph, plan: the model, and what the text was made for: its arena, kernels and step in time; no more is believed.
      early_exit: the output that may answer early, or None.
      prefix: with which the generated names begin.

    Raises:
      NoCompilerError: there is no C compiler here.
    """
    facts = facts_of(graph, kernels_of(graph, plan))
    headers = {file: text for file, text in files.items() if file.endswith(".h") and not file.startswith(prefix)}
    with tempfile.TemporaryDirectory(prefix="stjax-identities-") as name:
        folder = Path(name)
        for file, text in headers.items():
            (folder / file).write_text(text)
        source, header = files[f"{prefix}.c"], files[f"{prefix}.h"]
        (folder / f"{prefix}.c").write_text(source)
        (folder / f"{prefix}.h").write_text(header)
        constants = "".join(
            f"static const int8_t {n}[1];\n" for n in sorted(set(re.findall(r"\btensor_\d+\b", source)))
        )
        (folder / f"{prefix}_constants.h").write_text(constants)
        (folder / "generated.c").write_text(_generated(headers, prefix))
        (folder / "tables.h").write_text(_tables(graph, plan, facts, header, early_exit, prefix))
        options = ["-std=c99", "-O1", "-w", f"-I{folder}", f"-I{HERE}"]
        sources = [str(folder / "generated.c"), str(HERE / "driver.c"), str(machine_library())]
        built = subprocess.run(
            [compiler(), *options, *sources, "-o", str(folder / "run")], capture_output=True, text=True, check=False
        )
        if built.returncode:
            return f"the generated C does not compile with kernels for identities: {built.stderr.strip()[:400]}"
        try:
            ran = subprocess.run([folder / "run"], capture_output=True, text=True, check=False, timeout=120)
        except subprocess.TimeoutExpired:
            return "the generated C does not end"
    if ran.returncode or not ran.stdout:
        return f"the generated C touches memory by itself, or leaves it (exit status {ran.returncode})"
    word, *numbers = ran.stdout.split()
    if word == "right":
        return None
    frame, *found = map(int, numbers)
    return explain(graph, facts, frame, Event(*found)) if word == "event" else f"frame {frame}: {_PROTOCOL[word]}"


def _generated(headers: Mapping[str, str], prefix: str) -> str:
    """The generated file, in which what would touch memory calls the driver."""
    lines = ["#include <string.h>", *(f'#include "{header}"' for header in headers)]
    lines += [
        "void identity_rows(const char *, const stj_in *, const stj_out *, int64_t, int64_t);",
        "#ifdef STJ_TILE_H",
        "void identity_pixels(const char *, const stj_pixels_in *, const stj_pixels_out *, const stj_region *);",
        "#endif",
        "void *identity_copy(void *, const void *, size_t);",
        "void *identity_set(void *, int, size_t);",
        "#define memcpy(to, from, bytes) identity_copy(to, from, bytes)",
        "#define memmove(to, from, bytes) identity_copy(to, from, bytes)",
        "#define memset(to, value, bytes) identity_set(to, value, bytes)",
    ]
    for text in headers.values():
        for kernel, pixels in _KERNEL.findall(text):
            span, name = ("region", "identity_pixels") if pixels else ("y0, y1", "identity_rows")
            lines.append(f"#define {kernel}(params, in, out, {span}) {name}(#params, in, out, {span})")
    return "\n".join([*lines, f'#include "{prefix}.c"', ""])


def _tables(graph: Graph, plan: Plan, facts: Facts, header: str, early_exit: int | None, prefix: str) -> str:
    memory = Memory.of(facts, plan.arena_bytes)
    exits = (-1, -1, 0)
    if early_exit is not None:
        tensor = graph.outputs[early_exit]
        producer = next(node.index for node in graph.nodes if tensor in node.outputs)
        exits = early_exit, producer, graph.tensors[tensor].elements
    numbers = {
        "ALL": facts.all,
        "ARENA": memory.arena,
        "BYTES": memory.bytes,
        "NODES": len(facts.nodes),
        "OPERANDS": 1 + max((len(node.inputs) for node in graph.nodes), default=0),
        "RESULTS": 1 + max((len(node.outputs) for node in graph.nodes), default=0),
        "INPUT_COUNT": len(facts.inputs),
        "OUTPUT_COUNT": len(facts.outputs),
        "BEFORE_COUNT": len(facts.before),
        "KEPT": facts.kept,
        "LARGEST": facts.largest,
        "CLIP": int(graph.clip_frames > 1),
        "WARM_UP": facts.warm_up,
        "TIME_STEP": plan.time_step,
        "FRAMES": min(LONGEST, (2**31 - 2) // facts.all),
        "EXIT": exits[0],
        "EXIT_OPERATOR": exits[1],
        "EXIT_VALUES": exits[2],
        "EXTERNAL": int(f"{prefix}_set_input(" in header),
        "HAS_REPEAT": int(f"{prefix}_repeat_frame(" in header),
        "HAS_REUSE": int(f"{prefix}_push_frame_rows(" in header),
    }
    lines = [f"#define {name} {value}" for name, value in numbers.items()]
    lines += [f"#define MODEL {prefix}", f"#define P(name) {prefix}_##name", f'#include "{prefix}.h"']
    for name, kind, rows in (
        ("nodes", "node", facts.nodes),
        ("operands", "operand", facts.operands),
        ("results", "shape", facts.results),
        ("inputs", "shape", facts.inputs),
        ("outputs", "shape", facts.outputs),
    ):
        lines.append(f"static const {kind} {name}[] = {{{', '.join(map(_braces, rows))}}};")
    lines.append(f"static const int64_t before[][3] = {{{', '.join(map(_braces, facts.before))}}};")
    lines.append(f"static const int64_t input_at[] = {_braces(memory.inputs)};")
    return "\n".join(lines) + "\n"


def _braces(row: Iterable[int]) -> str:
    return f"{{{', '.join(map(str, row))}}}"
