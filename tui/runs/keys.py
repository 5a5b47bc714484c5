"""The actions of the Runs screen on runs: steer, resume, fork, rename, delete, detach."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.widgets import Input

from engine.errors import NntermError, RunError
from engine.runs import Run, RunSummary, discard, empty_trash, fork, list_trash, rename, restore
from tui.follow.relaunch import relaunch
from tui.runs.changes import fork_places, parse_changes, preview_changes
from tui.runs.dialogs import ChangeAnswer, ChangeDialog, NameDialog
from tui.runs.resume import resume_run
from tui.shell.dialogs import ConfirmDialog
from tui.shell.screen import LabScreen
from tui.words.errors import error_text
from tui.words.events import listed


class RunKeys(LabScreen):
    """A screen that lists runs; subclasses implement `current`, `chosen` and `reload`."""

    KEYS: ClassVar[list[BindingType]] = [
        Binding("space", "pause", "pause", tooltip="pause the run, or let it go on"),
        Binding("space", "resume", "resume", tooltip="take the run up where its newest checkpoint stands"),
        Binding("x", "stop", "stop", tooltip="stop this run, or the marked ones; the weights are kept"),
        Binding("f", "fork", "fork", tooltip="a new run from one of its checkpoints, with something changed"),
        Binding("n", "rename", "rename", tooltip="give the run another name"),
        Binding(
            "delete,backspace",
            "remove",
            "delete",
            key_display="del",
            tooltip="put this run, or the marked ones, into the trash",
        ),
        Binding("u", "restore", "undo", show=False, tooltip="take back what was put into the trash last"),
        Binding("E", "empty", "empty", show=False, tooltip="empty the trash, for good"),
        Binding(
            "c", "checkpoint", "save", show=False, tooltip="keep the weights of this moment as a checkpoint"
        ),
        Binding(
            "r", "restart", "restart", show=False, tooltip="train the same again from the same first weights"
        ),
        Binding(
            "D", "detach", "detach", show=False, tooltip="let go of the run: quitting will not ask about it"
        ),
    ]
    """For the bindings of a subclass, at the place that it chooses."""

    @property
    def current(self) -> RunSummary | None:
        """The run under the cursor."""
        raise NotImplementedError

    @property
    def chosen(self) -> Sequence[RunSummary]:
        """The marked runs; the one under the cursor if none are marked."""
        raise NotImplementedError

    def reload(self, go_to: str = "") -> object:
        """Update the list, and put the cursor on the run `go_to`."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show a key only if it applies now."""
        if isinstance(self.focused, Input):
            return action == "back"
        run = self.current if self.is_mounted else None
        if action in ("rename", "remove", "detach", "restart", "fork"):
            return run is not None and (action in ("rename", "remove") or run.state != "damaged")
        if action == "resume":
            return run is not None and run.state != "damaged" and run.is_over
        if action == "stop":
            return any(not one.is_over for one in self.chosen) if run else False
        if action in ("pause", "checkpoint"):
            return run is not None and not run.is_over
        return True

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
                run.name, f"{run.name} cannot be reached", lambda opened: opened.command(command)
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
        question = f"Stop {listed(names)}? The weights are kept as a checkpoint."
        if await self.app.push_screen_wait(ConfirmDialog(question, yes="stop", no="let it train")):
            for name in names:
                await self._attempt_on(name, f"{name} cannot be stopped", lambda run: run.command("stop"))
            self.reload()

    @work(group="keys")
    async def action_checkpoint(self) -> None:
        """Save the current weights as a checkpoint."""
        if self.current is not None:
            name = self.current.name
            sent, _ = await self._attempt_on(
                name, f"{name} cannot be reached", lambda run: run.command("checkpoint")
            )
            if sent:
                self.notify(f"{name} was asked to keep a checkpoint")

    @work(exclusive=True, group="keys")
    async def action_restart(self) -> None:
        """Start the experiment again as a new run."""
        if self.current is not None:
            name = self.current.name
            started, new = await self._attempt(
                f"{name} was not started again", relaunch, name, self.session.home
            )
            if started:
                self.session.remember(new)
                self.reload(go_to=new)

    @work(exclusive=True, group="keys")
    async def action_fork(self) -> None:
        """Start a new run from a checkpoint of this one."""
        if self.current is None:
            return
        name, home = self.current.name, self.session.home
        known, places = await self._attempt_on(name, f"{name} cannot be forked", fork_places)
        if not known:
            return
        dialog = ChangeDialog(
            f"fork {name}",
            lambda text: preview_changes(Run.open(name, home), text),
            lambda text, at: fork(Run.open(name, home), at, parse_changes(text)),
            places=places,
            words="A new run goes on from a checkpoint, with something changed: training.optimizer.lr=0.01",
        )
        answer: ChangeAnswer | None = await self.app.push_screen_wait(dialog)
        if answer is not None:
            forked = answer.result
            self.session.remember(forked.run.name)
            remarks = "\n".join(forked.remarks)
            self.notify(f"{forked.run.name} trains\n{remarks}".strip(), title=f"forked from {name}")
            self.reload(go_to=forked.run.name)

    def action_detach(self) -> None:
        """Detach from the run, which continues to train."""
        if self.current is not None:
            name = self.current.name
            self.session.forget(name)
            self.notify(f"{name} is let go of; come back with enter here, or: nnterm attach {name}")

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
    async def action_remove(self) -> None:
        """Put the runs into the trash after a confirmation."""
        runs = self.chosen
        names = [run.name for run in runs]
        if not names:
            return
        question = f"Put {listed(names)} into the trash? u takes it back, E empties the trash."
        if await self.app.push_screen_wait(ConfirmDialog(question, yes="into the trash", no="keep")):
            for name in names:
                gone, _ = await self._attempt_on(name, f"{name} stays", discard)
                if gone:
                    self.session.forget(name)
            self.reload()

    @work(exclusive=True, group="keys")
    async def action_restore(self) -> None:
        """Restore the run that was deleted last."""
        done, name = await self._attempt("nothing was taken back", _restore_newest, self.session.home)
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
        question = f"Empty the trash: remove {listed(names)} for good?"
        if await self.app.push_screen_wait(ConfirmDialog(question, yes="for good", no="keep")):
            await self._attempt("the trash is not empty", empty_trash, home)


def _restore_newest(home: Path | None) -> str:
    """Restore the run that was discarded last, and return its name."""
    discarded = list_trash(home)
    if not discarded:
        raise RunError("the trash is empty")
    return restore(discarded[0].name, home).name
