"""The figures of a run, gathered from its events in memory that does not grow with the run."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.events import (
    AnyEvent,
    Command,
    Epoch,
    Failed,
    Finished,
    Layers,
    Resumed,
    Started,
    Steps,
)
from engine.runs import RunState, Status
from engine.runs.commands import as_rate
from tui.charts.marks import Mark
from tui.follow.current_epoch import current_epoch
from tui.follow.event_log_lines import EventLogLines
from tui.follow.loss_history import Floats, LossHistory
from tui.follow.run_clock import RunClock
from tui.follow.run_figures import AccuracyCurves, RunFigures, SplitScore
from tui.follow.run_findings import RunFindings
from tui.follow.run_marks import RunMarks
from tui.follow.throughput import Throughput

if TYPE_CHECKING:
    from tui.follow.layer_history import LayerHistory

FARTHEST = 1 << 52
"""An event at or after this update is ignored: floats can no longer tell updates apart."""
EPOCHS = 2048
"""Maximum epochs; beyond it every second one is dropped."""


class RunView:
    """Gathers the events of a run; owned by the thread that reads them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.status: Status | None = None
        """The newest status; set by the owner."""
        self._started: Started | None = None
        self._ending: Finished | Failed | None = None
        self._train, self._validation, self._test = SplitScore(), SplitScore(), SplitScore()
        self._step = 0
        self._rate: float | None = None
        self._base_rate: float | None = None
        self._losses = LossHistory()
        self._epochs: list[Epoch] = []
        self.note = ""
        """A sentence on events that could not be read; set by the owner."""
        self._throughput = Throughput()
        self._log = EventLogLines()
        self._pace: float | None = None
        self._is_stopping = False
        self._answered: Counter[str] = Counter()
        self._layers: LayerHistory | None = None  # None until layers are measured
        self._findings = RunFindings()
        self._marks, self._clock = RunMarks(), RunClock()
        self._absorbers: dict[type[Any], Callable[[Any], None]] = {
            Steps: self._absorb_steps,
            Epoch: self._absorb_epoch,
            Layers: self._absorb_layers,
            Started: self._absorb_started,
            Command: self._absorb_command,
            Resumed: self._absorb_resumed,
            Finished: self._absorb_finished,
            Failed: self._absorb_failed,
        }

    def absorb(self, event: AnyEvent) -> None:
        """Process the next event; one with an impossible step is ignored."""
        if not 0 <= event.step < FARTHEST:
            return
        self._log.add(event, self._base_rate)
        self._throughput.add(event)
        self._findings.absorb(event)
        self._marks.absorb(event)
        absorb = self._absorbers.get(type(event))
        if absorb is not None:
            absorb(event)

    def _absorb_started(self, event: Started) -> None:
        self._started = event
        rate = table(table(event.experiment, "training"), "optimizer").get("lr")
        if self._base_rate is None and isinstance(rate, int | float):
            self._base_rate = float(rate)

    def _absorb_steps(self, event: Steps) -> None:
        self._losses.extend_steps(event.step, event)
        self._clock.add(event)
        self._rate = event.learning_rate
        self._step = event.step + event.count

    def _absorb_epoch(self, event: Epoch) -> None:
        self._train = SplitScore(event.train_loss, event.train_accuracy)
        self._validation = SplitScore(event.validation_loss, event.validation_accuracy)
        self._epochs.append(event)
        if len(self._epochs) > EPOCHS:
            del self._epochs[-2::-2]

    def _absorb_layers(self, event: Layers) -> None:
        if self._layers is None:
            from tui.follow.layer_history import LayerHistory  # it imports the doctor's rules

            self._layers = LayerHistory()
        self._layers.add(event)

    def _absorb_command(self, event: Command) -> None:
        self._answered[event.command] += 1
        if event.command == "set" and not event.refused and isinstance(event.value, int | float):
            self._base_rate = float(event.value)
        if event.command == "pace" and not event.refused:
            self._pace = as_rate(event.value)
        self._is_stopping = self._is_stopping or (event.command == "stop" and not event.refused)

    def _absorb_resumed(self, event: Resumed) -> None:
        self._ending, self._pace, self._is_stopping = None, None, False
        self._step = event.step
        self._losses.cut(event.step)
        self._clock.cut(event.step)
        if self._layers is not None:
            self._layers.cut(event.step)
        self._epochs = [epoch for epoch in self._epochs if epoch.step <= event.step]

    def _absorb_finished(self, event: Finished) -> None:
        self._ending = event
        self._step = event.steps
        self._train = SplitScore(event.train_loss, event.train_accuracy)
        self._validation = SplitScore(event.validation_loss, event.validation_accuracy)
        self._test = SplitScore(event.test_loss, event.test_accuracy)

    def _absorb_failed(self, event: Failed) -> None:
        self._ending = event

    # the result

    def figures(self) -> RunFigures:
        """Return the current figures, unaffected by later events."""
        started = self._started
        state, message, hint = self._state()
        facts = facts_of(started, self.status)
        per_epoch, epochs = facts["steps_per_epoch"], facts["epochs"]
        epoch = current_epoch(self._step, per_epoch, epochs)
        speed = self._throughput.steps_per_s
        samples = started.train_samples / max(1, per_epoch) if started else 0.0
        validated = [epoch for epoch in self._epochs if epoch.validation_loss is not None]
        findings = self._findings.findings()
        return RunFigures(
            name=self.name,
            state=state,
            message=message,
            hint=hint,
            **facts,
            epoch=epoch,
            step=self._step,
            total_steps=epochs * per_epoch,
            batch=max(0, self._step - (epoch - 1) * per_epoch),
            pace=self._pace,
            is_stopping=self._is_stopping,
            diverged_at=self._log.diverged_at,
            kept_step=self._log.kept_step,
            steps_per_s=speed,
            samples_per_s=speed * samples,
            seconds_left=self._throughput.seconds_for(epochs * per_epoch - self._step),
            seconds=self._ending.seconds if isinstance(self._ending, Finished) else None,
            learning_rate=self._base_rate if self._rate is None else self._rate,
            base_rate=self._base_rate,
            train=self._train,
            validation=self._validation,
            test=self._test,
            losses=self._losses.curve(),
            validation_steps=np.array([epoch.step for epoch in validated], np.float64),
            validation_losses=np.array([epoch.validation_loss for epoch in validated], np.float64),
            accuracies=accuracies_of(self._epochs),
            lines=self._log.lines(),
            answered=dict(self._answered),
            note=self.note,
            experiment=started.experiment if started else {},
            measuring=bool(self.status and self.status.measuring),
            health=self._layers.health() if self._layers else None,
            findings=findings,
            times=self._clock.times(),
            marks=(*self._marks.marks(), *(Mark(one.step, "finding") for one in findings if one.step)),
        )

    def _state(self) -> tuple[RunState, str, str]:
        """The state of the run, its reason and a hint."""
        match self._ending:
            case Finished(state=state, reason=reason):
                return state, reason, ""
            case Failed(message=message, hint=hint):
                return "failed", message, hint
        if self.status is None:
            return "starting", "", ""
        return self.status.state, self.status.message, self.status.hint


def accuracies_of(epochs: list[Epoch]) -> AccuracyCurves:
    """Return the accuracies of these epochs."""

    def column(values: Iterable[float | None]) -> Floats:
        return np.array(list(values), np.float64)  # None becomes NaN

    return AccuracyCurves(
        column(epoch.step for epoch in epochs),
        column(epoch.train_accuracy for epoch in epochs),
        column(epoch.validation_accuracy for epoch in epochs),
    )


def facts_of(started: Started | None, status: Status | None) -> dict[str, Any]:
    """Return the figures that do not change during a run."""
    if started is None:
        return {"steps_per_epoch": 0, "epochs": status.epochs if status else 0}
    training = table(started.experiment, "training")
    schedule = training.get("schedule", "constant")
    return {
        "steps_per_epoch": started.steps_per_epoch,
        "epochs": started.epochs,
        "description": describe(started.experiment),
        "n_parameters": started.n_parameters,
        "classifies": started.chance is not None,
        "chance": started.chance,
        "schedule": str(schedule.get("name", "constant") if isinstance(schedule, dict) else schedule),
    }


def describe(experiment: Mapping[str, Any]) -> str:
    """Return a short description of an experiment: `mnist · 128-64-10 · sgd · batch 64`."""
    training = table(experiment, "training")
    layers = table(experiment, "network").get("layers") or []
    units = "-".join(str(layer.get("units", "?")) for layer in layers if isinstance(layer, dict))
    optimizer = training.get("optimizer", "")
    name = optimizer.get("name", "") if isinstance(optimizer, dict) else optimizer
    batch = training.get("batch_size")
    data = str(table(experiment, "data").get("dataset", "")).rsplit("/", 1)[-1]
    parts = (data, units, str(name), f"batch {batch}" if batch else "full batch")
    return " · ".join(part for part in parts if part)


def table(tables: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the table `name` of `tables`; empty if it is missing."""
    found = tables.get(name)
    return found if isinstance(found, dict) else {}
