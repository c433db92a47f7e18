"""Compiles a generated model for a board and runs it over samples.

    firmware = build(gen_dir, "mps2-an500", build_dir)
    firmware.figures                          what the linked image has, against what the plan proved
    result = run(firmware, [images])          images: int8 [samples, 1, 96, 96, 3]

Any number of builds and runs may go on at the same time: compiled kernels are shared by all and guarded by a lock,
every build directory has a lock of its own, and every run has a temporary folder.
"""

import contextlib
import dataclasses
import fcntl
import functools
import hashlib
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import verify
from embedded.tools.board import EMBEDDED, QEMU, Board, FirmwareError, check_tools, load_board
from embedded.tools.calls import Calls, calls_of
from embedded.tools.counts import by_function, by_operator, read_counts
from embedded.tools.figures import Built, Flash, Proved, RunResult
from embedded.tools.image import Image, section_sizes, sum_of
from embedded.tools.samples import check_inputs, pack, unpack
from embedded.tools.signature import Signature, check_agreement, proved_of_header, signature_of_header
from embedded.tools.stack import StackBound, stack_bound
from verify.graph.sram import Sram


def build_folder() -> Path:
    """Where things are built: the folder that STJAX_BUILD names, or beside the kernels. What is installed is not
    written into; there it is a folder in the user's cache."""
    if named := os.environ.get("STJAX_BUILD"):
        return Path(named).resolve()
    if EMBEDDED.parent.name not in ("site-packages", "dist-packages"):
        return EMBEDDED / "build"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache.resolve() / "stjax" / verify.__version__


BUILD = build_folder()
OPTIMISATION = "-O2"
TIMEOUT_S = 900
CALLS = "calls"
"""Name of the file that tells the counting plugin where kernels are called."""


@dataclass(frozen=True)
class Firmware:
    """A linked program.

    Args:
      board: what it was built for.
      elf: the image.
      directory: its build directory, with the object files.
      kernels: object files of the kernels that it was linked with.
      signature: inputs and outputs of the model.
      proved: what its plan proved.
      sanitize: whether it was built with sanitizers.
      objects: object files of the generated model. The compiler's other files lie beside them.
    """

    board: Board
    elf: Path
    directory: Path
    kernels: tuple[Path, ...]
    signature: Signature
    proved: Proved
    sanitize: bool
    objects: tuple[Path, ...]

    @functools.cached_property
    def image(self) -> Image:
        return Image(self.board, self.elf)

    @functools.cached_property
    def calls(self) -> Calls:
        """Where it calls kernels for which operator."""
        return calls_of(self.image, self.objects, self.kernels)

    @functools.cached_property
    def stack_bound(self) -> StackBound:
        if not self.board.is_device:
            return StackBound(None, reason="only computed for devices")
        objects = [*self.kernels, *self.objects]
        return stack_bound(self.board, self.elf, [path.with_suffix(".ci") for path in objects])

    @functools.cached_property
    def figures(self) -> Built:
        """What the image has; it need not be run for that."""
        sram = Sram(
            arena=self.proved.sram.arena,
            history=self.proved.sram.history,
            state=self.state_bytes,
            scratch=self.proved.sram.scratch,
            stack=self.stack_bound.size_bytes,
            static=static_bytes(self),
            fifo=self.proved.sram.fifo,  # the application's, as the arena is
            head=self.proved.sram.head,  # compared when it is compiled
        )
        return Built(self.board, sram, flash(self), self.proved, self.stack_bound)

    @property
    def state_bytes(self) -> int | None:
        """Of the model struct, which has a section of its own; with 64-bit pointers it is another."""
        return sum_of(section_sizes(self.board, [self.elf]), ".stj_state") if self.board.is_device else None


def build(
    gen_dir: Path,
    board: str | Board,
    build_dir: Path,
    sanitize: bool = False,
    opt: str = OPTIMISATION,
    signature: Signature | None = None,
) -> Firmware:
    """Compiles and links a generated model; what is up to date is not compiled again.

    Args:
      gen_dir: the folder with stj_model.h and stj_model.c.
      board: a board or its name.
      build_dir: where object files and image go; made if absent. One per model, board and set of options.
      sanitize: with address and undefined-behaviour sanitizers; the host only.
      opt: optimisation option of the compiler.
      signature: shapes and types; those of the generated header where None.

    Raises:
      FirmwareError: if a tool is missing, the folder holds no generated model, or it does not compile.
    """
    board = load_board(board) if isinstance(board, str) else board
    check_tools(board, running=False)
    if sanitize and board.is_device:
        raise FirmwareError(f"sanitizers exist on the host only, not on {board.name}")
    header = gen_dir / "stj_model.h"
    if not header.is_file():
        raise FirmwareError(f"{gen_dir} holds no generated model: there is no stj_model.h")
    text = header.read_text()
    found, proved = signature_of_header(text), proved_of_header(text)
    if signature is not None:
        check_agreement(signature, found)
    out = build_dir.resolve()
    options = make_options(board, opt, sanitize)
    with locked(out / "lock"):
        options += [f"GEN={make_path(gen_dir)}", f"OUT={make_path(out)}"]
        with kernels_folder(board, opt, sanitize) as folder:
            make("kernels", *options)
        make("firmware", *options)
    objects = tuple(out / "model" / f"{path.stem}.o" for path in model_sources(gen_dir))
    kernels = tuple(folder / name for name in members(board, out / "libstj.a"))
    return Firmware(board, out / "firmware.elf", out, kernels, signature or found, proved, sanitize, objects)


def model_sources(gen_dir: Path) -> list[Path]:
    """The generated model's own sources; a whole exported folder has kernels and an example program beside them."""
    others = {"main.c", *(path.name for path in (EMBEDDED / "kernels").glob("*.c"))}
    return [path for path in sorted(gen_dir.glob("*.c")) if path.name not in others]


def kernel_objects(library: Path) -> list[Path]:
    """Object files in the folder of a library, without those of kernels that no longer exist."""
    return [library / f"{path.stem}.o" for path in sorted((EMBEDDED / "kernels").glob("*.c"))]


def build_library(board: Board, opt: str = OPTIMISATION) -> Path:
    """Compiles all kernels that changed; returns the folder with libstj.a, object files, .su and .ci files."""
    with kernels_folder(board, opt) as folder:
        make("lib", *make_options(board, opt))
    return folder


@contextlib.contextmanager
def kernels_folder(board: Board, opt: str, sanitize: bool = False) -> Iterator[Path]:
    """Where the compiled kernels of a board and of options lie, for this process alone."""
    if not re.fullmatch(r"-O\w+", opt, re.ASCII):
        raise FirmwareError(f'"{opt}" is not one optimisation option, such as -O2 or -Os')
    folder = BUILD / board.name / (opt.removeprefix("-") + ("-sanitize" if sanitize else ""))
    with locked(folder.with_suffix(".lock")):
        yield folder


def make_options(board: Board, opt: str, sanitize: bool = False) -> list[str]:
    return [f"BOARD={board.name}", f"OPT={opt}", *(["SANITIZE=1"] if sanitize else [])]


def members(board: Board, archive: Path) -> list[str]:
    """Names of the files in an archive."""
    listed = subprocess.run([f"{board.prefix}ar", "t", archive], capture_output=True, text=True, check=True)
    return listed.stdout.split()


def make_path(path: Path) -> str:
    """A path as make can read it, which takes blanks and many signs for its own.

    Below embedded/ it is relative, so that the place of the checkout does not matter. Where it has such signs all the
    same, a link stands for it, always the same one, so that nothing is compiled again.
    """
    path = path.resolve()
    if text := _plain(path):
        return text
    link = BUILD / "links" / hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    with locked(BUILD / "links" / "lock"):
        if not link.is_symlink():
            link.symlink_to(path)
    if text := _plain(link):
        return text
    raise FirmwareError(f"make cannot build in {BUILD}: name a folder without blanks and such, STJAX_BUILD=...")


def _plain(path: Path) -> str:
    """The path from embedded/ if make reads it as it stands, else "". Links are not followed."""
    text = str(path.relative_to(EMBEDDED) if path.is_relative_to(EMBEDDED) else path)
    return text if re.fullmatch(r"[\w./+,@^-]+", text, re.ASCII) else ""


def make(*arguments: str) -> None:
    """Runs make in embedded/, quietly unless it fails."""
    # An outer make hands its own variables and job server down; this is a build of its own.
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "GNUMAKEFLAGS")}
    command = ["make", "--no-print-directory", "-j2", "-C", str(EMBEDDED), f"BUILD={make_path(BUILD)}", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, env=environment)
    if result.returncode != 0:
        raise FirmwareError(f"the build failed: {' '.join(command)}\n{result.stderr.strip()}")


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds an exclusive lock on a file, which is made if absent, as are its parents."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def run(
    firmware: Firmware,
    inputs: Sequence[np.ndarray],
    stream: bool = False,
    profile: bool = False,
    timeout_s: float = TIMEOUT_S,
    clips: bool = False,
    margin: int | None = None,
) -> RunResult:
    """Runs the samples one after the other and measures.

    Args:
      firmware: from `build`.
      inputs: one array per input of the model, [samples, ...]; types and shapes are those of its signature.
      stream: samples are consecutive frames of one stream: the model is begun once, not before each.
      profile: also count instructions per function and per operator.
      timeout_s: seconds after which the program is stopped.
      clips: samples are the frames of clips, one clip after the other: the model is begun anew with each.
      margin: above which a stream's early output ends a frame, in its steps; None: never.

    Raises:
      FirmwareError: if the inputs do not fit the model, or the program fails, faults or takes too long.
    """
    check_inputs(inputs, firmware.signature.inputs)
    check_tools(firmware.board)
    if profile and not firmware.board.is_device:
        raise FirmwareError("a profile counts emulated instructions: choose a board under QEMU, not the host")
    samples = len(inputs[0])
    with tempfile.TemporaryDirectory(prefix="run-", dir=firmware.directory) as name:
        folder = Path(name)
        (folder / "in.bin").write_bytes(pack(inputs))
        if profile:
            (folder / CALLS).write_text(firmware.calls.text)
        arguments = [
            "in.bin",
            "out.bin",
            *(["clips"] if clips else ["keep-state"] if stream or margin is not None else []),
        ]
        arguments += [] if margin is None else [str(margin)]
        command = command_line(firmware, arguments, profile)
        report = parse_report(execute(command, folder, timeout_s))
        outputs = unpack((folder / "out.bin").read_bytes(), firmware.signature.outputs, samples)
        counts = read_counts((folder / "counts").read_text(), samples) if firmware.board.is_device else None
    built = firmware.figures
    painted = max(int(sample["stack"]) for sample in report["sample"]) if firmware.board.is_device else None
    return RunResult(
        board=built.board,
        sram=dataclasses.replace(built.sram, stack=painted),
        flash=built.flash,
        proved=built.proved,
        stack_bound=built.stack_bound,
        outputs=outputs,
        instructions=counts.samples if counts else None,
        profile=by_function(firmware.image, counts.by_address) if counts and profile else None,
        operators=by_operator(firmware.image, counts, firmware.calls.operators) if counts and profile else None,
        addresses=counts.by_address if counts and profile else None,
        early=tuple(sample["early"] == "1" for sample in report["sample"]),
    )


def command_line(firmware: Firmware, arguments: list[str], profile: bool) -> list[str]:
    """How to run a program with `arguments`: directly, or in QEMU with the counting plugin, which writes "counts"."""
    board = firmware.board
    if board.machine is None:
        return [str(firmware.elf), *arguments]
    image = firmware.image
    plugin = {
        "file": str(build_plugin()).replace(",", ",,"),
        "begin": hex(image.address("stj_marker_begin")),
        "end": hex(image.address("stj_marker_end")),
        "out": "counts",
    }
    if profile:
        plugin |= {"low": hex(image.address("stj_code_start")), "high": hex(image.address("stj_code_end"))}
        plugin["calls"] = CALLS
    semihosting = ",".join(["enable=on", "target=native", *(f"arg={word}" for word in ["infer", *arguments])])
    return [
        *(QEMU, "-machine", board.machine, "-display", "none", "-monitor", "none", "-serial", "none"),
        *("-semihosting-config", semihosting),
        *("-plugin", ",".join(f"{key}={value}" for key, value in plugin.items())),
        *("-kernel", str(firmware.elf)),
    ]


def build_plugin() -> Path:
    """The plugin that counts instructions, compiled if necessary."""
    with locked(BUILD / "qemu" / "lock"):
        make("plugin")
    return BUILD / "qemu" / "stj_count.so"


def execute(command: list[str], folder: Path, timeout_s: float) -> str:
    """Everything that the program printed.

    Raises:
      FirmwareError: if it ended with an error, with the last lines that it printed.
    """
    # The kernels never allocate; looking for leaks needs rights that containers often withhold.
    environment = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}
    try:
        result = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, errors="replace", timeout=timeout_s
        )
    except subprocess.TimeoutExpired:
        raise FirmwareError(f"the program did not end within {timeout_s:g} s") from None
    # QEMU prints the guest's console on stderr.
    printed = result.stdout + result.stderr
    if result.returncode != 0:
        tail = "\n".join(printed.strip().splitlines()[-40:])
        raise FirmwareError(f"the program ended with status {result.returncode}:\n{tail}")
    return printed


def parse_report(printed: str) -> dict[str, list[dict[str, str]]]:
    """Lines such as "stj-sample index=0 stack=96" as {"sample": [{"index": "0", "stack": "96"}]}."""
    report: dict[str, list[dict[str, str]]] = {"sample": []}
    for what, rest in re.findall(r"^stj-(\w+)((?: \w+=\S+)+)$", printed, re.MULTILINE):
        report.setdefault(what, []).append(dict(re.findall(r"(\w+)=(\S+)", rest)))
    if not report["sample"]:
        raise FirmwareError(f"the program reported nothing; it printed:\n{printed}")
    return report


def static_bytes(firmware: Firmware) -> int | None:
    """Initialised and zeroed data of generated code, kernels and library routines."""
    if firmware.sanitize:
        return None
    if firmware.board.is_device:
        return sum_of(section_sizes(firmware.board, [firmware.elf]), ".model_data", ".model_bss")
    objects = [*firmware.objects, *firmware.kernels]
    return sum_of(section_sizes(firmware.board, objects), ".data", ".bss")


def flash(firmware: Firmware) -> Flash:
    """Read-only sizes of a device's image."""
    if not firmware.board.is_device:
        return Flash(None, None, None)
    sizes = section_sizes(firmware.board, [firmware.elf])
    return Flash(
        # Initialised data is stored in flash too.
        code=sum_of(sizes, ".model_code", ".model_data"),
        weights=sum_of(sizes, ".weights"),
        harness=sum_of(sizes, ".vectors", ".harness_code", ".harness_data"),
    )
