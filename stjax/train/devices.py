"""All devices as one row along the batch: one CPU, several GPUs, or several hosts, with the same program.

Parameters are on every device, each device computes its part of the batch, and the compiler adds gradients up. Several
hosts join if the environment says so:

    STJAX_COORDINATOR=host:port STJAX_PROCESSES=2 STJAX_PROCESS=0 ...      process 0 runs at that address
    STJAX_COORDINATOR=auto                                                 a cluster that JAX recognizes, as Slurm
"""
# pyright: reportMissingImports=false

import os
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from stjax.data.pipeline import Batch

AXIS = "data"


def join_other_hosts() -> None:
    """Starts jax.distributed if the environment asks for it and it does not run yet; must come before other JAX calls.

    Raises:
      ValueError: if the variables are incomplete or not numbers.
    """
    coordinator = os.environ.get("STJAX_COORDINATOR")
    if not coordinator or jax.distributed.is_initialized():
        return
    if coordinator == "auto":
        jax.distributed.initialize()
        return
    try:
        count, index = int(os.environ["STJAX_PROCESSES"]), int(os.environ["STJAX_PROCESS"])
    except (KeyError, ValueError) as error:
        raise ValueError(
            f"STJAX_COORDINATOR is {coordinator}, so STJAX_PROCESSES and STJAX_PROCESS must be numbers: {error}"
        ) from None
    jax.distributed.initialize(coordinator, num_processes=count, process_id=index)


def all_devices() -> Mesh:
    """Every device of every host, along the axis "data"."""
    return Mesh(np.array(jax.devices()), (AXIS,))


def replicated(mesh: Mesh) -> NamedSharding:
    return NamedSharding(mesh, PartitionSpec())


def along_batch(mesh: Mesh) -> NamedSharding:
    return NamedSharding(mesh, PartitionSpec(AXIS))


def process_shard() -> tuple[int, int]:
    """(index, count) for `Batches.shard`: the part of every batch that this process makes."""
    return jax.process_index(), jax.process_count()


def check_batch_size(batch_size: int, mesh: Mesh) -> None:
    """Raises ValueError unless the devices can share a batch equally."""
    if batch_size % mesh.size:
        raise ValueError(
            f"`batch_size` (={batch_size}) must be divisible by the number of devices (={mesh.size}): "
            "each takes an equal part"
        )


def put(batch: Batch, mesh: Mesh) -> tuple[jax.Array, jax.Array, jax.Array]:
    """(clips, labels, weights) spread over the devices, from the part that this process has."""
    sharding = along_batch(mesh)
    clips, labels, weights = (
        jax.make_array_from_process_local_data(sharding, part) for part in (batch.clips, batch.labels, batch.weights)
    )
    return clips, labels, weights


def put_everywhere(tree: Any, mesh: Mesh) -> Any:
    """The same values on every device."""
    return jax.device_put(tree, replicated(mesh))
