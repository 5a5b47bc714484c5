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
from tui.inspect.checkpoint_slider import CheckpointSlider, subject_text
from tui.inspect.client import Channel, OpenChannel, Received, open_channel
from tui.inspect.registry import ENTRIES, find_entry
from tui.inspect.requests import Requests, is_same, make_request
from tui.inspect.tabs import ViewTabs
from tui.inspect.time_keys import TimeKeys
from tui.inspect.view import InspectView
from tui.inspect.view_history import ViewHistory, leave
from tui.inspect.view_stack import ViewStack
from tui.widgets.no_run import nothing_to_inspect

if TYPE_CHECKING:
    from engine.runs import RunSummary

POLL_S = 0.25
"""Seconds between two checks for newer weights."""
AGAIN = "Press the key of a view to try again."
"""Advice after the process has ended."""


class InspectScreen(TimeKeys):
    """Shows the session's run, or the newest one, in one of the views.

    At most one request is pending. A change meanwhile (of the view, moment or split) is requested after the reply, so
    that a slow machine skips moments instead of queueing them.
    """

    MODE = "inspect"
    PURPOSE = "Views of a trained network, at every checkpoint"
    HELP = (
        "Each view is a capital letter, and escape goes back. , and . move to the previous and the next checkpoint or "
        "snapshot, from the initial weights to the newest ones; z replays them. While a run trains, the newest weights "
        "are read again and again. S changes the data split: the test split shows how well the network generalises, the "
        "training split what it has memorised. { and } change the layer, n how a view is shown. Everything is computed "
        "in a separate process; the training is not disturbed."
    )
    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "newest_run", "inspect", tooltip="inspect the newest run"),
        Binding("escape", "back", "back", show=False, tooltip="previous view, then the screen before"),
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
        self._newest: RunSummary | None = None
        self._view = ENTRIES[0].name
        self._history = ViewHistory()
        self._was_left = False
        self._given: dict[str, Any] | None = None
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

    def on_screen_suspend(self) -> None:
        """Notice that another screen is shown, and not a dialog above this one."""
        self._was_left = self.app.current_mode != self.mode

    def on_screen_resume(self) -> None:
        """Inspect the session's run."""
        if self._was_left:
            self._history.clear()
            self._was_left = False
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
            self.request_answer(again=True)
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
        slider.words = f"{name}: loading the data …"
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

    def request_answer(self, *, again: bool = False) -> None:
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
            self.request_answer(again=True)

    # receiving messages

    def _receive(self, received: Received) -> None:
        match received.message:
            case InspectedRun() as subject:
                self._receive_subject(subject)
            case Reply() as reply:
                self._receive_reply(reply, received.answer)
            case Notice() as notice:
                self._requests.forget(notice.about)
                self.request_answer()
            case Failure() as failure:
                self._receive_failure(failure)

    def _receive_subject(self, subject: InspectedRun) -> None:
        is_first, self._subject = self._subject is None, subject
        slider = self.query_one(CheckpointSlider)
        slider.moments, slider.is_over = subject.moments, subject.is_over
        self.query_one(ViewTabs).unfit = frozenset(one.name for one in ENTRIES if not one.fits(subject))
        self.show_subject()
        self._show_trouble(subject.trouble)
        if is_first:
            self._open_view(self._given)
        if not subject.moments:
            self.query_one(ViewStack).show_message("No weights yet: the training has just started.")
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
            self.show_step(reply.moment.step)
        self.request_answer()

    def _receive_failure(self, failure: Failure) -> None:
        """Show the error: in place of the requested view if it was for one, else above the view."""
        words, failed = f"{failure.message}\n{failure.hint}".strip(), self._requests.cancel()
        if failure.id is None or failed is None:
            self._show_trouble(f"{words}\n{AGAIN}")
            return
        self._requests.forget(failed.view)
        self.query_one(ViewStack).show_answer(failed.view, Unseen(failed.view, words))
        if not is_same(failed, self._current_request()):
            self.request_answer()

    def _show_trouble(self, message: str) -> None:
        trouble = self.query_one("#trouble", Static)
        trouble.update(Content(message))
        trouble.display = bool(message)

    def show_subject(self) -> None:
        """Show the inspected run and samples."""
        if self._subject is not None:
            self.query_one(CheckpointSlider).words = subject_text(self._subject, self._split)

    # views

    def action_view(self, name: str) -> None:
        """Open a view; the key of the current one restores what it shows at first. Restart a process that has ended."""
        self.go_to(name)

    def go_to(self, name: str, given: dict[str, Any] | None = None) -> None:
        """Open a view by its name; escape returns to the current one.

        Args:
            given: values for the view; None: what it showed last.
        """
        is_other = name != self._view
        if is_other:
            self._history.leave(self._view, name)
        self._view = name
        if self._watched is None:
            self._given = given
            self.on_screen_resume()
        else:
            self._open_view({} if given is None and not is_other else given)

    async def action_back(self) -> None:
        """Go back to the previous view; without one, to the screen from which this one was opened."""
        name = self._history.back()
        if name is None:
            await leave(self.app)
        else:
            self._view = name
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
        self.call_after_refresh(self.request_answer)
        self.refresh_bindings()

    @on(InspectView.OptionsChanged)
    def _view_options_changed(self, event: InspectView.OptionsChanged) -> None:
        if event.view is self.query_one(ViewStack).current:
            self.request_answer()

    def show_target(self, target: str) -> None:
        """Open the view `target`."""
        self.post_message(InspectView.GoTo(target, {}))

    @on(InspectView.GoTo)
    def _go_to(self, event: InspectView.GoTo) -> None:
        if event.origin:
            self.go_to(event.name, event.given)
        else:
            self._history.clear()
            self._view = event.name
            self._open_view(event.given)

    # keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show a key only if it applies now."""
        if action == "newest_run":
            return self.session.run is None and self._newest is not None
        if action == "view":
            return self.session.run is not None
        return super().check_action(action, parameters)
