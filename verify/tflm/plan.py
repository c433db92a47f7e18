"""An arena plan for TensorFlow Lite Micro: every operator over whole tensors, in the order of the file."""

from verify.plan.arena import Item, load_bound
from verify.plan.exact import placed
from verify.solvers.z3_solver import PLACING
from verify.tflm.arena_plan import TFLM_ALIGNMENT, ArenaPlan, Execution


def plan_arena(execution: Execution) -> tuple[ArenaPlan, int, int]:
    """Offsets for all tensors that operators write, the end of the highest, and the least end that any plan could have.

    No operator's result takes over an operand's bytes, since TFLM's kernels promise nothing about that, except where
    the kernel leaves the bytes alone (a change of shape); then operand and result share one place.
    """
    last = len(execution.steps)
    first = dict.fromkeys(execution.inputs, -1)
    final: dict[int, int] = {}
    owner = {tensor: tensor for tensor in execution.tensors}
    for position, step in enumerate(execution.steps):
        first |= dict.fromkeys(step.writes, position)
        final |= dict.fromkeys((*step.reads, *step.writes), position)
        if step.same_place and step.reads[0] in first:
            owner[step.writes[0]] = owner[step.reads[0]]
    final |= dict.fromkeys(execution.outputs, last)
    members: dict[int, list[int]] = {}
    for tensor in first:
        members.setdefault(owner[tensor], []).append(tensor)
    items = [
        Item(
            -(-execution.tensors[o].size_bytes // TFLM_ALIGNMENT) * TFLM_ALIGNMENT,
            min(first[t] for t in m),
            max(final.get(t, first[t]) for t in m),
        )
        for o, m in members.items()
    ]
    placement = placed(items, {}, effort=PLACING)
    offsets: dict[int, int | None] = dict.fromkeys(execution.tensors)
    for offset, group in zip(placement.offsets, members.values(), strict=True):
        offsets |= dict.fromkeys(group, offset)
    return ArenaPlan(offsets), placement.peak, load_bound(items)
