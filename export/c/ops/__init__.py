"""One emitter per operator, named like the operator's file in verify/ops: `emit(node, prefix) -> KernelCall`."""
