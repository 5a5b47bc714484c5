"""The doctor and the measurements of the layers in a worker: there while somebody asks for them, gone otherwise."""

import sys
import time
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import msgspec

from engine.events import Event, Failed, Finding, Finished, Layers
from engine.nn.network import Network
from engine.runs.recorder import Recorder
from engine.training.trainer import Trainer

if TYPE_CHECKING:  # loaded where somebody asks
    from engine.doctor import Doctor, Plan
    from engine.doctor.telemetry import Telemetry

T = TypeVar("T")


class Monitor:
    """Writes the `layers` and `finding` events of one training; owns its doctor and its telemetry.

    Whether it is on stands in the status as `measuring`, and so outlasts the worker. No bit of the training depends on
    it: only copies are measured. A fault of its own is said once and ends it, not the training; an OSError of the
    recorder is no such fault.
    """

    def __init__(self, trainer: Trainer, recorder: Recorder) -> None:
        self._trainer, self._recorder = trainer, recorder
        self._plan: Plan | None = None
        self._doctor: Doctor | None = None
        self._telemetry: Telemetry | None = None
        self._has_begun = self._has_failed = False
        self._measured_step = -1

    @property
    def is_on(self) -> bool:
        """Whether somebody asked for it."""
        return self._recorder.status.measuring

    def turn(self, on: bool) -> None:
        """Begin with the next look, or end now."""
        if on == self.is_on:
            return
        self._doctor = self._telemetry = None
        self._has_begun, self._has_failed, self._measured_step = False, False, -1
        self._recorder.change(msgspec.structs.replace(self._recorder.status, measuring=on))

    def look(self, *, now: bool = False) -> None:
        """Between two updates: measure where it is time for it, and write that and what it shows; OSError.

        Args:
            now: whatever the time, unless these very weights were measured.
        """
        if not self.is_on:
            return
        if not self._has_begun:
            self._begin()
        self._steer()
        telemetry, position = self._telemetry, self._trainer.position
        if telemetry is None or position.step == self._measured_step:
            return
        if telemetry.is_due(position.step, position.seconds) or now:
            layers = self._guarded(lambda: self._measure(telemetry))
            if layers is None:
                self._telemetry = None
            else:
                self._write_layers(layers)
                self.hear(layers)

    def hear(self, event: Event) -> None:
        """Take an event of the training, and write what is new; OSError."""
        doctor = self._doctor
        if doctor is not None:
            self._say(lambda: doctor.observe(event))

    def heed(self, finding: Finding) -> None:
        """Take what somebody else has said of this training as said."""
        if self._doctor is not None:
            self._doctor.record(finding)

    def conclude(self, event: Finished) -> None:
        """Write what the whole training shows and, where it ran its course, the trained network; OSError.

        One that was stopped may go on, and is judged as it stands by `nnterm diagnose`.
        """
        self.hear(event)
        doctor = self._doctor
        if doctor is not None and event.state == "finished" and event.epochs:
            self._say(lambda: doctor.after_training(self._trainer.network))

    def steps_to_go(self) -> int | None:
        """How many updates there are until the next look should be; None: any number."""
        telemetry = self._telemetry
        return None if telemetry is None else telemetry.steps_to_go(self._trainer.position.step)

    def _begin(self) -> None:
        """Gather what is known so far, and write what it shows; at the start, the first measurement too."""
        self._has_begun = True
        doctor = self._doctor = self._guarded(self._prepare)
        if doctor is None:
            return
        self._steer()
        past = self._past()
        self._say(lambda: self._first_words(doctor, past))
        if self._trainer.position.step == 0 and not any(isinstance(event, Layers) for event in past):
            self._write_layers(doctor.start.layers)

    def _prepare(self) -> "Doctor":
        """Set up the telemetry, and the doctor with what the network was at its start."""
        from engine.doctor import Doctor
        from engine.doctor.gather import plan_with
        from engine.doctor.telemetry import Telemetry

        trainer, experiment, data = self._trainer, self._trainer.experiment, self._trainer.data
        is_new = trainer.position.step == 0
        telemetry = Telemetry(trainer.network, data, experiment.training)
        self._telemetry = telemetry  # it measures even where the doctor cannot be had
        self._plan = self._plan or plan_with(experiment, data)
        first = trainer.network if is_new else _first_network(trainer)
        return Doctor(self._plan, first, data, telemetry=telemetry if is_new else None)

    def _first_words(self, doctor: "Doctor", past: list[Event]) -> list[Finding]:
        """What the doctor finds in the plan, the start and the past, and had not found before."""
        for event in past:
            if isinstance(event, Finding):
                doctor.record(event)
        before = doctor.before_training(of_start=not self._recorder.status.parent_step)
        return [*before, *(doctor.replay(past) if self._trainer.position.step else [])]

    def _steer(self) -> None:
        """Tell the doctor where the learning rate was set."""
        rate, doctor = self._trainer.learning_rate, self._doctor
        if doctor is not None and doctor.start.plan.experiment.training.optimizer.lr != rate:
            doctor.set_rate(rate)

    def _past(self) -> list[Event]:
        """The events that still count, in short; no last word, as the training goes on."""
        brief = self._recorder.brief
        events = [] if brief is None else brief.events()
        return [event for event in events if not isinstance(event, Finished | Failed)]

    def _measure(self, telemetry: "Telemetry") -> Layers:
        trainer, position = self._trainer, self._trainer.position
        state, rate = trainer.optimizer_state, trainer.current_rate
        return telemetry.measure(position.step, trainer.network.state, state, rate, position.seconds)

    def _write_layers(self, layers: Layers) -> None:
        self._measured_step = layers.step
        self._recorder.record(layers)

    def _say(self, ask: Callable[[], list[Finding]]) -> None:
        """Write what the doctor answers; one that breaks down is asked no more."""
        findings = self._guarded(ask)
        if findings is None:
            self._doctor = None
        for finding in findings or ():
            self._recorder.record(finding)

    def _guarded(self, ask: Callable[[], T]) -> T | None:
        """Return what `ask` does; None where it breaks down, after telling so, once."""
        try:
            return ask()
        except Exception as error:
            print(traceback.format_exc(), file=sys.stderr, flush=True)
            if not self._has_failed:
                self._has_failed = True
                self._recorder.record(self._remark(error))
            return None

    def _remark(self, error: Exception) -> Finding:
        return Finding(
            time=time.time(),
            step=self._trainer.position.step,
            code="doctor-failed",
            severity="info",
            message=f"the doctor breaks down here and looks no further ({type(error).__name__}: {error}); "
            "the training goes on, and worker.log has the details",
        )


def _first_network(trainer: Trainer) -> Network:
    """The network as the experiment begins it."""
    return Network.of(trainer.experiment, trainer.network)
