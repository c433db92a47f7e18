"""A proof as files that anybody can check again with a solver: one SMT-LIB 2 text per obligation, and a manifest.

`python -m verify.recheck` reads them; what the fields of the manifest mean is said in docs/SOUNDNESS.md.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from verify.graph.plan_json import plan_to_json
from verify.proof.check import ProvedPlan
from verify.proof.claims import CLAIMS
from verify.proof.obligation import ascii_line
from verify.proof.smt import Decision

FORMAT = 1
Prover = Callable[[str], str | None]  # an obligation's text -> its proof, or None where there is none


def certificate_files(
    proved: ProvedPlan,
    written_by: str,
    generated: Mapping[str, str] | None = None,
    prover: Prover | None = None,
) -> dict[str, str]:
    """The files of a proved plan's certificate: name -> text.

    Args:
      proved: all obligations of all claims, decided.
      written_by: program and version.
      generated: the C that was written for the plan, name -> text, to be named by its hashes.
      prover: gives the proof that is stored beside each obligation; None for no proofs.
    """
    files = {"plan.json": plan_to_json(proved.plan)}
    entries: list[dict[str, Any]] = []
    for number, decision in enumerate(proved.report.decisions):
        stem = f"{number + 1:05}-{decision.obligation.claim}"
        files[f"{stem}.smt2"] = text = decision.obligation.smtlib()
        entry = _entry(f"{stem}.smt2", decision, text)
        if decision.same_as is not None:
            entry["same_as"] = entries[decision.same_as]["file"]
        if prover is not None:
            proof = prover(text)
            entry["proof"] = None if proof is None else {"file": f"{stem}.alethe", "sha256": sha256(proof)}
            files |= {} if proof is None else {f"{stem}.alethe": proof}
        entries.append(entry)
    head = {"certificate": FORMAT, "written_by": written_by} | _head(proved, files["plan.json"], generated or {})
    manifest = head | {"obligations": entries}
    return files | {"manifest.json": json.dumps(manifest, indent=1) + "\n"}


def _head(proved: ProvedPlan, plan: str, generated: Mapping[str, str]) -> dict[str, Any]:
    report = proved.report
    return {
        "verdict": report.verdict,
        "model": {"name": ascii_line(proved.graph.name), "sha256": proved.graph.sha256},
        "plan": {"file": "plan.json", "sha256": sha256(plan)},
        "generated": {name: sha256(text) for name, text in generated.items()},
        "solvers": [{"name": name, "version": version} for name, version in report.solvers],
        "claims": {
            claim: {
                "name": CLAIMS[claim][0],
                "sentence": CLAIMS[claim][1],
                "obligations": sum(d.obligation.claim == claim for d in report.decisions),
            }
            for claim in report.verdicts
        },
    }


def _entry(file: str, decision: Decision, text: str) -> dict[str, Any]:
    return {
        "file": file,
        "sha256": sha256(text),
        "claim": decision.obligation.claim,
        "subject": ascii_line(decision.obligation.subject),
        "sentence": ascii_line(decision.obligation.sentence),
        "answers": {o.solver: {"result": o.answer.result, "seconds": round(o.seconds, 6)} for o in decision.opinions},
    }


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
