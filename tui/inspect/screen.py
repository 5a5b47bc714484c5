"""The Inspect screen: views of a trained network at any checkpoint of its training."""

import asyncio
import time
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from engine.errors import NntermError
from engine.inspection.messages import Failure, InspectedRun, Notice, Reply, Request, Unseen
from tui.actions import MOVE
from tui.inspect.checkpoint_slider import CheckpointSlider, subject_text
from tui.inspect.client import Channel, OpenChannel, Received, open_channel
from tui.inspect.registry import ENTRIES, find_entry
from tui.inspect.requests import Requests, is_same, make_request
from tui.inspect.tabs import ViewTabs
from tui.inspect.view import InspectView
from tui.inspect.view_stack import ViewStack
from tui.runs.switch import RunSwitch
from tui.widgets.no_run import nothing_to_inspect

if TYPE_CHECKING:
    from engine.runs import RunSummary

POLL_S = 0.25
"""Seconds between two checks for newer weights."""
AGAIN = "The key of a view looks again."
"""Advice after the process has ended."""
REPLAY_S = 0.7
"""Seconds per moment in a replay."""


class InspectScreen(RunSwitch):
    """Shows the session's run, or the newest one, in one of the views.

    At most one request is pending. A change meanwhile (of the view, moment or split) is requested after the reply, so
    that a slow machine skips moments instead of queueing them.
    """

    MODE = "inspect"
    PURPOSE = "Look inside a trained network."
    HELP = (
        "Each view is a letter. Left and right go through the moments of the training whose weights were kept, from the "
        "first weights to the newest, and every view replays with them; comma and full stop do so too where the arrows "
        "move a cursor. While a run trains, its newest weights are looked at again and again. v turns to another part "
        "of the data: the test samples show what the network is worth, the training samples what it has learned by "
        "heart. All is computed in a process of its own; the training goes on undisturbed."
    )
    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "newest_run", "inspect", tooltip="look into the newest run"),
        Binding("comma", "move(-1)", "before", key_display=",", tooltip="an earlier moment of the training"),
        Binding("full_stop", "move(1)", "after", key_display=".", tooltip="a later moment of the training"),
        Binding("left", "move(-1)", "before", show=False, tooltip="an earlier moment of the training"),
        Binding("right", "move(1)", "after", show=False, tooltip="a later moment of the training"),
        Binding("home", "move(-9999)", "first", group=MOVE, show=False, tooltip="the first moment"),
        Binding("end", "move(9999)", "newest", group=MOVE, show=False, tooltip="the newest moment"),
        Binding("z", "replay", "replay", tooltip="replay the training from its first moment, or stop that"),
        Binding("v", "split", "split", tooltip="look at the test, training or validation samples"),
        *(
            Binding(entry.key, f"view('{entry.name}')", entry.title, show=False, tooltip=entry.purpose)
            for entry in ENTRIES
        ),
    ]

    def __init__(self, open_channel: OpenChannel = open_channel) -> None:
        super().__init__()
        self._open_channel = open_channel
        self._channel: Channel | None = None
        self._watched: str | None = None
        self._subject: InspectedRun | None = None
        self._newest: RunSummary | None = None
        self._requests = Requests()
        self._view = ENTRIES[0].name
        self._given: dict[str, Any] | None = None
        self._split = "auto"
        self._requested_at = 0.0

    def body(self) -> ComposeResult:
        yield Static(classes="empty", id="nothing")
        with Vertical(id="inspection"):
            yield CheckpointSlider(id="time")
            yield ViewTabs(id="tabs")
            yield Static(classes="mistake", id="trouble")
            yield ViewStack(id="stage")

    # choosing the run

    def on_mount(self) -> None:
        """Follow the run of the session whenever it changes."""
        self.session.subscribe(self, self._session_changed)
        self.query_one(ViewTabs).current = self._view
        self.query_one("#nothing", Static).update(nothing_to_inspect(None))
        self.set_interval(POLL_S, self._poll)

    def on_screen_resume(self) -> None:
        """Inspect the session's run."""
        name = self.session.run
        self.set_class(name is None, "-empty")
        if name is None:
            self._watched, self._channel = None, None
            self.workers.cancel_group(self, "serve")
            self._find_newest()
        elif name != self._watched:
            self._watched = name
            self._connect(name)
        else:
            self._request_answer(again=True)
        self.refresh_bindings()

    def _session_changed(self, name: str) -> None:
        if name == "run" and self.is_current:
            self.on_screen_resume()

    @work(exclusive=True, group="newest")
    async def _find_newest(self) -> None:
        from engine.runs import list_runs

        runs = await asyncio.to_thread(list_runs, self.session.home)
        self._newest = next((run for run in runs if run.state != "damaged" and run.step), None)
        self.query_one("#nothing", Static).update(nothing_to_inspect(self._newest))
        self.refresh_bindings()

    def action_newest_run(self) -> None:
        """Inspect the newest run."""
        if self._newest is not None:
            self.session.run = self._newest.name

    @work(exclusive=True, group="serve")
    async def _connect(self, name: str) -> None:
        """Inspect another run in the same view; receive messages from its process while it is shown."""
        self._channel, self._subject, self._requests = None, None, Requests()
        slider = self.query_one(CheckpointSlider)
        slider.moments, slider.step, slider.chosen = (), None, None
        slider.words = f"{name}: reading the data …"
        self._show_trouble("")
        await self.query_one(ViewStack).clear()
        try:
            async with self._open_channel(name, self.session.home) as channel:
                self._channel = channel
                async for received in channel.received():
                    self._receive(received)
        except (NntermError, OSError) as error:
            self._show_trouble(str(error))
        self._channel = None
        self._watched = None  # it has ended: returning to the screen tries again

    # sending requests

    def _request_answer(self, *, again: bool = False) -> None:
        """Request the answer for the current view, unless a request is pending or nothing can have changed."""
        if self._channel is None or self._subject is None or self.query_one(ViewStack).current is None:
            return
        request = self._requests.start(self._current_request(), again=again)
        if request is not None:
            self._requested_at = time.monotonic()
            self._send(self._channel, request)

    def _current_request(self) -> Request:
        view, step = self.query_one(ViewStack).current, self.query_one(CheckpointSlider).chosen
        options = {**(view.options if view else {}), "split": self._split}
        return make_request(self._view, "newest" if step is None else step, options)

    @work(group="ask")
    async def _send(self, channel: Channel, request: Request) -> None:
        await channel.send(request)

    def _poll(self) -> None:
        """Request an answer for newer weights from time to time while the run trains."""
        view = self.query_one(ViewStack).current
        if view is None or self._subject is None or self._subject.is_over or not self.is_current:
            return
        if time.monotonic() - self._requested_at >= view.LIVE_S:
            self._request_answer(again=True)

    # receiving messages

    def _receive(self, received: Received) -> None:
        match received.message:
            case InspectedRun() as subject:
                self._receive_subject(subject)
            case Reply() as reply:
                self._receive_reply(reply, received.answer)
            case Notice() as notice:
                self._requests.forget(notice.about)
                self._request_answer()
            case Failure() as failure:
                self._receive_failure(failure)

    def _receive_subject(self, subject: InspectedRun) -> None:
        is_first, self._subject = self._subject is None, subject
        slider = self.query_one(CheckpointSlider)
        slider.moments, slider.is_over = subject.moments, subject.is_over
        self.query_one(ViewTabs).unfit = frozenset(one.name for one in ENTRIES if not one.fits(subject))
        self._show_subject()
        self._show_trouble(subject.trouble)
        if is_first:
            self._open_view(self._given)
        if not subject.moments:
            self.query_one(ViewStack).show_message("no weights yet: the training has just begun")
        self.refresh_bindings()

    def _receive_reply(self, reply: Reply, answer: Any) -> None:
        if not self._requests.settle(reply):
            return
        if answer is not None:
            self.query_one(ViewStack).show_answer(reply.view, answer)
            view = self.query_one(ViewStack).view(reply.view)
            trouble = self._subject.trouble if self._subject else ""
            self._show_trouble("" if view is not None and view.empty_reason == trouble else trouble)
        if (
            reply.view == self._view
            and reply.moment is not None
            and self._requests.is_answered(self._current_request())
        ):
            self.query_one(CheckpointSlider).step = reply.moment.step
        self._request_answer()

    def _receive_failure(self, failure: Failure) -> None:
        """Show the error: in place of the requested view if it was for one, else above the view."""
        words, failed = f"{failure.message}\n{failure.hint}".strip(), self._requests.cancel()
        if failure.id is None or failed is None:
            self._show_trouble(f"{words}\n{AGAIN}")
            return
        self._requests.forget(failed.view)
        self.query_one(ViewStack).show_answer(failed.view, Unseen(failed.view, words))
        if not is_same(failed, self._current_request()):
            self._request_answer()

    def _show_trouble(self, message: str) -> None:
        trouble = self.query_one("#trouble", Static)
        trouble.update(Content(message))
        trouble.display = bool(message)

    def _show_subject(self) -> None:
        """Show the inspected run and samples."""
        if self._subject is not None:
            self.query_one(CheckpointSlider).words = subject_text(self._subject, self._split)

    # views

    def action_view(self, name: str) -> None:
        """Open a view; restart the process if it has ended."""
        is_other, self._view = name != self._view, name
        if self._watched is None:
            self.on_screen_resume()
        elif is_other:
            self._open_view()

    @work(exclusive=True, group="open")
    async def _open_view(self, given: dict[str, Any] | None = None) -> None:
        """Show the current view, and request its answer once its size is known."""
        self.query_one(ViewTabs).current = self._view
        if self._subject is None:
            self._given = given  # until the process has answered
            return
        self.query_one("#purpose", Static).update(find_entry(self._view).purpose, layout=False)
        await self.query_one(ViewStack).open(self._view, given)
        self.call_after_refresh(self._request_answer)
        self.refresh_bindings()

    @on(InspectView.OptionsChanged)
    def _view_options_changed(self, event: InspectView.OptionsChanged) -> None:
        if event.view is self.query_one(ViewStack).current:
            self._request_answer()

    def show_target(self, target: str) -> None:
        """Open the view `target`."""
        self.post_message(InspectView.GoTo(target, {}))

    @on(InspectView.GoTo)
    def _go_to(self, event: InspectView.GoTo) -> None:
        self._view = event.name
        self._open_view(event.given)

    # time, splits

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show a key only if it applies now."""
        if action == "newest_run":
            return self.session.run is None and self._newest is not None
        if action in ("move", "replay"):
            return self._subject is not None and len(self._subject.moments) > 1
        if action == "split":
            return self._subject is not None and len(self._subject.splits) > 1
        if action == "view":
            return self.session.run is not None
        return True

    def action_move(self, by: int) -> None:
        """Go to an earlier or later moment."""
        self.workers.cancel_group(self, "replay")
        self.query_one(CheckpointSlider).move(by)
        self._request_answer()

    @work(exclusive=True, group="replay")
    async def action_replay(self) -> None:
        """Show every moment from the first on, each until the next one is due and its answer was shown."""
        slider = self.query_one(CheckpointSlider)
        for position in range(len(slider.moments)):
            slider.go(position)
            self._request_answer()
            await asyncio.sleep(REPLAY_S)
            while self._requests.is_waiting:
                await asyncio.sleep(POLL_S)

    def action_split(self) -> None:
        """Switch to the next split that has samples."""
        sizes = dict(self._subject.splits) if self._subject else {}
        names = [name for name in ("test", "train", "validation") if name in sizes]
        if names:
            now = self._split if self._split in names else names[0]
            self._split = names[(names.index(now) + 1) % len(names)]
            self._show_subject()
            self._request_answer()
