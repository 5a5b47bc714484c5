"""One update that a run has made, computed again: its batch, its weights and optimizer state, and the result.

The order of the samples follows from seed and epoch, and random masks from the number of the update, so an update is
computed again from the newest checkpoint before it, with the changes of the learning rate at their steps.
"""

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec
import numpy as np

from engine.arrays import Labels
from engine.data import Data
from engine.errors import CheckpointError, RunError
from engine.events import AppliedChange
from engine.experiment.experiment import Experiment
from engine.glassbox.command import walk_batch
from engine.glassbox.steps import ExplainEvent
from engine.glassbox.update import UpdateRule
from engine.glassbox.walk import Walk
from engine.nn.network import Network
from engine.runs.checkpoints import LIVE_NAME, checkpoint_path, positions
from engine.runs.commands import as_rate
from engine.runs.data_file import refuse_changed_data
from engine.runs.folder import Run
from engine.runs.history import RunHistory, read_history
from engine.runs.migrate import restore
from engine.storage.weights import Snapshot, load_snapshot
from engine.training.batches import BatchSource
from engine.training.network_check import computes_the_same
from engine.training.setup import set_up
from engine.training.trainer import Trainer
from engine.words import counted

LARGEST_BATCH = 40_000_000
"""Maximum number of values in a batch that is walked in float64."""
WAIT_S = 2.5
"""Maximum time to wait for the weights that the run's worker has after the update; it writes them once a second."""
POLL_S = 0.05


class MadeStep(NamedTuple):
    """An update that a run has made."""

    step: int
    """Updates made after it."""
    before: Network
    """The network before it, in the training's dtype."""
    after: Network
    chosen: Labels
    """Indices of its batch in the training split, (m,)."""
    rule: UpdateRule
    data: Data
    start: int
    """The step of the checkpoint from which it was computed; 0: the initial weights."""
    recorded: Network | None
    """The run's own weights after the update; None: the run has not stored them."""

    @property
    def is_same(self) -> bool:
        """True if the run stored the same weights after the update, bit for bit."""
        return self.recorded is not None and self.recorded.theta.tobytes() == self.after.theta.tobytes()


def make_step_again(
    run: Run,
    step: int,
    *,
    sleep: Callable[[float], None] = time.sleep,
    timer: Callable[[], float] = time.monotonic,
) -> MadeStep:
    """Return update number `step` of a run, from 1.

    Raises:
        RunError: the run has not made this update, no usable checkpoint precedes it, or the training diverged before.
        DataError: the data are missing or cannot be read.
    """
    made = run.status().step
    if not 1 <= step <= made:
        hint = f"steps are numbered 1 to {made:,}" if made else "wait until its training has started"
        raise RunError(f"{run.name} has not made step {step:,}", hint)
    refuse_changed_data(run)
    history = read_history(run.path)
    trainer, events, start = _trainer_at(run, history, step - 1)
    _refuse_large(trainer)
    before, state = trainer.network.copy(), trainer.optimizer_state.copy()
    training = trainer.experiment.training
    rule = UpdateRule(training.optimizer, trainer.current_rate, state, training.clip_norm)
    chosen = _batch_of(trainer)
    _train_to(trainer, events, step, [])
    recorded = _recorded(run, step, sleep, timer)
    if recorded is not None and not _is_of(recorded, trainer.network):
        recorded = None  # of another run
    return MadeStep(step, before, trainer.network, chosen, rule, trainer.data, start, recorded)


def explain_step(run: Run, step: int) -> Iterator[ExplainEvent]:
    """Walk the batch of update number `step` of a run through the weights that it had, and through its update.

    Raises:
        RunError, DataError: as `make_step_again`.
    """
    made = make_step_again(run, step)
    source = f"the checkpoint at step {made.start:,}" if made.start else "the initial weights"
    if made.recorded is None:
        remark = f"Recomputed from {source}; the run has stored no weights of step {step:,} to compare with."
    elif made.is_same:
        remark = f"Recomputed from {source}; the new weights equal those of the run bit for bit."
    else:
        remark = (
            f"Recomputed from {source}; the new weights differ from those of the run by {_apart(made):.1e}."
        )
    yield from walk_batch(
        made.before,
        made.data,
        made.chosen,
        made.rule,
        number=step - 1,
        subject=f"step {step:,}",
        remark=remark,
        compare=lambda walk: _wrong_result(made, walk),
    )


def _is_of(recorded: Network, network: Network) -> bool:
    """Return True if stored weights belong to the network that is trained here."""
    return computes_the_same(recorded.spec, network.spec) and len(recorded.theta) == len(network.theta)


TOLERANCE = {"float32": 1e-3, "float64": 1e-8}
"""Largest norm ratio of the walk's update and the run's that is rounding."""
NEGLIGIBLE = 1e-4
"""Share of the largest gradient; the update of a weight with a smaller one may be that of a rounding error."""


def _wrong_result(made: MadeStep, walk: Walk) -> str:
    """Return why the walk's update is not the run's, "" if it is or cannot be compared."""
    if made.recorded is None:
        return ""
    largest = max(float(np.abs(gradient).max()) for gradient in walk.gradients.values())
    taken, walked = [], []
    views = (network.parameters() for network in (made.before, made.recorded, walk.after))
    for (name, before, _), (_, recorded, _), (_, after, _) in zip(*views, strict=True):
        told = np.abs(walk.gradients[name]) > NEGLIGIBLE * largest
        start = before.astype(np.float64)[told]
        taken.append(recorded.astype(np.float64)[told] - start)
        walked.append(after[told] - start)
    theirs, ours = np.concatenate(taken), np.concatenate(walked)
    size = float(np.linalg.norm(theirs) + np.linalg.norm(ours))
    resolution = float(np.finfo(made.before.dtype).eps * np.linalg.norm(made.before.theta))
    off = float(np.linalg.norm(theirs - ours))
    if off <= TOLERANCE[made.before.dtype.name] * size + resolution:
        return ""
    return f"the update of the run differs from this walk (norm ratio {off / max(size, 1e-300):.1e})"


def _apart(made: MadeStep) -> float:
    """Return the largest relative difference between the recomputed and the stored weights."""
    if made.recorded is None:
        return 0.0
    largest = float(np.abs(made.recorded.theta).max())
    return float(np.abs(made.recorded.theta - made.after.theta).max()) / max(largest, 1e-300)


def _trainer_at(run: Run, history: RunHistory, step: int) -> tuple[Trainer, Iterator[object], int]:
    """Return the run's training after `step` updates, its events, and the step of the checkpoint that was used."""
    first = history.starts[0].step if history.starts else 0
    snapshot = _checkpoint_up_to(run, step)
    if snapshot is None and first:
        raise RunError(f"{run.name} has no checkpoint before step {step + 1:,}", "choose a later step")
    start = 0 if snapshot is None or snapshot.position is None else snapshot.position.step
    starts = [event for event in history.starts if event.step <= step]
    experiment = Experiment.from_raw(starts[-1].experiment) if starts else run.experiment()
    trainer = set_up(_in_numpy(experiment))
    trainer.settle_threads(starts[-1].threads if starts else 1)
    if snapshot is not None:
        restore(trainer, snapshot)
    changes = [change for change in history.changes if start <= change.step <= step]
    events = iter(trainer)
    _train_to(trainer, events, step, changes)
    return trainer, events, start


def _in_numpy(experiment: Experiment) -> Experiment:
    """Return the experiment with NumPy as its back end: the walk loads no PyTorch."""
    training = msgspec.structs.replace(
        experiment.training, backend="numpy", device="auto", processes=1, compile=False
    )
    return msgspec.structs.replace(experiment, training=training)


def _checkpoint_up_to(run: Run, step: int) -> Snapshot | None:
    """Return the newest usable checkpoint of at most `step` updates; None: there is none."""
    for known, (_, path) in reversed(positions(run.path).items()):
        if known > step:
            continue
        try:
            snapshot = load_snapshot(path)
        except CheckpointError:
            continue
        if snapshot.optimizer_state is not None:
            return snapshot
    return None


def _train_to(trainer: Trainer, events: Iterator[object], step: int, changes: list[AppliedChange]) -> None:
    """Train until `step` updates are made, and apply the changes at their steps, the last ones included."""
    waiting = list(changes)
    while True:
        now = trainer.position.step
        while waiting and waiting[0].step <= now:
            trainer.learning_rate = as_rate(waiting.pop(0).value) or trainer.learning_rate
        if now >= step:
            return
        if trainer.is_over:
            raise RunError(
                f"the training ends at step {now:,}, before step {step:,}", "choose an earlier step"
            )
        trainer.yield_within(min([step, *(change.step for change in waiting[:1])]) - now)
        next(events)


def _batch_of(trainer: Trainer) -> Labels:
    """Return the indices of the next batch in the training split, (m,)."""
    position, m = trainer.position, trainer.batch_size
    source = BatchSource(trainer.network, trainer.data, m, trainer.experiment.seed, False)
    order = source.start_epoch(position.epoch, records=False)
    return np.asarray(order[position.cursor : position.cursor + m], np.int64)


def _refuse_large(trainer: Trainer) -> None:
    values = trainer.batch_size * trainer.network.n_features
    if values > LARGEST_BATCH:
        raise RunError(
            f"the batch of {counted(trainer.batch_size, 'sample')} is too large to be walked step by step",
            "use a smaller batch size",
        )


def _recorded(
    run: Run, step: int, sleep: Callable[[float], None], timer: Callable[[], float]
) -> Network | None:
    """Return the run's own weights after `step` updates; None: it has not stored them."""
    deadline = timer() + WAIT_S
    while True:
        for path in (checkpoint_path(run.path, step), run.path / LIVE_NAME):
            try:
                snapshot = load_snapshot(path)
            except CheckpointError:
                continue
            if snapshot.position is not None and snapshot.position.step == step:
                return snapshot.network
        status = run.status()
        if status.state != "paused" or status.step != step or timer() >= deadline:
            return None
        sleep(POLL_S)
