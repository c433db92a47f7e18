"""What the commands that prove a plan share: solver, time limit, certificate."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

import verify
from verify.commands import cli
from verify.commands.errors import seconds
from verify.commands.files import FileError, replace_folder
from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.proof.certificate import certificate_files
from verify.proof.check import ProvedPlan, Report, check
from verify.solvers import CHOICES, TIMEOUT_MS, SolverError
from verify.solvers.proofs import alethe

MANIFEST = "manifest.json"


def add_solver(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """`--solver` and `--timeout`."""
    group = parser.add_argument_group("proof")
    group.add_argument(
        "--solver", choices=list(CHOICES), default="z3", help="z3 (default), cvc5, or both, which then must agree"
    )
    group.add_argument(
        "--timeout",
        type=seconds,
        default=TIMEOUT_MS / 1000,
        metavar="S",
        help="seconds per obligation (default: %(default)g);\nwhat takes longer is unknown, never proved",
    )
    return group


def add_options(parser: argparse.ArgumentParser) -> None:
    """The same, and what a proof leaves behind."""
    group = add_solver(parser)
    group.add_argument(
        "--certificate",
        type=Path,
        metavar="DIR",
        help="if proved, write every obligation as SMT-LIB 2 text, with a manifest,\nfor python -m verify.recheck DIR",
    )
    group.add_argument("--proofs", action="store_true", help="store cvc5's Alethe proofs in the certificate as well")


def prove(
    graph: Graph, plan: Plan, options: argparse.Namespace, progress: Callable[[int, int], None]
) -> tuple[Report, ProvedPlan | None]:
    """Proves or refutes as `options` ask.

    Raises:
      InputError: a solver is not installed, or the options contradict each other.
    """
    if options.proofs and not options.certificate:
        raise cli.InputError("--proofs stores proofs in a certificate; add --certificate DIR")
    try:
        return check(graph, plan, milliseconds(options), progress, options.solver)
    except SolverError as error:
        raise cli.InputError(str(error)) from None


def refuse_certificate(options: argparse.Namespace) -> None:
    """
    Raises:
      InputError: a certificate is asked for, of an arena plan of TensorFlow Lite Micro, which has none.
    """
    if options.certificate or options.proofs:
        raise cli.InputError("--certificate and --proofs are for plans of ours, not for an arena plan of TFLM")


def certify(options: argparse.Namespace, proved: ProvedPlan, generated: Mapping[str, str] | None = None) -> int:
    """Writes the certificate that `options` ask for; returns the number of its files, 0 where none is asked for.

    Raises:
      InputError: cvc5 is not installed, the folder cannot be written, or holds something else.
    """
    if options.certificate is None:
        return 0
    try:
        prover = alethe(milliseconds(options)) if options.proofs else None
        files = certificate_files(proved, f"stjax {verify.__version__}", generated, prover)
    except SolverError as error:
        raise cli.InputError(str(error)) from None
    try:
        replace_folder(options.certificate, files, MANIFEST, "certificate")
    except FileError as error:
        raise cli.InputError(str(error)) from None
    return len(files)


def milliseconds(options: argparse.Namespace) -> int:
    return round(options.timeout * 1000)
