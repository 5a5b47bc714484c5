"""The Trials screen: short experiments on the current network, each with a plot and an answer."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from engine.errors import NntermError
from engine.experiment.changes import with_fix
from tui.charts.tones import MUTED
from tui.draft.tables import Draft, complete
from tui.processes import trial as trial_process
from tui.processes.check_subject import CheckSubject, source_of
from tui.processes.trial import TrialError, TriedEvent
from tui.shell.screen import LabScreen
from tui.trials.trial_details import TrialDetails
from tui.trials.trial_list import TrialList
from tui.trials.view import TrialView
from tui.widgets.fix_dialog import FixDialog
from tui.words.changes import Changes, changes_of

Attempt = Callable[[Sequence[str]], AsyncGenerator[TriedEvent, None]]
"""Runs a trial with the arguments of `nnterm try`, and yields its events."""
FRAME_S = 0.2
"""Minimum seconds between two redraws while a trial runs."""


@dataclass
class TrialStore:
    """The trials of this session by name, each with its network; owned by the screen that opens the Trials screen."""

    views: dict[str, tuple[CheckSubject, TrialView]] = field(default_factory=dict)


class TrialsScreen(LabScreen):
    """Runs trials on `subject`; pushed over the screen that it was opened from.

    Args:
        subject: a draft or a run.
        experiment: its plain tables, in which a trial can change settings.
        store: the earlier trials; the new ones are added.
        on_fixed: called with a draft that has the setting of a trial.
        mode: the mode of the screen below.
        attempt: runs a trial; None: in a child process.
    """

    PURPOSE = "Short experiments on this network; each answers one question in seconds."
    HELP = (
        "A trial trains a copy of this network for some seconds in a process of its own: no run is changed, and a "
        "training continues. Enter runs the selected one; its plot grows while it runs, and a sentence gives the result. "
        "x cancels it. If a setting is suggested, m shows the change and applies it to the network on Build. Results "
        "are kept until you quit the app. In a shell: nnterm try."
    )
    DEFAULT_CSS = """
    TrialsScreen {
        #subject { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
        #trials { height: 1fr; }
        #list { width: 40; height: 1fr; background: $background; padding: 0; }
        &.-narrow #list { width: 30; }
    }
    """
    AUTO_FOCUS = "#list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "fix", "apply", tooltip="apply the suggested setting to the network on Build"),
        Binding("x", "cancel", "cancel", tooltip="cancel the running trial"),
        Binding("escape,e", "leave", "back", tooltip="back to where you came from; cancels a running trial"),
    ]

    def __init__(
        self,
        subject: CheckSubject,
        experiment: Mapping[str, Any],
        store: TrialStore,
        on_fixed: Callable[[Draft], object],
        *,
        mode: str,
        attempt: Attempt | None = None,
    ) -> None:
        super().__init__()
        self._subject, self._experiment, self._store = subject, experiment, store
        self._on_fixed, self._mode, self._attempt = on_fixed, mode, attempt or trial_process.attempt
        self._running_trial = ""
        self._drawn_at = 0.0
        self._list = TrialList(id="list", classes="panel")
        self._details = TrialDetails(id="details", classes="panel")

    @property
    def mode(self) -> str:
        """The mode of the screen below."""
        return self._mode

    def body(self) -> ComposeResult:
        yield Static(Content.styled(self._subject.words, MUTED), id="subject")
        with Horizontal(id="trials"):
            yield self._list
            yield self._details

    def on_mount(self) -> None:
        """Set the panel title, and show the earlier trials."""
        self._list.border_title = "trials"
        self._show()

    def on_resize(self) -> None:
        """Redraw for the new size."""
        self._show()

    # running trials

    @on(TrialList.OptionSelected)
    def _begin(self) -> None:
        """Start the trial under the cursor; a running one is cancelled."""
        self._cancel()
        name = self._list.selected.name
        self._store.views[name] = (self._subject, TrialView())
        self._running_trial = name
        self._show()
        self._try(name)

    @work(exclusive=True, group="trial")
    async def _try(self, name: str) -> None:
        _, view = self._store.views[name]
        try:
            with tempfile.TemporaryDirectory(prefix="nnterm-") as folder:
                source = await asyncio.to_thread(source_of, self._subject, Path(folder))
                arguments = trial_process.arguments_for(name, source, self.session.home)
                async with aclosing(self._attempt(arguments)) as events:
                    async for event in events:
                        self._absorb(view, event)
        except (NntermError, OSError) as error:
            view.fail(str(error))
        finally:
            if view.is_running:
                view.cancel()
            if self._running_trial == name:
                self._running_trial = ""
        if self.is_attached:
            self._show()

    def _absorb(self, view: TrialView, event: TriedEvent) -> None:
        """Process an event; redraw a few times a second."""
        if isinstance(event, TrialError):
            view.fail(event.message, event.hint)
        else:
            view.absorb(event)
        now = asyncio.get_running_loop().time()
        if self.is_attached and now - self._drawn_at >= FRAME_S:
            self._drawn_at = now
            self._show()

    def action_cancel(self) -> None:
        """Cancel the running trial."""
        self._cancel()
        self._show()

    def _cancel(self) -> None:
        if self._running_trial:
            self._store.views[self._running_trial][1].cancel()
            self._running_trial = ""
            self.workers.cancel_group(self, "trial")

    def action_leave(self) -> None:
        """Cancel the running trial; without one, return to the screen below."""
        if self._running_trial:
            self.action_cancel()
        else:
            self.dismiss()

    # the suggested setting

    @work(exclusive=True, group="fix")
    async def action_fix(self) -> None:
        """Show the suggested setting as a difference, and apply it to the draft after a confirmation."""
        view, changes = self._view, self._changes()
        if view is None or view.finished is None or not changes:
            return
        question = f"{view.finished.sentence} Apply this to the network on Build?"
        if await self.app.push_screen_wait(FixDialog(question, changes)):
            draft, _ = with_fix(dict(self._experiment), view.finished.changes)
            self._on_fixed(complete(draft))
            self.dismiss()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show a key only if it applies now."""
        if action == "cancel":
            return bool(self._running_trial)
        if action == "fix":
            return bool(self._changes())
        return True

    @property
    def _view(self) -> TrialView | None:
        """The trial under the cursor; None if it was not started."""
        known = self._store.views.get(self._list.selected.name)
        return known[1] if known else None

    def _changes(self) -> Changes:
        """The changes of the setting that the trial under the cursor suggests."""
        view = self._view
        if view is None or view.finished is None or not view.finished.changes:
            return {}
        return changes_of(self._experiment, view.finished.changes)

    # showing

    @on(TrialList.OptionHighlighted)
    def _show(self) -> None:
        """Show the current state of the trials."""
        self._list.show({name: view.state for name, (_, view) in self._store.views.items()})
        trial = self._list.selected
        known = self._store.views.get(trial.name)
        remark = "of another network" if known and known[0] != self._subject else ""
        self._details.show(trial, known[1] if known else None, self._changes(), remark)
        self.refresh_bindings()
