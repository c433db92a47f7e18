"""Everything that makes generated C a folder that builds by itself: the kernels that it needs, an example, a Makefile.

Text in, text out; export.folder writes it. The example uses what the generated header declares and nothing else.
"""

import hashlib
import textwrap
from collections.abc import Mapping

import jinja2

import verify
from export.sources import kernel_files, licence_text, stack_script
from verify.graph.graph import Graph
from verify.graph.plan import Policy
from verify.graph.plan_json import plan_to_json
from verify.graph.sram import sram_rows
from verify.graph.tensor import DType
from verify.proof.check import ProvedPlan
from verify.proof.claims import CLAIMS
from verify.report.summary import plan_sram
from verify.targets.choice import kernels_of
from verify.targets.flash import constant_bytes

EXAMPLE = "main.c"
TEXTS = (EXAMPLE, "Makefile", "README.txt")
"""What is written beside the generated files and the kernels; each has a template of its name."""

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("export"), undefined=jinja2.StrictUndefined, keep_trailing_newline=True
)
_NOTES = {"stack": "a reserve: assumed by the proof, compared by make stack"}
_C_TYPES = {DType.BOOL: "uint8_t", DType.FLOAT32: "float"}


def project_files(proved: ProvedPlan, generated: Mapping[str, str], prefix: str = "stj_model") -> dict[str, str]:
    """The whole folder: name -> text, the generated files among them.

    Args:
      proved: the plan that was emitted.
      generated: what the emitter made of it.
      prefix: what the names of the generated functions and of their header begin with.

    Raises:
      MissingSourceError: a header is included that does not exist.
    """
    kernels = kernel_files(generated)
    values = _values(proved, prefix)
    values["kernels"] = _wrapped(", ".join(name for name in kernels if name.endswith(".c")), "  ")
    texts = {name: _TEMPLATES.get_template(f"{name}.j2").render(values) for name in TEXTS}
    return {**generated, **kernels, **texts, "stack.py": stack_script(), "LICENSE.txt": licence_text()}


def _values(proved: ProvedPlan, prefix: str) -> dict[str, object]:
    """What the templates speak of."""
    graph, plan, report = proved.graph, proved.plan, proved.report
    feeds = plan.stages[0].feeds if plan.stages else ()
    streamed = [graph.inputs.index(feed.tensor) for feed in feeds]
    notes = _NOTES | {"state": f"the struct {prefix} with 32-bit pointers"}
    return {
        "title": "".join(c if c.isalnum() or c in "._-" else "_" for c in graph.name),
        "version": verify.__version__,
        "prefix": prefix,
        "PREFIX": prefix.upper(),
        "inputs": [_c_type(graph, tensor) for tensor in graph.inputs],
        "outputs": [_c_type(graph, tensor) for tensor in graph.outputs],
        # The input that streams comes last: the work begins with its first row.
        "push_order": [*(k for k in range(len(graph.inputs)) if k not in streamed), *streamed],
        "external": any(buffer.policy is Policy.EXTERNAL for buffer in plan.buffers),
        "clip": graph.clip_frames > 1,
        "claims": [
            _wrapped(f"{claim} {CLAIMS[claim][0]:<13} {CLAIMS[claim][1]}", " " * 17) for claim in report.verdicts
        ],
        "solver": " and ".join(f"{name} {version}" for name, version in report.solvers),
        "plan": plan,
        "parts": sram_rows(plan_sram(graph, plan).as_dict(), notes),
        "weight_bytes": constant_bytes(graph, kernels_of(graph, plan)),
        "model_sha256": graph.sha256,
        "plan_sha256": hashlib.sha256(plan_to_json(plan).encode()).hexdigest(),
    }


def _c_type(graph: Graph, tensor: int) -> str:
    dtype = graph.tensors[tensor].dtype
    return _C_TYPES.get(dtype, f"{dtype.value}_t")


def _wrapped(text: str, indent: str) -> str:
    return "\n".join(textwrap.wrap(text, 100, subsequent_indent=indent, break_on_hyphens=False))
