"""One training inside its worker: trains, writes what happens, and obeys between two updates."""

import time
from collections.abc import Callable

import msgspec

from engine.events import Command, Epoch, FinalState, Finished, Started
from engine.runs.commands import CommandReader, Request, as_rate
from engine.runs.keeper import Keeper
from engine.runs.recorder import Recorder
from engine.runs.status import RunState
from engine.trainer import Trainer

LOOK_S = 0.05
"""Seconds between two looks at the commands while paused."""


class Session:
    """Runs a trainer to its end under the commands that come in; owns the trainer.

    Args:
        is_terminated: tells whether the process was asked to end; it then keeps a checkpoint and stops.
    """

    def __init__(
        self,
        trainer: Trainer,
        recorder: Recorder,
        reader: CommandReader,
        *,
        is_terminated: Callable[[], bool] = lambda: False,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._trainer, self._recorder, self._reader = trainer, recorder, reader
        self._keeper = Keeper(trainer, recorder)
        self._is_terminated, self._sleep = is_terminated, sleep
        self._paused = False
        self._steps_asked = 0
        self._stop_was_noted = False

    def run(self, started: Started) -> FinalState:
        """Train to the end and return the state that it ended in; OSError where the disk refuses."""
        trainer, recorder = self._trainer, self._recorder
        recorder.record(started)
        self._keeper.keep_live(now=True)
        recorder.change(msgspec.structs.replace(recorder.status, state="running"))
        self._between_updates()
        for event in trainer:
            if isinstance(event, Finished):
                self._keeper.keep_live(now=True)
                recorder.record(msgspec.structs.replace(event, run=started.run))
                return event.state
            recorder.record(event)
            if isinstance(event, Epoch):
                self._keeper.keep_best(event)
            if not trainer.epoch_follows:
                self._between_updates()
        raise RuntimeError("the trainer ended without a last word")

    def _between_updates(self) -> None:
        """Obey what was asked for, then keep weights and status; the last time, before the final evaluation."""
        if not self._trainer.is_over:
            self._obey()
        if not self._trainer.is_over:
            self._keeper.keep_live()
            self._recorder.publish_if_due()
            return
        self._keeper.flush_best()
        self._keeper.checkpoint("diverged" if self._trainer.has_diverged else "last")
        for request in self._reader.poll():
            self._note(msgspec.structs.replace(request, refused="the training is over"))

    def _obey(self) -> None:
        """Apply new commands; return when there is something to train, or training is to end."""
        self._apply_all()
        while self._paused and not self._trainer.is_over:
            if self._steps_asked:
                self._steps_asked -= 1
                self._trainer.single_step()
                return
            self._show_pause("paused")
            self._keeper.keep_live()
            self._sleep(LOOK_S)
            self._apply_all()
        self._show_pause("running")

    def _show_pause(self, state: RunState) -> None:
        if self._recorder.status.state != state:
            self._recorder.change(msgspec.structs.replace(self._recorder.status, state=state))
        self._recorder.publish_if_due()

    def _apply_all(self) -> None:
        """Apply the commands that are new; a request of the operating system counts as a stop."""
        for request in self._reader.poll():
            if not request.refused:
                self._apply(request)
            self._note(request)
        if self._is_terminated() and not self._trainer.is_over:
            self._apply(Request("stop"))
            self._note(Request("stop", value="SIGTERM"))

    def _apply(self, request: Request) -> None:
        match request.command:
            case "pause":
                self._paused, self._steps_asked = True, 0
            case "resume":
                self._paused, self._steps_asked = False, 0
            case "step":
                self._paused = True
                self._steps_asked += 1
            case "stop":
                self._trainer.stop()
            case "checkpoint":
                self._keeper.checkpoint("command")
            case "set":
                self._set_rate(as_rate(request.value) or self._trainer.learning_rate)

    def _set_rate(self, rate: float) -> None:
        trainer, recorder = self._trainer, self._recorder
        trainer.learning_rate = rate
        status = msgspec.structs.replace(
            recorder.status, base_learning_rate=rate, learning_rate=trainer.current_rate
        )
        recorder.change(status)

    def _note(self, request: Request) -> None:
        self._recorder.record(
            Command(
                time=time.time(),
                step=self._trainer.position.step,
                command=request.command,
                key=request.key,
                value=request.value,
                refused=request.refused,
            )
        )
        status = self._recorder.status
        if status.commands_read != self._reader.offset:
            self._recorder.change(msgspec.structs.replace(status, commands_read=self._reader.offset))
