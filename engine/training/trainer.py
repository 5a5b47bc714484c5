"""The training loop, as a stream of events. It writes no file and reads no command; `engine.runs` does both."""

import math
import time
from collections.abc import Callable, Iterator

import msgspec
import numpy as np

from engine.arrays import Array
from engine.data import Data
from engine.events import Epoch, Event, FinalState, Finished, Steps
from engine.experiment.experiment import Experiment
from engine.nn.network import Network
from engine.optim.optimizers import OptimizerState
from engine.training.backends import Backend, Orders
from engine.training.choose_backend import make_backend
from engine.training.chunk import Chunk, ChunkBounds, past_chunk, run_chunk
from engine.training.divergence import DivergenceOrigin, trace
from engine.training.evaluation import significant
from engine.training.finished import LastFigures, finished_event
from engine.training.network_check import refuse_other_network
from engine.training.position import Position, after_epoch, has_run_out
from engine.training.safe_weights import SafeWeights
from engine.training.timetable import Timetable

CHUNK_S = 0.1
"""Seconds of steps between two yields: how soon a command is heard, and how often figures arrive."""
MAX_CHUNK = 2_000
"""Steps in a chunk at most, so that no event grows beyond some 20 kB."""


class Trainer:
    """Trains `network` on `data` as `experiment` says; iterate to train, and get events.

    Between two events the network is in order: its weights and the optimizer's state may be read or saved, or the
    learning rate set, and a loop that stops iterating has paused the training. The trainer owns the optimizer's state
    and the position. `restore` alone changes weights from outside: a back end may keep them elsewhere.

    Raises:
        ExperimentError: the network is not the experiment's: another dtype, other layers or another input shape.
        DeviceError: the back end that the experiment names cannot compute here.
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
        self.timetable = Timetable.of(experiment.training, len(data.train))
        self.position = Position()
        self.learning_rate = experiment.training.optimizer.lr
        """The optimizer's rate before the schedule; may be set between two events."""
        self.optimizer_state = experiment.training.optimizer.start(network.theta)
        self.backend: Backend = make_backend(experiment, network, data, self.batch_size)
        self.origin: DivergenceOrigin | None = None
        """Where a divergence began."""
        self.epoch_follows = False
        """Whether the event just given is followed by its epoch's, without any training between them."""
        self._kept = SafeWeights(network.state, self.position, self.optimizer_state)
        self._clock, self._timer, self._chunk_s = clock, timer, chunk_s
        self._is_shared = self.backend.facts.processes > 1
        self._classifies = data.task != "regression"
        self._chunk_limit = MAX_CHUNK
        self._step_s = chunk_s  # of the newest chunk; guessed for the first
        self._looked_at = self.position
        self._is_loaded = False
        self._stop_reason: FinalState | None = None

    def __iter__(self) -> Iterator[Event]:
        with self.backend.computing():
            while self._goes_on():
                yield from self._train_on()
            yield self._finish()

    @property
    def batch_size(self) -> int:
        """Samples of a step."""
        return self.timetable.batch_size

    @property
    def steps_per_epoch(self) -> int:
        """Updates of an epoch."""
        return self.timetable.steps_per_epoch

    @property
    def total_steps(self) -> int:
        """Updates of the whole training."""
        return self.timetable.total_steps

    @property
    def good_theta(self) -> Array:
        """The newest parameters whose loss was seen to be sound, (n_parameters,)."""
        return self._kept.good[: self.network.n_parameters]

    @property
    def good_position(self) -> Position:
        """Where they stood."""
        return self._kept.good_position

    @property
    def best_theta(self) -> Array | None:
        """With early stopping, the state of the best epoch so far, (n_parameters + n_buffers,) as `network.state`."""
        return self._kept.best

    @property
    def is_over(self) -> bool:
        """Whether no update will follow: only the last evaluation is left."""
        return self._stop_reason is not None or self.position.epoch >= self.experiment.training.epochs

    @property
    def has_diverged(self) -> bool:
        """Whether the weights are back at the last good ones because the newest were not."""
        return self._stop_reason == "diverged"

    @property
    def current_rate(self) -> float:
        """The learning rate of the next update, schedule included."""
        return self._rate_at(self.position.step)

    def stop(self) -> None:
        """End the training after the event that comes next; the `finished` event says "stopped"."""
        if not self.is_over:
            self._stop_reason = "stopped"

    def single_step(self) -> None:
        """Yield after one update, this once."""
        self.yield_within(1)

    def yield_within(self, steps: int) -> None:
        """Yield after `steps` updates at the latest, this once: for what must happen between two certain updates."""
        self._chunk_limit = max(1, min(steps, self._chunk_limit))

    def restore(
        self,
        theta: Array,
        position: Position,
        optimizer_state: OptimizerState,
        learning_rate: float,
        best_theta: Array | None = None,
    ) -> None:
        """Take up the training where a checkpoint left it: what follows has the same bits as if it had never ended.

        Args:
            theta: the network's whole state, (n_parameters + n_buffers,), or its parameters alone; copied, as is
                `best_theta`.
            optimizer_state: becomes this trainer's own.
        """
        np.copyto(self.network.state[: len(theta)], theta)
        self._kept.begin_at(self.network.state, position, optimizer_state, best_theta)
        self.position = self._looked_at = position
        self.learning_rate = learning_rate
        self.optimizer_state = optimizer_state
        self._is_loaded = False
        if has_run_out(position, self.experiment.training.patience):  # before the last word
            self._stop_reason = "finished"

    def _goes_on(self) -> bool:
        """Whether there is a chunk to train; the processes that share each batch hear of it together."""
        pace = MAX_CHUNK
        if self._is_shared:  # a clock of each one's own would part them
            pace = max(1, int(self._chunk_s / max(self._step_s, 1e-9)))
        orders = Orders(self.learning_rate, min(self._chunk_limit, pace), self._stop_reason)
        orders = self.backend.agree(orders)
        self.learning_rate, self._stop_reason = orders.learning_rate, orders.stop_reason
        self._chunk_limit = orders.steps
        if not self._is_loaded:
            self._load()
        return not self.is_over

    def _load(self) -> None:
        self.backend.load(self.optimizer_state)
        self._is_loaded = True

    def _train_on(self) -> Iterator[Event]:
        """Train a chunk; where it ends an epoch that is looked at, judge as well."""
        event = self._train_chunk()
        if self.position.cursor or not self.timetable.looks_at(self.position.epoch) or self.has_diverged:
            yield event
            return
        epoch = self._end_period()
        self.epoch_follows = self.timetable.reports(self.position.epoch) or self._stop_reason is not None
        yield event  # only now: at every event the position is one from which training can go on
        if self.epoch_follows:
            self.epoch_follows = False
            yield epoch

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")  # a divergence is an event, not a warning
    def _train_chunk(self) -> Steps:
        """Make updates until the chunk's time is up or an epoch that is looked at ends."""
        before = self.position
        seconds = math.inf if self._is_shared else self._chunk_s
        bounds = ChunkBounds(self._chunk_limit, seconds)
        self._chunk_limit = MAX_CHUNK
        chunk = run_chunk(self.backend, self.timetable, before, self._rate_at, bounds, self._timer)
        self._step_s = chunk.seconds / len(chunk.losses)
        event = Steps(
            time=self._clock(),
            step=before.step,
            losses=significant(chunk.losses),
            seconds=round(chunk.seconds, 6),
            epoch=before.epoch + 1,
            learning_rate=chunk.rate,
        )
        self._advance(chunk)
        return event

    def _rate_at(self, step: int) -> float:
        return self.learning_rate * self.timetable.rate_factor(step, self.position.schedule)

    def _advance(self, chunk: Chunk) -> None:
        """Move the position past a chunk, or back to the last good weights where it diverged."""
        before = self.position
        self.position = past_chunk(before, chunk, self.timetable, self.backend.count_correct)
        ceiling = self.position.ceiling
        if abs(chunk.losses[0]) < ceiling:  # the weights that the chunk began with are proven
            self._kept.prove(before)
        self.backend.sync()
        state = self.network.state
        is_sound = math.isfinite(self.position.loss_sum) and max(chunk.losses) < ceiling
        if is_sound and np.isfinite(state).all():
            self._kept.keep(state, self.optimizer_state)
        else:
            np.copyto(state, self._kept.good)
            self._load()
            self._stop_reason = "diverged"
            self.origin = trace(
                self.experiment,
                self.network,
                self.data,
                self.timetable,
                self._kept,
                learning_rate=self.learning_rate,
                last_step=self.position.step,
                ceiling=ceiling,
            )

    @np.errstate(over="ignore", invalid="ignore")
    def _end_period(self) -> Epoch:
        """Evaluate after an epoch: the training figures are those of the batches while it learned."""
        timer_start = self._timer()
        n, before = len(self.data.train), self._looked_at
        training_s = self.position.seconds - before.seconds
        samples = (self.position.step - before.step) * n / self.steps_per_epoch
        validation = self.backend.evaluate(self.data.validation)
        train_loss = self.position.loss_sum / n
        accuracy = self.position.correct / n if self._classifies else None
        watched = train_loss if validation.loss is None else validation.loss
        self._watch(watched)
        spent = self._timer() - timer_start
        rate = self._rate_at(self.position.step - 1)
        self.position = self._looked_at = msgspec.structs.replace(
            self.position,
            loss_sum=0.0,
            correct=0,
            schedule=self.experiment.training.schedule.after_epoch(watched, self.position.schedule),
            seconds=self.position.seconds + spent,
        )
        return Epoch(
            time=self._clock(),
            step=self.position.step,
            epoch=self.position.epoch,
            train_loss=train_loss,
            train_accuracy=accuracy,
            validation_loss=validation.loss,
            validation_accuracy=validation.accuracy,
            learning_rate=rate,
            samples_per_s=round(samples / max(training_s, 1e-9), 1),
            seconds=round(training_s + spent, 6),
        )

    def _watch(self, loss: float) -> None:
        """Early stopping: keep the best weights, and stop after `patience` epochs without better ones."""
        patience = self.experiment.training.patience
        if not patience:
            return
        self.position = after_epoch(self.position, loss)
        if self.position.bad_epochs == 0:
            self._kept.keep_best(self.network.state)
        elif has_run_out(self.position, patience):
            self._stop_reason = "finished"

    @np.errstate(over="ignore", invalid="ignore")
    def _finish(self) -> Finished:
        """Evaluate the weights that are kept: the best with early stopping, else the newest good ones."""
        started = self._timer()
        if self.best_theta is not None and not self.has_diverged:
            np.copyto(self.network.state, self.best_theta)
            self._load()
        figures = LastFigures.of(self.data, self.backend.evaluate)
        seconds = self.position.seconds + self._timer() - started
        return finished_event(
            self.experiment,
            self.position,
            figures,
            self._stop_reason,
            self.origin,
            time=self._clock(),
            seconds=seconds,
        )
