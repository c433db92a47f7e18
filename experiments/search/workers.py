"""Who is still working on what: a process that is killed leaves trials behind that another takes over.

A process holds the lock of a file for as long as it lives, however it ends: nothing has to be written at its end, and a
process number that is used again misleads nobody.
"""

import fcntl
import os
import socket
import uuid
from pathlib import Path
from typing import Any

from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

HOST, WORKER, TRAINING = "host", "worker", "training"
"""Names of what a trial remembers: where and by whom it is run, and the folder of its training."""


class Worker:
    """This process, as the others see it.

    Args:
      folder: of lock files; shared by the processes of one machine.
    """

    def __init__(self, folder: Path):
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.name = uuid.uuid4().hex[:12]
        self._file = (folder / self.name).open("w")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    @property
    def marks(self) -> dict[str, str]:
        """What a trial of this process remembers of it."""
        return {HOST: socket.gethostname(), WORKER: self.name}

    def lives(self, name: str) -> bool:
        """Whether another process of this machine is still there."""
        try:
            with (self._folder / name).open() as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def take_over(self, study: Study) -> list[int]:
        """Ends the trials that dead processes of this machine have left, and queues them anew; their numbers.

        A trial goes on from the last checkpoint of the one that it takes the place of.
        """
        left = [
            trial for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)) if self._orphan(trial)
        ]
        for trial in left:
            study.tell(trial.number, state=TrialState.FAIL)
            kept: dict[str, Any] = {k: v for k, v in trial.user_attrs.items() if k not in (HOST, WORKER)}
            study.enqueue_trial(trial.params, user_attrs=kept)
        return [trial.number for trial in left]

    def close(self) -> None:
        os.unlink(self._file.name)
        self._file.close()

    def _orphan(self, trial: FrozenTrial) -> bool:
        marks = trial.user_attrs
        return marks.get(HOST) == socket.gethostname() and not self.lives(marks.get(WORKER, ""))
