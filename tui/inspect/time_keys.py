"""The keys of the Inspect screen that concern the run: its moments, its replay, its splits, pause and resume."""

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from engine.errors import NntermError
from tui.actions import MOVE
from tui.inspect.checkpoint_slider import CheckpointSlider
from tui.inspect.requests import Requests
from tui.runs.switch import RunSwitch

if TYPE_CHECKING:
    from engine.inspection.messages import InspectedRun

REPLAY_S = 8.0
"""Seconds that a replay takes, if its answers come in time."""
SLOWEST_S, FASTEST_S = 0.7, 0.12
"""Seconds per moment in a replay of few moments, and of many."""
ANSWER_S = 0.02
"""Seconds between two looks for the answer that a replay waits for."""
SPLITS = ("test", "train", "validation")


class TimeKeys(RunSwitch):
    """A screen that shows a run at its moments; subclasses request the answers."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("comma", "move(-1)", "previous", key_display=",", tooltip="previous checkpoint"),
        Binding("full_stop", "move(1)", "next", key_display=".", tooltip="next checkpoint"),
        Binding("left", "move(-1)", "previous", group=MOVE, show=False, tooltip="previous checkpoint"),
        Binding("right", "move(1)", "next", group=MOVE, show=False, tooltip="next checkpoint"),
        Binding("home", "move(-9999)", "first", group=MOVE, show=False, tooltip="the initial weights"),
        Binding("end", "move(9999)", "newest", group=MOVE, show=False, tooltip="the newest weights"),
        Binding(
            "z", "replay", "replay", tooltip="replay the training from its initial weights, or stop that"
        ),
        Binding("S", "split", "split", tooltip="data split: test, training or validation samples"),
        Binding("space", "pause", "pause", tooltip="pause or resume the training"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._subject: InspectedRun | None = None
        self._requests = Requests()
        self._split = "auto"

    def request_answer(self, *, again: bool = False) -> None:
        """Request the answer for the chosen moment and split."""
        raise NotImplementedError

    def show_subject(self) -> None:
        """Show the run and the split."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show a key only if it applies now."""
        subject = self._subject
        if action == "move":
            return self._can_move(parameters[0])
        if action == "replay":
            return subject is not None and len(subject.moments) > 1
        if action == "split":
            return subject is not None and len(subject.splits) > 1
        if action == "pause":
            return subject is not None and subject.state in ("running", "paused")
        return True

    def _can_move(self, by: object) -> bool:
        """Return True if there is a moment in that direction."""
        slider = next(iter(self.query(CheckpointSlider)), None)
        position = slider.position if slider is not None else None
        if slider is None or position is None or not isinstance(by, int):
            return False
        return position > 0 if by < 0 else position < len(slider.moments) - 1 or slider.chosen is not None

    def show_step(self, step: int) -> None:
        """Mark the moment at `step`, and update the keys at either end of the track."""
        before = [self._can_move(by) for by in (-1, 1)]
        self.query_one(CheckpointSlider).step = step
        if before != [self._can_move(by) for by in (-1, 1)]:
            self.refresh_bindings()

    def action_move(self, by: int) -> None:
        """Go to an earlier or later moment."""
        self.workers.cancel_group(self, "replay")
        self.query_one(CheckpointSlider).move(by)
        self.request_answer()
        self.refresh_bindings()

    def action_replay(self) -> None:
        """Replay the training, or stop the replay."""
        if any(worker.group == "replay" and worker.is_running for worker in self.workers):
            self.workers.cancel_group(self, "replay")
        else:
            self._replay()

    @work(exclusive=True, group="replay")
    async def _replay(self) -> None:
        """Show every moment from the first on, each until the next one is due and its answer was shown."""
        slider = self.query_one(CheckpointSlider)
        pause = min(SLOWEST_S, max(FASTEST_S, REPLAY_S / max(1, len(slider.moments))))
        for position in range(len(slider.moments)):
            slider.go(position)
            self.request_answer()
            await asyncio.sleep(pause)
            while self._requests.is_waiting:
                await asyncio.sleep(ANSWER_S)
        self.refresh_bindings()

    def action_split(self) -> None:
        """Switch to the next split that has samples."""
        sizes = dict(self._subject.splits) if self._subject else {}
        names = [name for name in SPLITS if name in sizes]
        if names:
            now = self._split if self._split in names else names[0]
            self._split = names[(names.index(now) + 1) % len(names)]
            self.show_subject()
            self.request_answer()

    @work(exclusive=True, group="pause")
    async def action_pause(self) -> None:
        """Pause the training, or resume it."""
        subject = self._subject
        if subject is None or subject.state not in ("running", "paused"):
            return
        from engine.runs import Run

        command = "pause" if subject.state == "running" else "resume"
        try:
            run = Run.open(subject.run, self.session.home)
            await asyncio.to_thread(run.command, command)
        except NntermError as error:
            self.notify(error.message, title=f"{command} was not sent", severity="error", markup=False)
        else:
            self.request_answer(again=True)
