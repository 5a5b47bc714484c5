"""The doctor and the layer measurements in a worker; loaded only while they are on."""

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

if TYPE_CHECKING:  # loaded on request
    from engine.doctor import Doctor, Plan
    from engine.doctor.telemetry import Telemetry

T = TypeVar("T")


class Monitor:
    """Writes the `layers` and `finding` events of a training; owns its doctor and its telemetry.

    It is on if `measuring` is set in the status, which outlasts the worker. It does not change a bit of the training:
    only copies are measured. An error inside it is reported once and ends it, not the training; an OSError of the
    recorder propagates.
    """

    def __init__(self, trainer: Trainer, recorder: Recorder) -> None:
        self._trainer, self._recorder = trainer, recorder
        self._plan: Plan | None = None
        self._doctor: Doctor | None = None
        self._telemetry: Telemetry | None = None
        self._is_started = self._has_failed = False
        self._measured_step = -1

    @property
    def is_on(self) -> bool:
        """True if measuring was requested."""
        return self._recorder.status.measuring

    def switch(self, on: bool) -> None:
        """Turn measuring on, from the next call of `measure_if_due`, or off."""
        if on == self.is_on:
            return
        self._doctor = self._telemetry = None
        self._is_started, self._has_failed, self._measured_step = False, False, -1
        self._recorder.change(msgspec.structs.replace(self._recorder.status, measuring=on))

    def measure_if_due(self, *, now: bool = False) -> None:
        """Measure if a measurement is due, and write it with its findings; to be called between two updates; OSError.

        Args:
            now: True: measure in any case, unless the current weights have been measured.
        """
        if not self.is_on:
            return
        if not self._is_started:
            self._start()
        self._update_rate()
        telemetry, position = self._telemetry, self._trainer.position
        if telemetry is None or position.step == self._measured_step:
            return
        if telemetry.is_due(position.step, position.seconds) or now:
            layers = self._guarded(lambda: self._measure(telemetry))
            if layers is None:
                self._telemetry = None
            else:
                self._write_layers(layers)
                self.observe(layers)

    def observe(self, event: Event) -> None:
        """Pass an event of the training to the doctor, and write new findings; OSError."""
        doctor = self._doctor
        if doctor is not None:
            self._record_findings(lambda: doctor.observe(event))

    def note_finding(self, finding: Finding) -> None:
        """Tell the doctor of a finding from another source, so that it does not repeat it."""
        if self._doctor is not None:
            self._doctor.record(finding)

    def finish(self, event: Finished) -> None:
        """Write the findings on the whole training and, if it was completed, on the trained network; OSError.

        A stopped training may be resumed; `nnterm diagnose` examines its network.
        """
        self.observe(event)
        doctor = self._doctor
        if doctor is not None and event.state == "finished" and event.epochs:
            self._record_findings(lambda: doctor.after_training(self._trainer.network))

    def steps_until_due(self) -> int | None:
        """Return the number of updates to the next measurement; None: no measurement is planned."""
        telemetry = self._telemetry
        return None if telemetry is None else telemetry.steps_to_go(self._trainer.position.step)

    def _start(self) -> None:
        """Set up the doctor and write its initial findings; before the first update, the first measurement too."""
        self._is_started = True
        doctor = self._doctor = self._guarded(self._set_up)
        if doctor is None:
            return
        self._update_rate()
        past = self._past_events()
        self._record_findings(lambda: self._initial_findings(doctor, past))
        measured = {event.step for event in past if isinstance(event, Layers)}
        if self._trainer.position.step in measured:  # by the worker before
            self._measured_step = self._trainer.position.step
        elif self._trainer.position.step == 0:
            self._write_layers(doctor.start.layers)

    def _set_up(self) -> "Doctor":
        """Set up the telemetry, and return the doctor with the initial network."""
        from engine.doctor import Doctor
        from engine.doctor.gather import plan_with
        from engine.doctor.telemetry import Telemetry

        trainer, experiment, data = self._trainer, self._trainer.experiment, self._trainer.data
        is_new = trainer.position.step == 0
        telemetry = Telemetry(trainer.network, data, experiment.training)
        self._telemetry = telemetry  # it measures even if the doctor cannot be set up
        self._plan = self._plan or plan_with(experiment, data)
        first = trainer.network if is_new else _first_network(trainer)
        return Doctor(self._plan, first, data, telemetry=telemetry if is_new else None)

    def _initial_findings(self, doctor: "Doctor", past: list[Event]) -> list[Finding]:
        """Return new findings on the experiment, the initial network and the past events."""
        for event in past:
            if isinstance(event, Finding):
                doctor.record(event)
        before = doctor.before_training(of_start=not self._recorder.status.parent_step)
        return [*before, *(doctor.replay(past) if self._trainer.position.step else [])]

    def _update_rate(self) -> None:
        """Pass a changed learning rate to the doctor."""
        rate, doctor = self._trainer.learning_rate, self._doctor
        if doctor is not None and doctor.start.plan.experiment.training.optimizer.lr != rate:
            doctor.set_rate(rate)

    def _past_events(self) -> list[Event]:
        """Return the digest of the past events, without a final event, since the training continues."""
        digest = self._recorder.digest
        events = [] if digest is None else digest.events()
        return [event for event in events if not isinstance(event, Finished | Failed)]

    def _measure(self, telemetry: "Telemetry") -> Layers:
        trainer, position = self._trainer, self._trainer.position
        state, rate = trainer.optimizer_state, trainer.current_rate
        return telemetry.measure(position.step, trainer.network.state, state, rate, position.seconds)

    def _write_layers(self, layers: Layers) -> None:
        self._measured_step = layers.step
        self._recorder.record(layers)

    def _record_findings(self, find: Callable[[], list[Finding]]) -> None:
        """Write the findings that `find` returns; if it fails, drop the doctor."""
        findings = self._guarded(find)
        if findings is None:
            self._doctor = None
        for finding in findings or ():
            self._recorder.record(finding)

    def _guarded(self, function: Callable[[], T]) -> T | None:
        """Return the result of `function`; if it raises, report the first error and return None."""
        try:
            return function()
        except Exception as error:
            print(traceback.format_exc(), file=sys.stderr, flush=True)
            if not self._has_failed:
                self._has_failed = True
                self._recorder.record(self._failure(error))
            return None

    def _failure(self, error: Exception) -> Finding:
        return Finding(
            time=time.time(),
            step=self._trainer.position.step,
            code="doctor-failed",
            severity="info",
            message=f"the doctor failed and is off now ({type(error).__name__}: {error}); "
            "the training continues, and worker.log has the details",
        )


def _first_network(trainer: Trainer) -> Network:
    """Return the network with the experiment's initial weights."""
    return Network.of(trainer.experiment, trainer.network)
