"""The training loop, as a stream of events. It writes no files and reads no commands; `engine.runs` does both."""

import math
import time
from collections.abc import Callable, Iterator

import msgspec
import numpy as np

from engine.arrays import Array
from engine.data import Data
from engine.events import Epoch, Event, FinalState, Finished, Steps
from engine.experiment.experiment import Experiment
from engine.nn.input_range import InputRange
from engine.nn.network import Network
from engine.optim.optimizer import OptimizerState
from engine.training.backends import Backend, Orders
from engine.training.choose_backend import make_backend
from engine.training.chunk import Chunk, ChunkBounds, past_chunk, run_chunk, steps_event
from engine.training.divergence import DivergenceOrigin, trace
from engine.training.evaluation import Figures
from engine.training.finished import FinalFigures, epoch_event, finished_event
from engine.training.network_check import refuse_other_network
from engine.training.position import Position, is_patience_exhausted, track_improvement
from engine.training.safe_weights import SafeWeights
from engine.training.threads import settle_threads
from engine.training.timetable import Timetable

CHUNK_S = 0.1
"""Seconds of steps between two events: the response time to commands, and the interval of the figures."""
MAX_CHUNK = 2_000
"""Maximum number of steps in a chunk, so that no event exceeds about 20 kB."""


class Trainer:
    """Trains `network` on `data` as `experiment` specifies; iterate over it to train and to receive events.

    Between two events the weights and the optimizer state are consistent: they may be read or saved, and the learning
    rate may be set. Training pauses while the caller does not iterate. The trainer owns the optimizer state and the
    position. Use `restore` to change weights: a back end may keep a copy of them.

    Raises:
        ExperimentError: the network is not the experiment's: another dtype, other layers or another input shape.
        DeviceError: the experiment's back end or device is not available.
    """

    def __init__(
        self,
        experiment: Experiment,
        network: Network,
        data: Data,
        *,
        clock: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.perf_counter,
        chunk_s: float = CHUNK_S,
    ) -> None:
        refuse_other_network(experiment, network, data)
        self.experiment, self.network, self.data = experiment, network, data
        network.input_range = InputRange.of(data.train.spread(), shared=data.info.kind == "images")
        self.timetable = Timetable.of(experiment.training, len(data.train))
        self.position = Position()
        self.learning_rate = experiment.training.optimizer.lr
        """Learning rate before the schedule; may be set between two events."""
        self.optimizer_state = experiment.training.optimizer.start(network.theta)
        self.backend: Backend = make_backend(experiment, network, data, self.batch_size)
        self.origin: DivergenceOrigin | None = None
        """Origin of a divergence; None: no divergence, or not found."""
        self.epoch_follows = False
        """True if an `epoch` event follows the current event, without training between them."""
        self._safe = SafeWeights(network.state, self.position, self.optimizer_state)
        self._clock, self._timer, self._chunk_s = clock, timer, chunk_s
        self._is_shared = self.backend.facts.processes > 1
        self._classifies = data.task != "regression"
        self._chunk_limit = MAX_CHUNK
        self._step_s = chunk_s  # seconds per step in the newest chunk; an estimate before the first
        self._last_evaluated = self.position
        self._is_loaded = self._has_threads = False
        self._stop_reason: FinalState | None = None

    def __repr__(self) -> str:
        step, end = self.position.step, self.total_steps
        return f"Trainer({self.network!r} on {self.data.info.name}, step {step:,} of {end:,})"

    def __iter__(self) -> Iterator[Event]:
        self.settle_threads()
        with self.backend.computing():
            while self._prepare_chunk():
                yield from self._train_and_evaluate()
            yield self._finish()

    def settle_threads(self, recorded: int = 0) -> None:
        """Choose the number of threads, once, before the first update; "auto" keeps the number `recorded`, if any."""
        if not self._has_threads:
            steps = self.total_steps - self.position.step
            settle_threads(self.backend, self.experiment.training.threads or recorded, steps)
            self._has_threads = True

    @property
    def batch_size(self) -> int:
        """Samples per step."""
        return self.timetable.batch_size

    @property
    def steps_per_epoch(self) -> int:
        """Updates per epoch."""
        return self.timetable.steps_per_epoch

    @property
    def total_steps(self) -> int:
        """Updates of the whole training."""
        return self.timetable.total_steps

    @property
    def good_theta(self) -> Array:
        """The newest parameters that are confirmed by a finite loss, (n_parameters,)."""
        return self._safe.good[: self.network.n_parameters]

    @property
    def good_position(self) -> Position:
        """Position of the training at `good_theta`."""
        return self._safe.good_position

    @property
    def best_state(self) -> Array | None:
        """State of the best epoch so far, (n_parameters + n_buffers,) as `network.state`; None without early stopping."""
        return self._safe.best

    @property
    def is_over(self) -> bool:
        """True if no update will follow, only the final evaluation."""
        return self._stop_reason is not None or self.position.epoch >= self.experiment.training.epochs

    @property
    def has_diverged(self) -> bool:
        """True if training diverged; the weights are then the last finite ones."""
        return self._stop_reason == "diverged"

    @property
    def current_rate(self) -> float:
        """Learning rate of the next update, schedule included."""
        return self._rate_at(self.position.step)

    def stop(self) -> None:
        """End the training at the next event; the state in the `finished` event is then "stopped"."""
        if not self.is_over:
            self._stop_reason = "stopped"

    def single_step(self) -> None:
        """End the next chunk after one update."""
        self.yield_within(1)

    def yield_within(self, steps: int) -> None:
        """End the next chunk after `steps` updates at the latest, so that the caller can act at a given step."""
        self._chunk_limit = max(1, min(steps, self._chunk_limit))

    def restore(
        self,
        theta: Array,
        position: Position,
        optimizer_state: OptimizerState,
        learning_rate: float,
        best_state: Array | None = None,
    ) -> None:
        """Continue from a checkpoint; the following updates have the same bits as in an uninterrupted training.

        Args:
            theta: the network's state, (n_parameters + n_buffers,), or its parameters alone; copied.
            position: the position of the training at these weights.
            optimizer_state: the optimizer state at these weights; the trainer owns it afterwards.
            learning_rate: the learning rate before the schedule.
            best_state: the best state so far, (n_parameters + n_buffers,), for early stopping; copied.
        """
        np.copyto(self.network.state[: len(theta)], theta)
        self._safe.reset(self.network.state, position, optimizer_state, best_state)
        self.position = self._last_evaluated = position
        self.learning_rate = learning_rate
        self.optimizer_state = optimizer_state
        self._is_loaded = False
        if is_patience_exhausted(position, self.experiment.training.patience):
            self._stop_reason = "finished"  # it lacks only the final evaluation

    def _prepare_chunk(self) -> bool:
        """Agree with the other processes on the next chunk; return False if training is over."""
        limit = MAX_CHUNK
        if self._is_shared:  # bounded in steps: the clocks of the processes differ
            limit = max(1, int(self._chunk_s / max(self._step_s, 1e-9)))
        orders = Orders(self.learning_rate, min(self._chunk_limit, limit), self._stop_reason)
        orders = self.backend.agree(orders)
        self.learning_rate, self._stop_reason = orders.learning_rate, orders.stop_reason
        self._chunk_limit = orders.steps
        if not self._is_loaded:
            self._load()
        return not self.is_over

    def _load(self) -> None:
        self.backend.load(self.optimizer_state)
        self._is_loaded = True

    def _train_and_evaluate(self) -> Iterator[Event]:
        """Train a chunk; evaluate if it completes an epoch that is to be evaluated."""
        event = self._train_chunk()
        position = self.position
        if position.cursor or self.has_diverged or not self.timetable.evaluates_after(position.epoch):
            yield event
            return
        epoch = self._end_period()
        self.epoch_follows = self._stop_reason is not None or self.timetable.reports_after(position.epoch)
        yield event  # after the evaluation: at every event, training can be resumed from the position
        if self.epoch_follows:
            self.epoch_follows = False
            yield epoch

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")  # a divergence is an event, not a warning
    def _train_chunk(self) -> Steps:
        """Make updates until the chunk's time is up or an epoch ends that is to be evaluated."""
        before = self.position
        seconds = math.inf if self._is_shared else self._chunk_s
        bounds = ChunkBounds(self._chunk_limit, seconds)
        self._chunk_limit = MAX_CHUNK
        chunk = run_chunk(self.backend, self.timetable, before, self._rate_at, bounds, self._timer)
        self._step_s = chunk.seconds / len(chunk.losses)
        event = steps_event(before, chunk, time=self._clock())
        self._advance(chunk)
        return event

    def _rate_at(self, step: int) -> float:
        return self.learning_rate * self.timetable.rate_factor(step, self.position.schedule)

    def _advance(self, chunk: Chunk) -> None:
        """Move the position past a chunk; after a divergence, restore the last good weights."""
        before = self.position
        self.position = past_chunk(before, chunk, self.timetable, self.backend.count_correct)
        ceiling = self.position.ceiling
        if abs(chunk.losses[0]) < ceiling:  # confirms the weights at the start of the chunk
            self._safe.confirm(before)
        self.backend.sync()
        state = self.network.state
        is_finite = math.isfinite(self.position.loss_sum) and max(chunk.losses) < ceiling
        if is_finite and np.isfinite(state).all():
            self._safe.store(state, self.optimizer_state)
        else:
            np.copyto(state, self._safe.good)
            self._load()
            self._stop_reason = "diverged"
            self.origin = trace(
                self.experiment,
                self.network,
                self.data,
                self.timetable,
                self._safe,
                learning_rate=self.learning_rate,
                last_step=self.position.step,
                ceiling=ceiling,
            )

    @np.errstate(over="ignore", invalid="ignore")
    def _end_period(self) -> Epoch:
        """Evaluate after an epoch; the training figures are means over its batches, each before its update."""
        timer_start = self._timer()
        n, before = len(self.data.train), self._last_evaluated
        training_s = self.position.seconds - before.seconds
        samples = (self.position.step - before.step) * n / self.steps_per_epoch
        validation = self.backend.evaluate(self.data.validation)
        train_loss = self.position.loss_sum / n
        accuracy = self.position.correct / n if self._classifies else None
        monitored = train_loss if validation.loss is None else validation.loss
        self._check_patience(monitored)
        spent = self._timer() - timer_start
        rate = self._rate_at(self.position.step - 1)
        self.position = self._last_evaluated = msgspec.structs.replace(
            self.position,
            loss_sum=0.0,
            correct=0,
            schedule=self.experiment.training.schedule.after_epoch(monitored, self.position.schedule),
            seconds=self.position.seconds + spent,
        )
        return epoch_event(
            self.position,
            Figures(train_loss, accuracy),
            validation,
            time=self._clock(),
            rate=rate,
            samples_per_s=samples / max(training_s, 1e-9),
            seconds=training_s + spent,
        )

    def _check_patience(self, loss: float) -> None:
        """Early stopping: store the best weights, and stop after `patience` epochs without improvement."""
        patience = self.experiment.training.patience
        if not patience:
            return
        self.position = track_improvement(self.position, loss)
        if self.position.bad_epochs == 0:
            self._safe.store_best(self.network.state)
        elif is_patience_exhausted(self.position, patience):
            self._stop_reason = "finished"

    @np.errstate(over="ignore", invalid="ignore")
    def _finish(self) -> Finished:
        """Evaluate the final weights: with early stopping the best, else the newest finite ones."""
        started = self._timer()
        if self.best_state is not None and not self.has_diverged:
            np.copyto(self.network.state, self.best_state)
            self._load()
        figures = FinalFigures.of(self.data, self.backend.evaluate)
        return finished_event(
            self.experiment,
            self.position,
            figures,
            self._stop_reason,
            self.origin,
            kept_step=self.good_position.step,
            time=self._clock(),
            seconds=self.position.seconds + self._timer() - started,
        )
