"""The training session of a worker: trains, writes events and checkpoints, and carries out commands between updates."""

import math
import time
from collections import deque
from collections.abc import Callable, Sequence

import msgspec

from engine.events import AppliedChange, Command, Epoch, FinalState, Finding, Finished, Started
from engine.runs.checkpointer import Checkpointer
from engine.runs.commands import CommandReader, CommandRequest, as_rate
from engine.runs.divergence_report import write_divergence
from engine.runs.monitor import Monitor
from engine.runs.pacing import Pacer
from engine.runs.recorder import Recorder
from engine.runs.snapshots import SnapshotSeries
from engine.runs.status import RunState
from engine.training.trainer import Trainer

POLL_S = 0.05
"""Interval at which commands are read while paused, seconds."""
CANCELLED_BY_RESUME = frozenset({"pause", "step", "stop"})
"""Commands that a later "resume" cancels if they arrived while the run had no worker."""


class TrainingSession:
    """Runs a trainer to its end, controlled by commands; owns the trainer.

    Args:
        is_terminated: returns True if the process is to end; the session then writes a checkpoint and stops.
        sleep: waits for seconds.
        changes: changes to be applied again at their steps, in order; a new change by a user cancels them.
        is_resumed: True if the run has had a worker before.
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
        self._snapshots = SnapshotSeries(trainer, recorder.folder)
        self._monitor = Monitor(trainer, recorder)
        self._is_terminated, self._sleep = is_terminated, sleep
        self._changes = deque(changes)
        self._cancels_stale = is_resumed
        self._paused = False
        self._steps_requested = 0
        self._pacer = Pacer()

    def run(self, started: Started, remarks: Sequence[Finding] = ()) -> FinalState:
        """Train to the end and return the final state.

        Args:
            started: the first event; its name of the run is used in the last one.
            remarks: findings to write after it.

        Raises:
            OSError: a file cannot be written.
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
                self._monitor.finish(event)  # first: `finished` is the last event
                recorder.record(msgspec.structs.replace(event, run=started.run))
                recorder.update_digest(now=True)
                return event.state
            recorder.record(event)
            self._monitor.observe(event)
            if isinstance(event, Epoch):
                self.checkpointer.note_best(event)
            if not trainer.epoch_follows:
                self._between_updates()
        raise RuntimeError("the trainer ended without a final event")

    def _between_updates(self) -> None:
        """Measure, carry out commands, write weights and status; called last before the final evaluation."""
        if not self._trainer.is_over:
            has_time = self._pacer.may_look()
            self._monitor.measure_if_due(now=self._paused or has_time)
            self.checkpointer.write_live(now=has_time)
            self._reapply_changes()
            self._process_commands()
        if not self._trainer.is_over:
            self.checkpointer.write_live()
            self.checkpointer.write_due()
            self._snapshots.write_due()
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
        """Write the batch in which a divergence arose, and the finding on its origin."""
        finding = write_divergence(self._trainer, self._recorder.folder)
        if finding is not None:
            self._recorder.record(finding)
            self._monitor.note_finding(finding)

    def _limit_chunk(self) -> None:
        """Limit the next chunk to the step of the next checkpoint, snapshot, measurement or change, and to the pace."""
        due = [owner.steps_until_due() for owner in (self.checkpointer, self._snapshots, self._monitor)]
        for steps in (*due, self._pacer.begin_chunk(self._trainer.position.step)):
            if steps is not None:
                self._trainer.yield_within(steps)
        if self._changes:
            self._trainer.yield_within(self._changes[0].step - self._trainer.position.step)

    def _reapply_changes(self) -> None:
        """Apply the changes that belong to this step again."""
        step = self._trainer.position.step
        while self._changes and self._changes[0].step <= step:
            change = self._changes.popleft()
            rate = as_rate(change.value)
            if rate is not None:
                self._set_rate(rate)
                self._record_command(CommandRequest("set", change.key, change.value), replayed=True)

    def _process_commands(self) -> None:
        """Apply new commands; while paused or ahead of the pace, wait for the next update, a resume or the end."""
        self._apply_new()
        while (wait_s := self._wait_s()) > 0:
            if self._steps_requested:
                self._steps_requested -= 1
                self._trainer.single_step()
                return
            self._show_pause("paused" if self._paused else "running")
            self.checkpointer.write_live()
            self._sleep(min(POLL_S, wait_s))
            self._apply_new()
            if self._paused:
                self._monitor.measure_if_due(now=True)
        self._show_pause("running")

    def _wait_s(self) -> float:
        """Return the seconds until the next update; infinite while paused."""
        if self._trainer.is_over:
            return 0.0
        return math.inf if self._paused else self._pacer.wait_s(self._trainer.position.step)

    def _show_pause(self, state: RunState) -> None:
        if self._recorder.status.state != state:
            self._recorder.change(msgspec.structs.replace(self._recorder.status, state=state))
        self._recorder.publish_if_due()

    def _apply_new(self) -> None:
        """Apply new commands; SIGTERM counts as a stop."""
        requests = self._reader.poll()
        if self._cancels_stale and requests:
            requests, self._cancels_stale = _cancel_stale(requests), False
        for request in requests:
            if not request.refused:
                self._apply(request)
            self._record_command(request)
        if requests:
            self._recorder.sync()  # applied commands must survive a power loss
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
            case "pace":
                self._pacer.steps_per_s = as_rate(request.value)
            case "set":
                self._changes.clear()  # a new change supersedes those to be repeated
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
    """Refuse the requests from before a "resume" that were meant for the previous worker."""
    last = max((i for i, request in enumerate(requests) if request.command == "resume"), default=0)
    return [
        msgspec.structs.replace(request, refused="the run was resumed after it")
        if i < last and request.command in CANCELLED_BY_RESUME and not request.refused
        else request
        for i, request in enumerate(requests)
    ]
