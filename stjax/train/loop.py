"""Training from a config to a result, in a folder that lets it go on where it was interrupted."""
# pyright: reportMissingImports=false

import contextlib
import difflib
import math
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh

from stjax.data.clips import ClipSource
from stjax.data.datasets import Splits, load_splits
from stjax.data.pipeline import Batches, PipelineConfig
from stjax.train import averages, devices
from stjax.train.checkpoints import Checkpoints
from stjax.train.config import TrainConfig, build_optimizer
from stjax.train.identity import identity_of_run
from stjax.train.journal import Journal, write_atomically
from stjax.train.losses import outputs_of
from stjax.train.metrics import Metrics
from stjax.train.network import Network, ParamTransform, Variables, from_module, with_transform
from stjax.train.steps import Evaluate, TrainState, TrainStep, initial_state, make_evaluate, make_train_step, no_totals
from stjax.train.warm_start import WarmStart, load_variables, same_kind, warm_start

NetworkWrapper = Callable[[Network], Network]


class TrainError(Exception):
    """A run that cannot start or go on; the message says why."""


@dataclass(frozen=True, eq=False)
class Result:
    """What a run ends with.

    Args:
      variables: all collections, as NumPy arrays; with `ema_decay`, their averages.
      history: per epoch: epoch, step, train_loss, train_accuracy, seconds, validation (see `Metrics.to_json`).
      test: on the test split.
      started: what was and was not taken of the file that `initial` named.
    """

    variables: Variables
    history: list[dict[str, Any]]
    test: Metrics
    started: WarmStart | None = None


@dataclass(frozen=True, eq=False)
class _Run:
    config: TrainConfig
    mesh: Mesh
    batches: Batches
    validation: Batches
    step: TrainStep
    evaluate: Evaluate
    checkpoints: Checkpoints
    journal: Journal


def train_and_evaluate(
    config: TrainConfig,
    workdir: str | Path,
    *,
    data: Splits | None = None,
    transform: ParamTransform | None = None,
    wrap: NetworkWrapper | None = None,
    initial: Variables | str | Path | None = None,
    show: bool = True,
) -> Result:
    """Trains, or goes on from the last checkpoint in `workdir`, and evaluates on the test split.

    An interrupted run that goes on ends in the same parameters, bit for bit, as one that was not interrupted, on the
    same kind and number of devices (on GPUs with XLA_FLAGS=--xla_gpu_deterministic_ops=true). A finished run is only
    evaluated. With several devices or hosts the numbers agree to rounding: sums are added up in another order.

    Args:
      config: everything that decides the result, but for the arguments below.
      workdir: folder for checkpoints, logs and history; made if needed. Shared between hosts.
      data: the clips; None loads config.dataset.
      transform: params -> params before each use, such as fake quantization of weights.
      wrap: changes how the network is applied, such as fake quantization of activations; applied after `transform`.
      initial: variables to start from instead of random ones; or an .npz file of `save_variables`, of which all is
        taken that has a variable's name and shape; `Result.started` says what that was. A checkpoint goes before it.
      show: whether to draw progress on the terminal.

    Raises:
      TrainError: if `workdir` holds another run (another config, other clips, another `transform`, `wrap` or
        `initial`), the loss is not finite, or the model does not fit.
      DataError: from loading.
      ValueError: if the batch size does not fit the number of clips or devices.
    """
    devices.join_other_hosts()
    folder, mesh = Path(workdir), devices.all_devices()
    devices.check_batch_size(config.pipeline.batch_size, mesh)
    data = load_splits(config.dataset) if data is None else data
    network = network_of(config, transform, wrap)

    workers = contextlib.ExitStack()

    def batches(source: ClipSource, training: bool) -> Batches:
        made = Batches(source, config.pipeline, config.seed, training, devices.process_shard(), config.workers)
        workers.callback(made.close)
        return made

    training = batches(data.train, True)
    optimizer = build_optimizer(config.optimizer, config.epochs * training.steps_per_epoch)
    clip, _ = training.example(0)
    _check_output(network, clip, config, data.train.classes)
    checkpoints = Checkpoints(folder / "checkpoints", config.keep_checkpoints)
    try:
        state = initial_state(network, optimizer, clip, config, mesh)
        started = None if initial is None else _start(initial, state)
        if started is not None:
            state = _started_from(started.variables, state, config, mesh)
            if show and started.taken:
                print(started.report(), file=sys.stderr)
        first = None if started is None else started.variables
        _claim(folder, identity_of_run(config, data, transform, wrap, first))
        state, history = checkpoints.restore(state) or (state, [])
        total = config.epochs * training.steps_per_epoch
        evaluate = make_evaluate(network, mesh, config)
        with Journal(folder, int(state.step), total, show, jax.process_index() == 0) as journal:
            step = make_train_step(network, optimizer, mesh, config)
            run = _Run(config, mesh, training, batches(data.validation, False), step, evaluate, checkpoints, journal)
            state = _train(run, state, history)
        return Result(
            variables=jax.tree.map(np.asarray, state.judged),
            history=history,
            test=evaluate(state.judged, batches(data.test, False)),
            started=started if started is not None and started.taken else None,
        )
    finally:
        checkpoints.close()
        workers.close()


def evaluate(
    config: TrainConfig,
    variables: Variables,
    clips: ClipSource,
    *,
    pipeline: PipelineConfig | None = None,
    transform: ParamTransform | None = None,
    wrap: NetworkWrapper | None = None,
) -> Metrics:
    """Metrics of a trained network on any clips, for example with shuffled frames: `pipeline` replaces the config's."""
    mesh = devices.all_devices()
    batches = Batches(
        clips, pipeline or config.pipeline, config.seed, shard=devices.process_shard(), workers=config.workers
    )
    devices.check_batch_size(batches.config.batch_size, mesh)
    network = network_of(config, transform, wrap)
    with contextlib.closing(batches):
        return make_evaluate(network, mesh, config)(devices.put_everywhere(variables, mesh), batches)


def network_of(config: TrainConfig, transform: ParamTransform | None, wrap: NetworkWrapper | None) -> Network:
    """The network that a run of this config applies."""
    network = from_module(config.model, config.train_flag, config.method, config.per_frame)
    network = network if transform is None else with_transform(network, transform)
    return network if wrap is None else wrap(network)


def _train(run: _Run, state: TrainState, history: list[dict[str, Any]]) -> TrainState:
    """Runs the epochs that are left and adds them to the history."""
    done = int(state.step)
    while done < run.config.epochs * run.batches.steps_per_epoch:
        epoch, start = divmod(done, run.batches.steps_per_epoch)
        began = time.monotonic()
        for batch in run.batches.epoch(epoch, start):
            clips, labels, _ = devices.put(batch, run.mesh)
            state, loss = run.step(state, clips, labels)
            done += 1
            run.journal.advance()
            if done % run.config.log_every == 0:
                _report(run, state, done)
                run.journal.step(done, float(loss))
            last = done % run.batches.steps_per_epoch == 0
            if last:
                state = _finish_epoch(run, state, history, epoch, time.monotonic() - began)
            # After the evaluation: a checkpoint at the end of an epoch has the epoch in its history.
            if done % run.config.checkpoint_every == 0 or (last and epoch + 1 == run.config.epochs):
                run.checkpoints.save(state, history)
    return state


def _report(run: _Run, state: TrainState, step: int) -> tuple[float, float]:
    """Shows and returns mean loss and accuracy over the epoch so far."""
    totals = state.totals
    loss, accuracy = float(totals.loss) / int(totals.clips), int(totals.correct) / max(1, int(totals.labels))
    if not math.isfinite(loss):
        raise TrainError(f"the loss is {loss} by step {step}; a lower learning rate or `clip_norm` may help")
    run.journal.show(loss, accuracy)
    return loss, accuracy


def _finish_epoch(
    run: _Run, state: TrainState, history: list[dict[str, Any]], epoch: int, seconds: float
) -> TrainState:
    loss, accuracy = _report(run, state, int(state.step))
    history.append(
        {
            "epoch": epoch,
            "step": int(state.step),
            "train_loss": loss,
            "train_accuracy": accuracy,
            "seconds": seconds,
            "validation": run.evaluate(state.judged, run.validation).to_json(),
        }
    )
    run.journal.epoch(history)
    return state._replace(totals=devices.put_everywhere(no_totals(), run.mesh))


def _check_output(network: Network, clip: np.ndarray, config: TrainConfig, classes: tuple[str, ...]) -> None:
    """Before minutes of training: does the model give one number per class, and per frame if frames have labels?"""
    example = jax.ShapeDtypeStruct(clip.shape, np.float32)
    variables = jax.eval_shape(network.init, jax.random.key(0), example)
    batch = jax.ShapeDtypeStruct((2, *clip.shape), np.float32)
    answer, _ = jax.eval_shape(lambda v, c: network.apply(v, c, False, jax.random.key(0)), variables, batch)
    shapes = [output.shape[1:] for output in outputs_of(answer)]
    count, frames = len(classes), len(clip)
    for shape in shapes:
        if config.per_frame and not (len(shape) == 2 and shape[1] == count and shape[0] <= frames):
            raise TrainError(
                f"the model maps a clip {clip.shape} to logits of shape {shape}; frames have labels of {count} "
                f"classes, so it must be (frames, {count}) with at most {frames} frames"
            )
        if not config.per_frame and shape != (count,):
            raise TrainError(
                f"the model maps a clip {clip.shape} to logits of shape {shape}; "
                f"the dataset has {count} classes, so it must be ({count},)"
            )
    if len(set(shapes)) > 1:
        raise TrainError(
            f"the model's outputs are for {', '.join(str(s[0]) for s in shapes)} frames; they must be alike"
        )
    for name, given, wanted in (
        ("class_weights", config.class_weights, count),
        ("output_weights", config.output_weights, len(shapes)),
    ):
        if given is not None and len(given) != wanted:
            raise TrainError(f"`{name}` has {len(given)} numbers; it must have {wanted}")


def _start(initial: Variables | str | Path, state: TrainState) -> WarmStart:
    if isinstance(initial, Mapping):
        if not same_kind(initial, state.variables):
            raise TrainError("`initial` has other names, shapes or types than the model's variables")
        # As NumPy arrays: a step uses up what it is given, which may still be the caller's.
        return WarmStart(jax.tree.map(np.asarray, dict(initial)), (), (), (), ())
    try:
        return warm_start(jax.tree.map(np.asarray, state.variables), load_variables(initial))
    except ValueError as error:
        raise TrainError(f"`initial`: {error}") from None


def _started_from(initial: Variables, state: TrainState, config: TrainConfig, mesh: Mesh) -> TrainState:
    variables = devices.put_everywhere(initial, mesh)
    return state._replace(variables=variables, averages=averages.begun(variables, config.ema_decay))


def _claim(folder: Path, text: str) -> None:
    """Writes what this run is, or checks that the folder's run is the same."""
    path = folder / "config.txt"
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        if jax.process_index() == 0:
            write_atomically(path, text)
        return
    old = path.read_text()
    if old != text:
        changes = [line for line in difflib.ndiff(old.splitlines(), text.splitlines()) if line[0] in "-+"]
        raise TrainError(
            f"{folder} holds another run; choose another folder, or remove it to start again:\n  "
            + "\n  ".join(changes)
        )
