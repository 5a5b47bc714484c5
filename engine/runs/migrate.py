"""Migration of a training to a changed experiment: the state that is kept, that is reset, and that cannot be used."""

from dataclasses import replace

import msgspec
import numpy as np

from engine.arrays import Array
from engine.errors import CheckpointError
from engine.experiment.experiment import Experiment
from engine.experiment.specs import TrainingSpec
from engine.nn.network import Network
from engine.optim.optimizer import OptimizerState
from engine.optim.schedule import ScheduleState
from engine.storage.weights import Snapshot
from engine.training.position import Position, is_patience_exhausted
from engine.training.trainer import Trainer


def migrate(
    snapshot: Snapshot, experiment: Experiment, steps_per_epoch: int
) -> tuple[Snapshot, tuple[str, ...]]:
    """Return the training of `snapshot` under `experiment`, and remarks on the state that is reset.

    If the experiment is unchanged, so is every bit.

    Args:
        snapshot: with position and optimizer state.
        steps_per_epoch: updates per epoch under `experiment`.

    Raises:
        CheckpointError: the weights do not fit the network, or the position does not fit the data.
    """
    old, new = snapshot.experiment.training, experiment.training
    network = Network.of(experiment, snapshot.network)
    _check_shapes(snapshot.network, network)
    np.copyto(network.state, snapshot.network.state, casting="same_kind")
    remarks: list[str] = []
    migrated = replace(
        snapshot,
        network=network,
        experiment=experiment,
        position=_position(snapshot, experiment, steps_per_epoch, remarks),
        optimizer_state=_optimizer_state(snapshot.optimizer_state, old, new, network.theta, remarks),
        learning_rate=_learning_rate(snapshot, new),
        best_state=_best_state(snapshot, experiment, network),
    )
    return migrated, tuple(remarks)


def restore(trainer: Trainer, snapshot: Snapshot) -> tuple[str, ...]:
    """Restore the training of `snapshot` in `trainer`, under the trainer's experiment; return remarks as `migrate` does.

    Raises:
        CheckpointError: as `migrate`, or the snapshot has no position.
    """
    migrated, remarks = migrate(snapshot, trainer.experiment, trainer.steps_per_epoch)
    position, state, rate = migrated.position, migrated.optimizer_state, migrated.learning_rate
    if snapshot.position is None or position is None or state is None or rate is None:
        raise CheckpointError("the checkpoint has no training position")
    trainer.restore(migrated.network.state, position, state, rate, migrated.best_state)
    return remarks


def _check_shapes(before: Network, after: Network) -> None:
    shapes = [{name: view.shape for name, view, _ in network.parameters()} for network in (before, after)]
    for name in [*shapes[0], *shapes[1]]:
        there, here = (shape.get(name) for shape in shapes)
        if there != here:
            was, is_now = (str(shape) if shape else "none" for shape in (there, here))
            raise CheckpointError(
                f"the weights do not fit other layers: {name} was {was} and would be {is_now}",
                "do not change network.layers, or start a new run",
            )


def _position(
    snapshot: Snapshot, experiment: Experiment, steps_per_epoch: int, remarks: list[str]
) -> Position:
    position, old = snapshot.position or Position(), snapshot.experiment
    training = experiment.training
    if position.cursor and _order(old) != _order(experiment):
        raise CheckpointError(
            f"step {position.step} is within an epoch, whose samples would come in another order",
            "use a checkpoint at the end of an epoch, or do not change data, seed and batch_size",
        )
    if position.cursor == 0 and position.step != position.epoch * steps_per_epoch:
        position = msgspec.structs.replace(position, step=position.epoch * steps_per_epoch)
    if training.schedule != old.training.schedule:
        remarks.append("the schedule changed: the state of the previous schedule is dropped")
        position = msgspec.structs.replace(position, schedule=ScheduleState())
    if old.data != experiment.data and position.best_loss is not None:
        remarks.append("the data changed: the best loss so far is reset")
        position = msgspec.structs.replace(position, best_loss=None, bad_epochs=0)
    if training != old.training and position.bad_epochs:
        position = msgspec.structs.replace(position, bad_epochs=_bad_epochs(position, old.training, training))
    return position


def _bad_epochs(position: Position, old: TrainingSpec, new: TrainingSpec) -> int:
    """Return the epochs without improvement; 0 if the patience is exhausted or changed, so that training can continue."""
    ran_out = is_patience_exhausted(position, new.patience)
    return 0 if ran_out or new.patience != old.patience else position.bad_epochs


def _order(experiment: Experiment) -> tuple[object, ...]:
    """Return the settings that determine the order of the samples in an epoch."""
    return experiment.data, experiment.seed, experiment.training.batch_size


def _optimizer_state(
    state: OptimizerState | None, old: TrainingSpec, new: TrainingSpec, theta: Array, remarks: list[str]
) -> OptimizerState:
    fresh = new.optimizer.start(theta)
    same = type(old.optimizer) is type(new.optimizer) and state is not None
    if not same or state is None or set(state.vectors) != set(fresh.vectors):
        if old.optimizer != new.optimizer:
            remarks.append(f"the optimizer changed: the state of {new.optimizer.name} is reset")
        return fresh
    fresh.updates = state.updates
    for name, vector in fresh.vectors.items():
        np.copyto(vector, state.vectors[name], casting="same_kind")
    return fresh


def _learning_rate(snapshot: Snapshot, new: TrainingSpec) -> float:
    """Return the learning rate as last set, unless the experiment has another rate or optimizer."""
    old = snapshot.experiment.training.optimizer
    if snapshot.learning_rate is None or old.lr != new.optimizer.lr or type(old) is not type(new.optimizer):
        return new.optimizer.lr
    return snapshot.learning_rate


def _best_state(snapshot: Snapshot, new: Experiment, network: Network) -> Array | None:
    """Return the best state so far; None if early stopping is off or the data have changed."""
    if snapshot.best_state is None or not new.training.patience or new.data != snapshot.experiment.data:
        return None
    return snapshot.best_state.astype(network.theta.dtype)
