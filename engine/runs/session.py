"""One training inside its worker: trains, writes what happens, and obeys between two updates."""

import time
from collections import deque
from collections.abc import Callable, Sequence

import msgspec

from engine.events import AppliedChange, Command, Epoch, FinalState, Finding, Finished, Started
from engine.runs.checkpointer import Checkpointer
from engine.runs.commands import CommandReader, CommandRequest, as_rate
from engine.runs.divergence_report import write_divergence
from engine.runs.monitor import Monitor
from engine.runs.recorder import Recorder
from engine.runs.status import RunState
from engine.training.trainer import Trainer

POLL_S = 0.05
"""Seconds between two looks at the commands while paused."""
CANCELLED_BY_RESUME = frozenset({"pause", "step", "stop"})
"""What a later "resume" of a run that had no worker takes back."""


class TrainingSession:
    """Runs a trainer to its end under the commands that come in; owns the trainer.

    Args:
        is_terminated: tells whether the process was asked to end; it then keeps a checkpoint and stops.
        changes: changes to be made again at their steps, in order; a new one by a person ends them.
        is_resumed: whether an earlier worker began this training.
    """

    def __init__(
        self,
        trainer: Trainer,
        recorder: Recorder,
        reader: CommandReader,
        *,
        is_terminated: Callable[[], bool] = lambda: False,
        sleep: Callable[[float], None] = time.sleep,
        changes: Sequence[AppliedChange] = (),
        is_resumed: bool = False,
    ) -> None:
        self._trainer, self._recorder, self._reader = trainer, recorder, reader
        self.checkpointer = Checkpointer(trainer, recorder)
        self._monitor = Monitor(trainer, recorder)
        self._is_terminated, self._sleep = is_terminated, sleep
        self._changes = deque(changes)
        self._cancels_stale = is_resumed
        self._paused = False
        self._steps_requested = 0

    def run(self, started: Started, remarks: Sequence[Finding] = ()) -> FinalState:
        """Train to the end and return the state that it ended in; OSError where the disk refuses.

        Args:
            remarks: what there is to say at the start.
        """
        trainer, recorder = self._trainer, self._recorder
        recorder.record(started)
        for remark in remarks:
            recorder.record(remark)
        self.checkpointer.write_live(now=True)
        recorder.change(msgspec.structs.replace(recorder.status, state="running"))
        self._between_updates()
        for event in trainer:
            if isinstance(event, Finished):
                self.checkpointer.write_live(now=True)
                self._monitor.finish(event)  # first: the last word is the training's
                recorder.record(msgspec.structs.replace(event, run=started.run))
                recorder.update_digest(now=True)
                return event.state
            recorder.record(event)
            self._monitor.observe(event)
            if isinstance(event, Epoch):
                self.checkpointer.note_best(event)
            if not trainer.epoch_follows:
                self._between_updates()
        raise RuntimeError("the trainer ended without a last word")

    def _between_updates(self) -> None:
        """Look, obey what was asked for, keep weights and status; the last time, before the final evaluation."""
        if not self._trainer.is_over:
            self._monitor.measure_if_due(now=self._paused)
            self._reapply_changes()
            self._process_commands()
        if not self._trainer.is_over:
            self.checkpointer.write_live()
            self.checkpointer.write_due()
            self._recorder.publish_if_due()
            self._recorder.update_digest()
            self._limit_chunk()
            return
        self.checkpointer.write_best()
        self.checkpointer.checkpoint("diverged" if self._trainer.has_diverged else "last")
        if self._trainer.has_diverged:
            self._report_divergence()
        for request in self._reader.poll():
            self._record_command(msgspec.structs.replace(request, refused="the training is over"))

    def _report_divergence(self) -> None:
        """Keep the batch that a divergence began with, and say where it did."""
        finding = write_divergence(self._trainer, self._recorder.folder)
        if finding is not None:
            self._recorder.record(finding)
            self._monitor.note_finding(finding)

    def _limit_chunk(self) -> None:
        """See to it that the next event comes where something is to be done."""
        for to_go in (self.checkpointer.steps_until_due(), self._monitor.steps_until_due()):
            if to_go is not None:
                self._trainer.yield_within(to_go)
        if self._changes:
            self._trainer.yield_within(self._changes[0].step - self._trainer.position.step)

    def _reapply_changes(self) -> None:
        """Make the changes that belong to this step."""
        step = self._trainer.position.step
        while self._changes and self._changes[0].step <= step:
            change = self._changes.popleft()
            rate = as_rate(change.value)
            if rate is not None:
                self._set_rate(rate)
                self._record_command(CommandRequest("set", change.key, change.value), replayed=True)

    def _process_commands(self) -> None:
        """Apply new commands; return when there is something to train, or training is to end."""
        self._apply_new()
        while self._paused and not self._trainer.is_over:
            if self._steps_requested:
                self._steps_requested -= 1
                self._trainer.single_step()
                return
            self._show_pause("paused")
            self.checkpointer.write_live()
            self._sleep(POLL_S)
            self._apply_new()
            self._monitor.measure_if_due(now=True)
        self._show_pause("running")

    def _show_pause(self, state: RunState) -> None:
        if self._recorder.status.state != state:
            self._recorder.change(msgspec.structs.replace(self._recorder.status, state=state))
        self._recorder.publish_if_due()

    def _apply_new(self) -> None:
        """Apply the commands that are new; a request of the operating system counts as a stop."""
        requests = self._reader.poll()
        if self._cancels_stale and requests:
            requests, self._cancels_stale = _cancel_stale(requests), False
        for request in requests:
            if not request.refused:
                self._apply(request)
            self._record_command(request)
        if requests:
            self._recorder.sync()  # what was obeyed is not forgotten, whatever becomes of this machine
        if self._is_terminated() and not self._trainer.is_over:
            self._apply(CommandRequest("stop"))
            self._record_command(CommandRequest("stop", value="SIGTERM"))

    def _apply(self, request: CommandRequest) -> None:
        match request.command:
            case "pause":
                self._paused, self._steps_requested = True, 0
            case "resume":
                self._paused, self._steps_requested = False, 0
            case "step":
                self._paused = True
                self._steps_requested += 1
            case "stop":
                self._trainer.stop()
            case "checkpoint":
                self.checkpointer.checkpoint("command")
            case "measure":
                self._monitor.switch(request.value is True)
            case "set":
                self._changes.clear()  # who steers now has the last word
                self._set_rate(as_rate(request.value) or self._trainer.learning_rate)

    def _set_rate(self, rate: float) -> None:
        trainer, recorder = self._trainer, self._recorder
        trainer.learning_rate = rate
        status = msgspec.structs.replace(
            recorder.status, base_learning_rate=rate, learning_rate=trainer.current_rate
        )
        recorder.change(status)

    def _record_command(self, request: CommandRequest, *, replayed: bool = False) -> None:
        self._recorder.record(
            Command(
                time=time.time(),
                step=self._trainer.position.step,
                command=request.command,
                key=request.key,
                value=request.value,
                refused=request.refused,
                read=request.read,
                replayed=replayed,
            )
        )
        status = self._recorder.status
        if request.read is not None and status.commands_read != request.read:
            self._recorder.change(msgspec.structs.replace(status, commands_read=request.read))


def _cancel_stale(requests: list[CommandRequest]) -> list[CommandRequest]:
    """Refuse what was asked of a worker that was gone, where a "resume" came after it."""
    last = max((i for i, request in enumerate(requests) if request.command == "resume"), default=0)
    return [
        msgspec.structs.replace(request, refused="the run was resumed after it")
        if i < last and request.command in CANCELLED_BY_RESUME and not request.refused
        else request
        for i, request in enumerate(requests)
    ]
