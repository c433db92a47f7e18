"""What every kind of project is made from: a proved plan, its generated C, the kernels, and words about them.

Text in, text out; export.projects.folder writes it. Examples use what the generated header declares and nothing else.
"""

import hashlib
import io
import textwrap
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

import jinja2

import verify
from export.sources import kernel_files, licence_text
from verify.graph.graph import Graph
from verify.graph.plan import Policy
from verify.graph.plan_json import plan_to_json
from verify.graph.sram import sram_rows
from verify.graph.tensor import DType
from verify.proof.certificate import certificate_files
from verify.proof.check import ProvedPlan
from verify.proof.claims import CLAIMS
from verify.report.page import Extras, page
from verify.report.summary import plan_sram
from verify.targets.choice import kernels_of
from verify.targets.flash import constant_bytes

Files = dict[str, str | bytes]
"""Path in the folder, with / -> contents."""

LICENCE = "LICENSE.txt"

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("export.projects"), undefined=jinja2.StrictUndefined, keep_trailing_newline=True
)
_NOTES = {"stack": "a reserve: assumed by the proof, compared by make stack"}
_C_TYPES = {DType.BOOL: "uint8_t", DType.FLOAT32: "float"}
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
"""Of every file in an archive, so that the same project is the same bytes; the format knows none earlier."""


@dataclass(frozen=True)
class Kind:
    """A kind of project.

    Args:
      name: what `--project` takes.
      about: in a line, whom it is for.
      files: everything in the folder.
      commands: what to do next, in words of a shell, given the folder and the archive ("" for none).
      archive: name and contents of one archive of the whole, which lies beside the folder; None for none.
    """

    name: str
    about: str
    files: Callable[["Project"], Files]
    commands: Callable[[str, str], tuple[str, ...]]
    archive: Callable[["Project", Files], tuple[str, bytes]] | None = None


@dataclass(frozen=True)
class Project:
    """One network on its way into a folder.

    Args:
      proved: the plan that was emitted.
      generated: what the emitter made of it, name -> text.
      prefix: what the names of the generated functions and of their header begin with.
    """

    proved: ProvedPlan
    generated: Mapping[str, str]
    prefix: str = "stj_model"

    @cached_property
    def kernels(self) -> dict[str, str]:
        """Kernels and headers that the generated files need, those alone.

        Raises:
          MissingSourceError: a header is included that does not exist.
        """
        return kernel_files(self.generated)

    @property
    def network(self) -> dict[str, str]:
        """All C of the network: generated files and kernels, in one folder."""
        return {**self.generated, **self.kernels}

    @property
    def sources(self) -> list[str]:
        """What of it is compiled."""
        return sorted(name for name in self.network if name.endswith(".c"))

    def beside(self, *programs: str) -> dict[str, str]:
        """What programs include that is not the network's: camera, feed, serial line, with what stands behind them.

        Raises:
          MissingSourceError: a header is included that does not exist.
        """
        included = {f"program {k}": text for k, text in enumerate(programs)}
        found = kernel_files({**self.generated, **included})
        return {name: text for name, text in found.items() if name not in self.kernels}

    def under(self, folder: str) -> Files:
        """All C of the network, in a folder of the project's."""
        return {f"{folder}/{name}": text for name, text in self.network.items()}

    def text(self, template: str, **more: object) -> str:
        """A template filled in with what is known of the network."""
        return _TEMPLATES.get_template(template).render({**self.values, **more})

    def extras(self, folder: str = "extras") -> Files:
        """Plan, page and certificate, and the licence of the kernels at the top."""
        proved = self.proved
        by = f"stjax {verify.__version__}"
        certificate = certificate_files(proved, by, self.network)
        return {
            LICENCE: licence_text(),
            f"{folder}/plan.json": plan_to_json(proved.plan),
            f"{folder}/report.html": page(
                proved.graph, proved.plan, proved.report, Extras("python -m export", verify.__version__)
            ),
            f"{folder}/certificate.zip": archive(certificate),
        }

    @cached_property
    def values(self) -> dict[str, object]:
        """What the templates speak of."""
        graph, plan, report = self.proved.graph, self.proved.plan, self.proved.report
        feeds = plan.stages[0].feeds if plan.stages else ()
        streamed = [graph.inputs.index(feed.tensor) for feed in feeds]
        notes = _NOTES | {"state": f"the struct {self.prefix} with 32-bit pointers"}
        return {
            "title": "".join(c if c.isalnum() or c in "._-" else "_" for c in graph.name),
            "version": verify.__version__,
            "prefix": self.prefix,
            "PREFIX": self.prefix.upper(),
            "sources": self.sources,
            "inputs": [_c_type(graph, tensor) for tensor in graph.inputs],
            "outputs": [_c_type(graph, tensor) for tensor in graph.outputs],
            # The input that streams comes last: the work begins with its first row.
            "push_order": [*(k for k in range(len(graph.inputs)) if k not in streamed), *streamed],
            "external": any(buffer.policy is Policy.EXTERNAL for buffer in plan.buffers),
            "clip": graph.goes_on,
            "learns": plan.learning is not None,
            "claims": [
                _wrapped(f"{claim} {CLAIMS[claim][0]:<13} {CLAIMS[claim][1]}", " " * 17) for claim in report.verdicts
            ],
            "solver": " and ".join(f"{name} {version}" for name, version in report.solvers),
            "plan": plan,
            "parts": sram_rows(plan_sram(graph, plan).as_dict(), notes),
            "weight_bytes": constant_bytes(graph, kernels_of(graph, plan)),
            "kernels": _wrapped(", ".join(name for name in self.kernels if name.endswith(".c")), "  "),
            "model_sha256": graph.sha256,
            "plan_sha256": hashlib.sha256(plan_to_json(plan).encode()).hexdigest(),
        }


def archive(files: Mapping[str, str | bytes], folder: str = "") -> bytes:
    """A zip of these files, in a folder if one is named; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, contents in sorted(files.items()):
            entry = zipfile.ZipInfo(str(PurePosixPath(folder, name)), _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, contents)
    return out.getvalue()


def _c_type(graph: Graph, tensor: int) -> str:
    dtype = graph.tensors[tensor].dtype
    return _C_TYPES.get(dtype, f"{dtype.value}_t")


def _wrapped(text: str, indent: str) -> str:
    return "\n".join(textwrap.wrap(text, 100, subsequent_indent=indent, break_on_hyphens=False))
