"""The actions of the Runs screen on runs: steer, resume, fork, rename, delete, detach."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.widgets import Input

from engine.errors import NntermError, RunError
from engine.runs import (
    Run,
    RunNotes,
    RunSummary,
    discard,
    empty_trash,
    list_trash,
    rename,
    restore,
    write_notes,
)
from engine.runs.fork import Forked
from engine.words import counted
from tui.follow.relaunch import relaunch
from tui.runs.dialogs import NameDialog, NotesDialog
from tui.runs.fork_form import fork_dialog, fork_start
from tui.runs.resume import resume_run
from tui.shell.dialogs import ConfirmDialog
from tui.shell.screen import LabScreen
from tui.words.errors import error_text
from tui.words.events import listed


class RunKeys(LabScreen):
    """A screen that lists runs; subclasses implement `current`, `chosen` and `reload`."""

    KEYS: ClassVar[list[BindingType]] = [
        Binding("space", "pause", "pause", tooltip="pause the run, or continue it"),
        Binding("space", "resume", "resume", tooltip="continue the run from its newest checkpoint"),
        Binding("x", "stop", "stop", tooltip="save a checkpoint and stop this run, or the marked ones"),
        Binding("f", "fork", "fork", tooltip="start a new run from a checkpoint, with changed settings"),
        Binding(
            "number_sign", "tags", "tags", key_display="#", tooltip="edit the tags and the note of the run"
        ),
        Binding("N", "rename", "rename", tooltip="rename the run"),
        Binding(
            "delete,backspace",
            "remove",
            "delete",
            key_display="del",
            tooltip="move this run, or the marked ones, to the trash",
        ),
        Binding("u", "restore", "undo", show=False, tooltip="restore what was moved to the trash last"),
        Binding(
            "ctrl+e", "empty", "empty trash", show=False, tooltip="delete everything in the trash permanently"
        ),
        Binding("c", "checkpoint", "checkpoint", show=False, tooltip="save a checkpoint now"),
        Binding("r", "restart", "retrain", show=False, tooltip="train again from the same initial weights"),
        Binding(
            "ampersand",
            "detach",
            "detach",
            key_display="&",
            show=False,
            tooltip="detach from the run: quitting will not ask about it",
        ),
    ]
    """For the bindings of a subclass, at the place that it chooses."""

    has_trash = False
    """True if the trash holds a run."""

    @property
    def current(self) -> RunSummary | None:
        """The run under the cursor."""
        raise NotImplementedError

    @property
    def chosen(self) -> Sequence[RunSummary]:
        """The marked runs that are listed; the one under the cursor if there are none."""
        raise NotImplementedError

    @property
    def n_hidden_marks(self) -> int:
        """Number of marked runs that the filter hides; no key acts on them."""
        raise NotImplementedError

    def reload(self, go_to: str = "") -> object:
        """Update the list, and put the cursor on the run `go_to`."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enable a key only if it applies now."""
        if isinstance(self.focused, Input):
            return action == "back"
        run = self.current if self.is_mounted else None
        if action in ("restore", "empty"):
            return self.has_trash
        if action in _OF_A_RUN:
            return run is not None and (action not in _OF_A_SOUND_RUN or run.state != "damaged")
        if action == "resume":
            return run is not None and run.state != "damaged" and run.is_over
        if action == "stop":
            return any(not one.is_over for one in self.chosen) if run else False
        if action in ("pause", "checkpoint"):
            return run is not None and not run.is_over
        return True

    def _and_hidden_marks(self, question: str) -> str:
        """Return a question with a remark on the marked runs that stay as they are, because they are not listed."""
        n = self.n_hidden_marks
        if not n:
            return question
        are = "1 marked run is" if n == 1 else f"{counted(n, 'marked run')} are"
        return f"{question} {are} hidden by the filter and not affected."

    async def _attempt(self, title: str, do: Callable[..., Any], *arguments: Any) -> tuple[bool, Any]:
        """Call `do` in a thread; return whether it succeeded, and its result. Notify the user of an error."""
        try:
            return True, await asyncio.to_thread(do, *arguments)
        except NntermError as error:
            self.notify(error_text(error), title=title, severity="error", timeout=8)
            return False, None

    async def _attempt_on(self, name: str, title: str, do: Callable[[Run], Any]) -> tuple[bool, Any]:
        """Call `do` with the run `name` as `_attempt` does."""
        home = self.session.home
        return await self._attempt(title, lambda: do(Run.open(name, home)))

    # steering

    @work(group="keys")
    async def action_pause(self) -> None:
        """Pause or continue the run."""
        run = self.current
        if run is not None:
            command = "resume" if run.state == "paused" else "pause"
            await self._attempt_on(
                run.name, f"{run.name} does not answer", lambda opened: opened.command(command)
            )
            self.reload()

    @work(exclusive=True, group="keys")
    async def action_resume(self) -> None:
        """Resume a run that has ended."""
        if self.current is not None and await resume_run(self, self.current.name):
            self.reload()

    @work(exclusive=True, group="keys")
    async def action_stop(self) -> None:
        """Stop the runs after a confirmation."""
        names = [run.name for run in self.chosen if not run.is_over]
        question = self._and_hidden_marks(f"Stop {listed(names)}? The weights are saved as a checkpoint.")
        if await self.app.push_screen_wait(ConfirmDialog(question, yes="stop", no="keep training")):
            for name in names:
                await self._attempt_on(name, f"{name} cannot be stopped", lambda run: run.command("stop"))
            self.reload()

    @work(group="keys")
    async def action_checkpoint(self) -> None:
        """Save the current weights as a checkpoint."""
        if self.current is not None:
            name = self.current.name
            sent, _ = await self._attempt_on(
                name, f"{name} does not answer", lambda run: run.command("checkpoint")
            )
            if sent:
                self.notify(f"{name}: checkpoint requested")

    @work(exclusive=True, group="keys")
    async def action_restart(self) -> None:
        """Start the experiment again as a new run."""
        if self.current is not None:
            name = self.current.name
            started, new = await self._attempt(f"{name} was not retrained", relaunch, name, self.session.home)
            if started:
                self.session.remember(new)
                self.reload(go_to=new)

    @work(exclusive=True, group="keys")
    async def action_fork(self) -> None:
        """Start a new run from a checkpoint of this one."""
        if self.current is None:
            return
        name, home = self.current.name, self.session.home
        known, start = await self._attempt_on(name, f"{name} cannot be forked", fork_start)
        if not known:
            return
        dialog = fork_dialog(name, home, start)
        forked: Forked | None = await self.app.push_screen_wait(dialog)
        if forked is not None:
            self.session.remember(forked.run.name)
            remarks = "\n".join(forked.remarks)
            self.notify(f"{forked.run.name} is training\n{remarks}".strip(), title=f"forked from {name}")
            self.reload(go_to=forked.run.name)

    def action_detach(self) -> None:
        """Detach from the run, which continues to train."""
        if self.current is not None:
            name = self.current.name
            self.session.forget(name)
            self.notify(f"detached from {name}; enter opens it again, or: nnterm attach {name}")

    # names and the trash

    @work(exclusive=True, group="keys")
    async def action_rename(self) -> None:
        """Ask for a new name."""
        if self.current is None:
            return
        name, home = self.current.name, self.session.home
        dialog = NameDialog(name, lambda new: rename(Run.open(name, home), new))
        new = await self.app.push_screen_wait(dialog)
        if new is not None:
            self.session.rename(name, new)
            self.reload(go_to=new)

    @work(exclusive=True, group="keys")
    async def action_tags(self) -> None:
        """Edit tags and note."""
        if self.current is None:
            return
        run, home = self.current, self.session.home
        dialog = NotesDialog(
            run.name,
            RunNotes(run.tags, run.note),
            lambda tags, note: write_notes(Run.open(run.name, home), tags, note),
        )
        if await self.app.push_screen_wait(dialog):
            self.reload()

    @work(exclusive=True, group="keys")
    async def action_remove(self) -> None:
        """Put the runs into the trash after a confirmation."""
        runs = self.chosen
        names = [run.name for run in runs]
        if not names:
            return
        question = self._and_hidden_marks(
            f"Move {listed(names)} to the trash? u restores, ctrl+e empties it."
        )
        if await self.app.push_screen_wait(ConfirmDialog(question, yes="move to the trash", no="keep")):
            for name in names:
                gone, _ = await self._attempt_on(name, f"{name} was not moved", discard)
                if gone:
                    self.session.forget(name)
            self.reload()

    @work(exclusive=True, group="keys")
    async def action_restore(self) -> None:
        """Restore the run that was deleted last."""
        done, name = await self._attempt("nothing was restored", _restore_newest, self.session.home)
        if done:
            self.reload(go_to=name)

    @work(exclusive=True, group="keys")
    async def action_empty(self) -> None:
        """Empty the trash after a confirmation."""
        home = self.session.home
        known, discarded = await self._attempt("the trash cannot be read", list_trash, home)
        if not known:
            return
        names = [entry.name for entry in discarded]
        if not names:
            self.notify("the trash is empty")
            return
        question = f"Empty the trash: delete {listed(names)} permanently?"
        if await self.app.push_screen_wait(ConfirmDialog(question, yes="delete permanently", no="keep")):
            await self._attempt("the trash was not emptied", empty_trash, home)
            self.reload()


_OF_A_SOUND_RUN = frozenset({"detach", "restart", "fork", "open"})
_OF_A_RUN = _OF_A_SOUND_RUN | {
    "rename",
    "remove",
    "tags",
    "mark",
    "mark_all",
    "invert_marks",
    "filter",
    "sort",
    "tree",
}


def _restore_newest(home: Path | None) -> str:
    """Restore the run that was discarded last, and return its name."""
    discarded = list_trash(home)
    if not discarded:
        raise RunError("the trash is empty")
    return restore(discarded[0].name, home).name
