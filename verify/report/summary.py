"""Everything a report says about a plan, as plain values: the object behind both `--json` and the tables. Bytes."""

from dataclasses import asdict
from typing import Any

from verify.graph.accounting import history_bytes
from verify.graph.answers import answers
from verify.graph.graph import Graph
from verify.graph.plan import Plan, Policy
from verify.graph.sram import Sram
from verify.ops.regions import computed_macs
from verify.proof.check import Report
from verify.proof.layout import Layout
from verify.proof.verdict import Proved, Refuted, Verdict
from verify.report.in_use import Held, at_position, fullest_tick, held
from verify.targets.choice import kernels_of
from verify.targets.cost import instructions_of
from verify.targets.flash import constant_bytes


def verdict_value(verdict: Verdict) -> dict[str, Any]:
    """A verdict as an object; `verdict` is "proved", "refuted" or "unknown"."""
    if isinstance(verdict, Proved):
        return {"verdict": "proved", "obligations": verdict.obligations}
    if isinstance(verdict, Refuted):
        return {"verdict": "refuted", "subject": verdict.subject, "counterexample": verdict.counterexample}
    return {"verdict": "unknown", "subject": verdict.subject, "reason": verdict.reason}


def report_value(report: Report) -> dict[str, Any]:
    """A checker's report: the overall verdict, each claim's, and what it took."""
    return {
        "verdict": report.verdict,
        "proof": report.verdict,
        "claims": {claim: verdict_value(verdict)["verdict"] for claim, verdict in report.verdicts.items()},
        "details": {claim: verdict_value(verdict) for claim, verdict in report.verdicts.items()},
        "obligations": report.obligations,
        "questions": report.questions,
        "proof_seconds": round(report.seconds, 3),
        "solvers": [f"{name} {version}" for name, version in report.solvers],
        "confirmed": list(report.confirmed),
    }


def plan_value(graph: Graph, plan: Plan) -> dict[str, Any]:
    """A plan's own figures: SRAM by part, weights in flash, multiply-accumulates, stages, and its fullest moment."""
    macs, layerwise = computed_macs(graph, plan), {node.index: node.macs for node in graph.nodes}
    if graph.goes_on:  # what is left out of some frames counts by the share of frames that have it
        every = graph.feeds_later_frames()
        macs, layerwise = (
            {op: count if op in every else -(-count // plan.time_step) for op, count in counts.items()}
            for counts in (macs, layerwise)
        )
    return {
        "model": plan.model_name,
        "scheme": plan.scheme,
        "input": plan.input_mode.value,
        "sram_bytes": plan_sram(graph, plan).as_dict(),
        "flash_bytes": {"total": None, "weights": constant_bytes(graph, kernels_of(graph, plan)), "code": None},
        "macs": sum(macs.values()),
        "macs_layerwise": sum(layerwise.values()),
        "target": plan.target,
        "instructions_estimated": instructions_of(graph, plan, kernels_of(graph, plan)),
        "time": {
            "clip_frames": plan.clip_frames,
            "warm_up_frames": graph.warm_up,
            "step": plan.time_step,
            "results": graph.results,
            "answers": [asdict(answer) for answer in answers(graph)] if plan.clip_frames > 1 else [],
        },
        "operators": len(graph.nodes),
        "stages": [
            {"ops": [f.op for f in stage.firings], "ticks": stage.ticks, "feeds": [f.tensor for f in stage.feeds]}
            for stage in plan.stages
        ],
        "peak": fullest(graph, plan),
        **({"phased": list(plan.phased)} if plan.phased else {}),
    } | left_out_value(graph)


def left_out_value(graph: Graph) -> dict[str, Any]:
    """How many channels, and layer-wise MACs with them, a network is left without; nothing where it is whole."""
    if graph.whole is None:
        return {}
    macs = [sum(node.macs for node in network.nodes) for network in (graph.whole, graph)]
    channels = sum(len(entry.channels) for entry in graph.left_out)
    return {
        "left_out": {
            "channels": channels,
            "macs": macs[0] - macs[1],
            "macs_share": round(1 - macs[1] / max(1, macs[0]), 6),
        }
    }


def plan_sram(graph: Graph, plan: Plan) -> Sram:
    """What a plan reserves of each part."""
    history = history_bytes(graph, plan)
    sizes = (plan.arena_bytes, history, plan.scratch_bytes, plan.state_bytes, plan.stack_bytes)
    return Sram(*sizes, fifo=plan.fifo_bytes, head=plan.head_bytes)


def fullest(graph: Graph, plan: Plan) -> dict[str, Any]:
    """The firing at which most bytes are in use, and what is in use there at its fullest tick, largest first."""
    layout = Layout(graph, plan)
    if layout.faults or not plan.stages:
        return {}
    # What lives while a row is fed lives, too, while the operator that reads it runs: operators name the moment.
    firings = [
        (number, layout.spans[number].first + len(stage.feeds) + slot, firing.op)
        for number, stage in enumerate(plan.stages)
        for slot, firing in enumerate(stage.firings)
    ]
    parts = held(layout)
    stage, position, op = max(firings, key=lambda place: fullest_tick(at_position(parts, place[1]))[0])
    alive = at_position(parts, position)
    most, tick = fullest_tick(alive)
    return {
        "stage": stage,
        "op": op,
        "label": layout.nodes[op].label,
        "tick": tick,
        "bytes": most,
        "buffers": [
            _held_value(graph, part, tick)
            for part in sorted(alive, key=lambda part: part.at(tick), reverse=True)
            if part.at(tick)
        ],
    }


def _held_value(graph: Graph, part: Held, tick: int) -> dict[str, Any]:
    buffer = part.buffer
    policy = buffer.policy.value if buffer.policy is not Policy.RING or buffer.carry else "rows of one tick"
    if len(part.bytes) > 1 and buffer.policy is Policy.WHOLE:
        policy = "rows in use of a whole tensor"
    return {
        "tensor": buffer.tensor,
        "name": graph.tensors[buffer.tensor].name,
        "bytes": part.at(tick),
        "rows": buffer.rows,
        "policy": policy,
    }
