"""The origin of a divergence: the step, tensor and batch in which the first NaN or infinity arose."""

from collections.abc import Callable, Iterator
from typing import Literal

import msgspec
import numpy as np

from engine.arrays import AnyArray, Array
from engine.data import Data
from engine.experiment.experiment import Experiment
from engine.experiment.specs import TrainingSpec
from engine.nn.network import Network
from engine.optim.optimizer import OptimizerState, clip_by_norm
from engine.training.batches import BatchSource
from engine.training.position import Position
from engine.training.safe_weights import SafeWeights
from engine.training.timetable import Timetable
from engine.words import two_digits

Phase = Literal["input", "forward", "loss", "backward", "update"]


class DivergenceOrigin(msgspec.Struct, frozen=True, kw_only=True):
    """The first tensor of a training with a value that was not finite, or a loss above the ceiling."""

    step: int
    """Update in which it arose, counted from 0."""
    phase: Phase
    tensor: str
    """Its name: `layers.1.pre_activation`, `layers.1.weight.grad`, `layers.1.weight`, `loss` or `input`."""
    layer: str | None
    """Name of its layer; None: the loss or the input."""
    value: Literal["NaN", "infinite", "huge"]
    largest_weight: float
    """Largest magnitude among the parameters before that update."""
    learning_rate: float
    samples: tuple[int, ...]
    """The samples of the batch: indices into the training split."""

    def describe(self) -> str:
        """Return a sentence without full stop: "diverged at step 312: the output of layers.1 is infinite ..."."""
        value = "far above its first value" if self.value == "huge" else self.value
        return (
            f"diverged at step {self.step:,}: {_in_words(self)} is {value} "
            f"(largest weight {two_digits(self.largest_weight)}, learning rate {self.learning_rate:.3g})"
        )


def trace(
    experiment: Experiment,
    network: Network,
    data: Data,
    timetable: Timetable,
    kept: SafeWeights,
    *,
    learning_rate: float,
    last_step: int,
    ceiling: float,
) -> DivergenceOrigin | None:
    """Return the origin of a divergence, found by repeating the updates since the last finite weights in NumPy.

    None: the repeated updates stay finite; a GPU rounds differently.

    Args:
        network: a copy of it is trained.
        kept: the last finite weights with their position and optimizer state.
        learning_rate: the learning rate before the schedule.
        last_step: number of the update after which the divergence was detected.
        ceiling: magnitude from which a loss counts as a divergence.
    """
    team, network, position = network.team, network.copy(), kept.good_position
    network.state[:] = kept.good
    network.share_with(team)  # for the bits of the training
    classifies = data.task != "regression"
    batch = BatchSource(network, data, timetable.batch_size, experiment.seed, classifies)

    def rate_at(step: int) -> float:
        return learning_rate * timetable.rate_factor(step, position.schedule)

    replay = UpdateReplay(network, batch, experiment.training, kept.good_optimizer.copy(), rate_at, ceiling)
    return replay.find_origin(position, last_step - position.step + 1)


class UpdateReplay:
    """Repeats the updates of a training and checks each tensor.

    Args:
        network: holds the initial weights; the search changes them.
        state: the optimizer state at these weights; changed as well.
        rate_at: returns the learning rate of an update, by its number.
        ceiling: magnitude from which a loss counts as huge.
    """

    def __init__(
        self,
        network: Network,
        batch: BatchSource,
        training: TrainingSpec,
        state: OptimizerState,
        rate_at: Callable[[int], float],
        ceiling: float,
    ) -> None:
        self._network, self._batch, self._training = network, batch, training
        self._state, self._rate_at, self._ceiling = state, rate_at, ceiling

    @np.errstate(all="ignore")
    def find_origin(self, position: Position, limit: int) -> DivergenceOrigin | None:
        """Return the origin of the first fault in the `limit` updates from `position` on; None: no fault."""
        epoch, cursor = position.epoch, position.cursor
        order = self._batch.start_epoch(epoch, records=False)
        for step in range(position.step, position.step + limit):
            largest = float(np.abs(self._network.theta).max(initial=0.0))
            rows, targets = self._batch.take(cursor)
            fault = self._update(rows, targets, step)
            if fault is not None:
                samples = order[cursor : cursor + len(rows)]
                return self._origin(fault, step, largest, samples)
            cursor += len(rows)
            if cursor >= len(order):
                epoch, cursor = epoch + 1, 0
                order = self._batch.start_epoch(epoch, records=False)
        return None

    def _origin(self, fault: "Fault", step: int, largest: float, samples: AnyArray) -> DivergenceOrigin:
        phase, tensor, value = fault
        return DivergenceOrigin(
            step=step,
            phase=phase,
            tensor=tensor,
            layer=".".join(tensor.split(".")[:2]) if tensor.startswith("layers.") else None,
            value=value,
            largest_weight=largest,
            learning_rate=self._rate_at(step),
            samples=tuple(int(i) for i in samples),
        )

    def _update(self, rows: Array, targets: Array, step: int) -> "Fault | None":
        """Make one update as the training loop does, and return its first fault."""
        network, training, rate = self._network, self._training, self._rate_at(step)
        if network.needs_step:
            network.set_step(step)
        optimizer = training.optimizer
        scale = 1.0 if training.clip_norm else optimizer.gradient_scale(rate)
        loss = network.learn_from(rows, targets, scale)
        for phase, name, tensor in _tensors(network, rows, loss):
            if not np.isfinite(tensor).all():
                return phase, name, _value(tensor)
        if abs(loss) >= self._ceiling:
            return "loss", "loss", "huge"
        if training.clip_norm:
            clip_by_norm(network.grad, training.clip_norm)
        optimizer.update(network.theta, network.grad, self._state, rate, scale, network.team)
        for name, view, _ in network.parameters():
            if not np.isfinite(view).all():
                return "update", name, _value(view)
        return None


Fault = tuple[Phase, str, Literal["NaN", "infinite", "huge"]]


def _tensors(network: Network, rows: AnyArray, loss: float) -> Iterator[tuple[Phase, str, AnyArray]]:
    """Yield the tensors of the newest update, in the order of their computation."""
    yield "input", "input", rows
    for layer in network.layers:
        yield "forward", f"{layer.name}.pre_activation", layer.pre_activation
        if layer is not network.layers[-1] or not network.scores_are_logits:
            yield "forward", f"{layer.name}.output", layer.output
    yield "loss", "loss", np.asarray(loss)
    for name, _, gradient in reversed([*network.parameters()]):
        yield "backward", f"{name}.grad", gradient


def _value(tensor: AnyArray) -> Literal["NaN", "infinite"]:
    return "NaN" if np.isnan(tensor).any() else "infinite"


def _in_words(origin: DivergenceOrigin) -> str:
    layer, _, part = origin.tensor.rpartition(".")
    match origin.phase:
        case "input":
            return "a value of the batch"
        case "loss":
            return "the loss"
        case "forward":
            return f"the {part.replace('_', '-')} of {layer}"
        case "backward":
            return f"the gradient of {layer}"
        case "update":
            return origin.tensor
