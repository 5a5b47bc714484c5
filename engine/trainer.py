"""The training loop, as a stream of events. It writes no file and reads no command; `engine.runs` does both."""

import math
import time
from collections.abc import Callable, Iterator

import msgspec
import numpy as np

from engine import blas
from engine.arrays import Array
from engine.batches import BatchSource
from engine.data import Data, Split
from engine.events import Epoch, Event, FinalState, Finished, Steps
from engine.experiment import Experiment
from engine.metrics import Figures, evaluate, significant
from engine.numpy_network import Network
from engine.optimizers import OptimizerState
from engine.position import Position
from engine.schedules import Progress
from engine.updates import make_step

CHUNK_S = 0.1
"""Seconds of steps between two yields: how soon a command is heard, and how often figures arrive."""
MAX_CHUNK = 2_000
"""Steps in a chunk at most, so that no event grows beyond some 20 kB."""
MAX_EPOCH_EVENTS = 1_000
"""With more epochs than this only every second, third, ... one is evaluated and reported: a full-batch epoch may be a
single step of 30 microseconds."""
EXPLODED = 1e6
"""A loss this many times its first value (at least 1) is a divergence, though still a number."""


class Trainer:
    """Trains `network` on `data` as `experiment` says; iterate to train, and get events.

    Between two events the network is in order: weights may be read, saved, or the learning rate set, and a loop that
    stops iterating has paused the training. The trainer owns the optimizer's state and the position.
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
        training = experiment.training
        self.experiment, self.network, self.data = experiment, network, data
        self.position = Position()
        self.learning_rate = training.optimizer.lr
        """The optimizer's rate before the schedule; may be set between two events."""
        self.optimizer_state = training.optimizer.start(network.theta)
        self.good_theta = network.theta.copy()
        """The newest weights whose loss was seen to be sound, (n_parameters,)."""
        self.good_position = self.position
        """Where they stood."""
        self._newest_theta = network.theta.copy()
        self._clock, self._timer, self._chunk_s = clock, timer, chunk_s
        n = len(data.train)
        self.batch_size = min(training.batch_size or n, n)
        self.steps_per_epoch = math.ceil(n / self.batch_size)
        self.total_steps = training.epochs * self.steps_per_epoch
        self._classifies = data.task != "regression"
        self._batch = BatchSource(network, data, self.batch_size, experiment.seed, self._classifies)
        self._report_every = math.ceil(training.epochs / MAX_EPOCH_EVENTS)
        self._chunk_limit = MAX_CHUNK
        self._stop_reason: FinalState | None = None
        self.best_theta: Array | None = None
        """With early stopping, the weights of the best epoch so far."""
        self.epoch_follows = False
        """Whether the event just given is followed by its epoch's, without any training between them."""

    def __iter__(self) -> Iterator[Event]:
        with blas.limited():
            while not self.is_over:
                yield from self._train_period()
            yield self._finish()

    @property
    def is_over(self) -> bool:
        """Whether no update will follow: only the last evaluation is left."""
        return self._stop_reason is not None or self.position.epoch >= self.experiment.training.epochs

    @property
    def has_diverged(self) -> bool:
        """Whether the weights are back at the last good ones because the newest were not."""
        return self._stop_reason == "diverged"

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
            theta: the parameters, (n_parameters,); copied, as is `best_theta`.
            optimizer_state: becomes this trainer's own.
        """
        np.copyto(self.network.theta, theta)
        np.copyto(self.good_theta, theta)
        np.copyto(self._newest_theta, theta)
        self.position = self.good_position = position
        self.learning_rate = learning_rate
        self.optimizer_state = optimizer_state
        self.best_theta = None if best_theta is None else best_theta.copy()
        if (
            position.bad_epochs >= self.experiment.training.patience > 0
        ):  # it had run out before the last word
            self._stop_reason = "finished"

    @property
    def current_rate(self) -> float:
        """The learning rate of the next update, schedule included."""
        progress = Progress(self.position.step, self.total_steps, self.steps_per_epoch)
        schedule = self.experiment.training.schedule
        return self.learning_rate * schedule.factor(progress, self.position.schedule)

    def _train_period(self) -> Iterator[Event]:
        """Train up to the end of the next epoch that is looked at: every one, unless there are very many."""
        steps_before, training_s = self.position.step, self.position.seconds
        while True:
            chunk = self._train_chunk()
            if self.position.cursor == 0 and self._looks_at(self.position.epoch) and not self.has_diverged:
                break
            yield chunk
            if self._stop_reason is not None:
                return
        training_s = self.position.seconds - training_s
        steps = self.position.step - steps_before
        samples = steps * len(self.data.train) / self.steps_per_epoch
        epoch = self._end_period(samples / max(training_s, 1e-9), training_s)
        self.epoch_follows = self._reports(self.position.epoch) or self._stop_reason is not None
        yield chunk  # only now: at every event the position is one from which training can go on
        if self.epoch_follows:
            self.epoch_follows = False
            yield epoch

    def _looks_at(self, epoch: int) -> bool:
        """Whether the network is evaluated after this many epochs."""
        training = self.experiment.training
        return bool(training.patience) or training.schedule.name == "plateau" or self._reports(epoch)

    def _next_look(self, epoch: int) -> int:
        """How many epochs will have been made when the network is evaluated next."""
        if self._looks_at(epoch + 1):
            return epoch + 1
        return min(self.experiment.training.epochs, (epoch // self._report_every + 1) * self._report_every)

    def _reports(self, epoch: int) -> bool:
        """Whether there is an event after this many epochs: at most some MAX_EPOCH_EVENTS in a training."""
        return epoch % self._report_every == 0 or epoch == self.experiment.training.epochs

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")  # a divergence is an event, not a warning
    def _train_chunk(self) -> Steps:
        """Make updates until the chunk's time is up or an epoch that is looked at ends."""
        first, cursor, epoch = self.position.step, self.position.cursor, self.position.epoch
        next_look = self._next_look(epoch)
        order = self._batch.start_epoch(epoch, records=epoch + 1 == next_look)
        n, m, limit = len(order), self.batch_size, self._chunk_limit
        self._chunk_limit = MAX_CHUNK
        losses: list[float] = []
        epoch_start = 0  # in `losses`
        rate = self.current_rate
        fixed_rate = self.experiment.training.schedule.name == "constant" and not self._warming_up()
        timer, step_once = (
            self._timer,
            make_step(self.experiment.training, self.network, self.optimizer_state, self._batch),
        )
        started = timer()
        deadline = started + self._chunk_s
        while True:
            if not fixed_rate:
                rate = self._rate_at(first + len(losses))
            losses.append(step_once(cursor, rate))
            cursor += m
            if cursor >= n:
                epoch, cursor = epoch + 1, 0
                if epoch == next_look:
                    break
                epoch_start = len(losses)
                if self.steps_per_epoch > 1 or epoch + 1 == next_look:  # else nothing changes
                    self._batch.start_epoch(epoch, records=epoch + 1 == next_look)
            if len(losses) >= limit or timer() >= deadline:
                break
        seconds = timer() - started
        event = Steps(
            time=self._clock(),
            step=first,
            losses=significant(losses),
            seconds=round(seconds, 6),
            epoch=self.position.epoch + 1,
            learning_rate=rate,
        )
        self._advance(losses, epoch_start, epoch, cursor, seconds)
        return event

    def _warming_up(self) -> bool:
        return self.position.step < self.experiment.training.schedule.warmup

    def _rate_at(self, step: int) -> float:
        progress = Progress(step, self.total_steps, self.steps_per_epoch)
        schedule = self.experiment.training.schedule
        return self.learning_rate * schedule.factor(progress, self.position.schedule)

    def _advance(
        self, losses: list[float], epoch_start: int, epoch: int, cursor: int, seconds: float
    ) -> None:
        """Move the position past a chunk, or back to the last good weights where it diverged."""
        first_loss = losses[0] if self.position.first_loss is None else self.position.first_loss
        ceiling = EXPLODED * max(1.0, abs(first_loss))
        if abs(losses[0]) < ceiling:  # the weights that the chunk began with are proven
            self.good_theta, self._newest_theta = self._newest_theta, self.good_theta
            self.good_position = self.position
        same_epoch = epoch_start == 0
        correct, loss_sum = (self.position.correct, self.position.loss_sum) if same_epoch else (0, 0.0)
        for loss in losses[epoch_start:]:  # one by one: the same bits wherever a chunk ends
            loss_sum += self.batch_size * loss
        ended = cursor == 0 and epoch_start < len(losses)
        stop = len(self.data.train) if ended else cursor
        correct += self._batch.count_correct(self.position.cursor if same_epoch else 0, stop)
        if ended:  # the epoch's last batch may be smaller
            loss_sum -= (self.steps_per_epoch * self.batch_size - len(self.data.train)) * losses[-1]
        self.position = msgspec.structs.replace(
            self.position,
            step=self.position.step + len(losses),
            epoch=epoch,
            cursor=cursor,
            loss_sum=loss_sum,
            correct=correct,
            first_loss=first_loss,
            seconds=self.position.seconds + seconds,
        )
        if math.isfinite(loss_sum) and max(losses) < ceiling and np.isfinite(self.network.theta).all():
            np.copyto(self._newest_theta, self.network.theta)
        else:
            np.copyto(self.network.theta, self.good_theta)
            self._stop_reason = "diverged"

    @np.errstate(over="ignore", invalid="ignore")
    def _end_period(self, samples_per_s: float, seconds: float) -> Epoch:
        """Evaluate after an epoch: the training figures are those of the batches while it learned."""
        timer_start = self._timer()
        n = len(self.data.train)
        train_loss = self.position.loss_sum / n
        accuracy = self.position.correct / n if self._classifies else None
        validation = evaluate(self.network, self.data.validation, self._classifies)
        watched = train_loss if validation.loss is None else validation.loss
        self._watch(watched)
        spent = self._timer() - timer_start
        rate = self._rate_at(self.position.step - 1)
        self.position = msgspec.structs.replace(
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
            samples_per_s=round(samples_per_s, 1),
            seconds=round(seconds + spent, 6),
        )

    def _watch(self, loss: float) -> None:
        """Early stopping: keep the best weights, and stop after `patience` epochs without better ones."""
        patience = self.experiment.training.patience
        if not patience:
            return
        if self.position.best_loss is None or loss < self.position.best_loss:
            self.best_theta = self.network.theta.copy()
            best, bad = loss, 0
        else:
            best, bad = self.position.best_loss, self.position.bad_epochs + 1
        self.position = msgspec.structs.replace(self.position, best_loss=best, bad_epochs=bad)
        if bad >= patience:
            self._stop_reason = "finished"

    @np.errstate(over="ignore", invalid="ignore")
    def _finish(self) -> Finished:
        """Evaluate the weights that are kept: the best with early stopping, else the newest good ones."""
        started = self._timer()
        early = self.position.bad_epochs >= self.experiment.training.patience > 0
        if self.best_theta is not None and self._stop_reason != "diverged":
            np.copyto(self.network.theta, self.best_theta)
        splits = (self.data.train, self.data.validation, self.data.test)
        train, validation, test = (self._figures(split) for split in splits)
        return Finished(
            time=self._clock(),
            step=self.position.step,
            state=self._stop_reason or "finished",
            train_loss=train.loss,
            train_accuracy=train.accuracy,
            validation_loss=validation.loss,
            validation_accuracy=validation.accuracy,
            test_loss=test.loss,
            test_accuracy=test.accuracy,
            epochs=self.position.epoch,
            steps=self.position.step,
            seconds=round(self.position.seconds + self._timer() - started, 3),
            run=self.experiment.name,
            reason=self._reason(early),
        )

    def _figures(self, split: Split) -> Figures:
        return evaluate(self.network, split, self._classifies)

    def _reason(self, early: bool) -> str:
        if self._stop_reason == "diverged":
            return "the loss or a weight became NaN, infinite or huge; the last good weights are kept"
        if early:
            epochs = self.position.bad_epochs
            return f"no better validation loss for {epochs} epochs; the best weights are kept"
        return ""
