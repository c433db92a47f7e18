"""Batches made ahead of time in worker processes, by Grain.

Why Grain: what takes time is Python around Pillow and PyAV, which needs processes, and Grain runs Python in processes
and keeps the order of steps for any number of them. tf.data would need decoding written in TensorFlow's operators, or
one lock for all of Python. What Grain is not used for is what `Batches` already is: a batch is a pure function of
(seed, epoch, step), so workers only compute it for the steps that come next, and resuming and sharding are the same
with and without them.

Batches come as bytes through pipes. Grain would hand arrays over in shared memory, which containers often have 64 MB
of, less than a few batches of video; and what is on its way when workers end would stay there.

Workers are started anew ("spawn"): a script that uses them needs `if __name__ == "__main__":`. They start with the
first batch and stay for the epochs that follow, which takes a second or two once.
"""
# pyright: reportMissingImports=false

import functools
import pickle
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from stjax.data.pipeline import Batches

READY_BATCHES = 2
"""So many finished batches of each worker wait in memory."""

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray]


class Workers:
    """The processes behind one `Batches`; one epoch at a time.

    Training goes through the epochs, evaluation sees the same one again and again; while the calls go on where the last
    one ended, so do the workers, and any other call starts them anew.
    """

    def __init__(self, batches: "Batches"):
        self._batches = replace(batches, workers=0)
        self._count = batches.workers
        self._iterator: Any = None
        self._next = (-1, -1)

    def epoch(self, epoch: int, start: int) -> Iterator[Arrays]:
        """Clips, labels and weights of the batches from step `start` on."""
        if self._iterator is None or self._next != (epoch, start):
            self.close()
            self._iterator = self._started(epoch, start)
        steps = self._batches.steps_per_epoch
        for step in range(start, steps):
            # Until it is there, this step has been begun and nothing can go on from it.
            self._next = (-1, -1)
            arrays = pickle.loads(next(self._iterator))
            last = step + 1 == steps
            self._next = (epoch + self._batches.training if last else epoch, 0 if last else step + 1)
            yield arrays

    def close(self) -> None:
        """Ends the processes."""
        if self._iterator is not None:
            self._iterator.close()
            self._iterator = None

    def _started(self, epoch: int, start: int) -> Any:
        import grain
        from absl import flags

        if not flags.FLAGS.is_parsed():  # Grain asks for flags of its own, which nobody reads who is no absl program.
            flags.FLAGS.mark_as_parsed()
        steps = self._batches.steps_per_epoch
        first = epoch * steps + start
        numbers = grain.MapDataset.range(first, first + 2**40)
        make = functools.partial(_pickled, self._batches, None if self._batches.training else epoch)
        # Threads inside a worker would only wait for each other; its buffer is what runs ahead.
        sequence = numbers.map(make).to_iter_dataset(grain.ReadOptions(num_threads=0, prefetch_buffer_size=0))
        return iter(sequence.mp_prefetch(grain.MultiprocessingOptions(self._count, READY_BATCHES)))


def _pickled(batches: "Batches", epoch: int | None, number: int) -> bytes:
    """The arrays of batch `number`, counted through all epochs, or of one epoch again and again."""
    through, step = divmod(int(number), batches.steps_per_epoch)
    batch = batches.batch(through if epoch is None else epoch, step)
    return pickle.dumps((batch.clips, batch.labels, batch.weights), pickle.HIGHEST_PROTOCOL)
