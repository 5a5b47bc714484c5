"""The app: its screens as modes, its theme, the global keys, and a clean exit."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from textual import work
from textual.binding import BindingType
from textual.command import CommandPalette, Provider
from textual.css.query import NoMatches
from textual.events import Resize
from textual.filter import LineFilter
from textual.geometry import Size
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.widget import AwaitMount, MountError
from textual.widgets import Input, TextArea
from textual.worker import get_current_worker

from engine.errors import NntermError
from engine.runs.names import check_home
from tui.actions import APP_BINDINGS, PALETTE_SCREENS, SCREENS
from tui.config import SettingsFile
from tui.config.settings import refuse_unknown_actions
from tui.follow.run_glance import RunGlance, RunGlances
from tui.session import Session
from tui.shell.dialogs import LeaveDialog
from tui.shell.lab import LabApp
from tui.shell.safe_lines import SafeLines
from tui.shell.screen import LabScreen
from tui.shell.too_small import TooSmall, is_too_small
from tui.words.plain import plain, plain_lines

GLANCE_EVERY_S = 1.0
SAFE_LINES = SafeLines()


class NntermApp(LabApp):
    """The nnterm app; `session` holds the user's choices so far.

    Args:
        home: the folder of the runs; None: the default home.
        desk: reads the state of runs and stops them.
        settings_file: the user's settings; None: the defaults, kept nowhere.
    """

    TITLE = "nnterm"
    CSS_PATH = "app.tcss"
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {
        screen.mode: screen.make for screen in (*SCREENS, *PALETTE_SCREENS)
    }
    DEFAULT_MODE = SCREENS[0].mode
    BINDINGS: ClassVar[list[BindingType]] = list(APP_BINDINGS)

    def __init__(
        self,
        home: Path | None = None,
        desk: RunGlances | None = None,
        settings_file: SettingsFile | None = None,
    ) -> None:
        super().__init__(settings_file)
        self.session = Session(home)
        self.session.announce_through(self)
        self.desk = desk or RunGlances()
        self.animation_level = "none"
        self._visited: list[str] = []
        """The modes that the user came through, each once, the newest last."""
        self._run_is_over = False
        self._was_training: str | None = None
        self._is_leaving = False

    def on_mount(self) -> None:
        """Watch the run and the terminal's size, and restore the terminal when a signal ends the app."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._leave_on_signal, number)
        self.session.subscribe(self, self._session_changed)
        self.set_interval(GLANCE_EVERY_S, self._look_at_run)
        self._watch_size(self.size)
        self._warn_of_home()

    def _warn_of_home(self) -> None:
        with contextlib.suppress(NntermError):  # `run_app` has refused it
            doubt = check_home(self.session.home)
            if doubt:
                self.notify(doubt, severity="warning")

    def exit(self, *args: Any, **options: Any) -> None:
        """Leave the app; drawing in progress need not finish."""
        self._is_leaving = True
        super().exit(*args, **options)

    def _handle_exception(self, error: Exception) -> None:
        # While the app is left, Textual still mounts widgets that it no longer composes, and composes others whose
        # parent is gone: what they raise would turn a clean exit into a traceback.
        if not (self._is_leaving and isinstance(error, NoMatches | MountError)):
            super()._handle_exception(error)

    def _leave_on_signal(self, number: int) -> None:
        self.exit(128 + number, return_code=128 + number)

    # the session's run

    def _session_changed(self, name: str) -> None:
        if name == "run":
            self._run_is_over = False
            self.run_line = self.session.run or ""
            self._look_at_run()

    def _look_at_run(self) -> None:
        if self.session.run and not self._run_is_over:
            self._glance_at(self.session.run)

    @work(thread=True, exclusive=True, group="glance")
    def _glance_at(self, name: str) -> None:
        glance = self.desk.glance(name, self.session.home)
        if not get_current_worker().is_cancelled:
            self.call_from_thread(self._show_glance, name, glance)

    def _show_glance(self, name: str, glance: RunGlance | None) -> None:
        if name == self.session.run:
            if glance is not None and glance.is_over and self._was_training == name and self.settings.bell:
                self.bell()
            self._was_training = None if glance is None or glance.is_over else name
            self._run_is_over = glance is not None and glance.is_over
            self.run_line = name if glance is None else glance.line(name)

    def watch_again(self) -> None:
        """Watch the session's run again after it was over and has been resumed."""
        self._run_is_over = False
        self._look_at_run()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return the filters of all drawn lines."""
        return [*super().get_line_filters(), SAFE_LINES]

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Show a notice as plain text, whatever `markup` says: it may hold names, paths and errors of the user's."""
        super().notify(
            plain_lines(message), title=plain(title), severity=severity, timeout=timeout, markup=False
        )

    # sizes, screens, help

    def on_resize(self, event: Resize) -> None:
        """Cover the app while the terminal is too small."""
        self._watch_size(event.size)

    def _watch_size(self, size: Size) -> None:
        if is_too_small(size) and not isinstance(self.screen, TooSmall):
            self.push_screen(TooSmall())

    async def action_switch_mode(self, mode: str) -> None:
        """Open a top-level screen, unless a dialog waits for an answer."""
        if not self.screen.is_modal and mode != self.current_mode:
            await self.switch_mode(mode)

    def switch_mode(self, mode: str) -> AwaitMount:
        """Switch to a mode, and remember the present one for `go_back`."""
        now = self.current_mode
        if mode != now:
            self._visited = [one for one in self._visited if one not in (mode, now)] + [now]
        return super().switch_mode(mode)

    @property
    def can_go_back(self) -> bool:
        """True if a screen lies below the present one, or the user came from another mode."""
        return not self.screen.is_modal and (len(self.screen_stack) > 1 or bool(self._visited))

    async def go_back(self) -> None:
        """Close the present screen if another lies below it, else return to the mode that the user came from."""
        if self.can_go_back:
            if len(self.screen_stack) > 1:
                await self.pop_screen()
            else:
                await super().switch_mode(self._visited.pop())

    async def open_at(self, mode: str, target: str = "") -> None:
        """Open a top-level screen, at the dataset, view or setting `target` if one is given."""
        await self.action_switch_mode(mode)
        screen = self.screen_stack[0]
        if target and isinstance(screen, LabScreen):
            while len(self.screen_stack) > 1:
                await self.pop_screen()
            screen.call_after_refresh(screen.show_target, target)

    async def open_run(self, name: str) -> None:
        """Open a run: on Train while it trains, else on Inspect."""
        self.session.run = name
        glance = await asyncio.to_thread(self.desk.glance, name, self.session.home)
        await self.open_at("inspect" if glance is not None and glance.is_over else "train")

    async def open_for(self, mode: str, action: str, key: str) -> None:
        """Open a top-level screen, and say which key does `action` there."""
        await self.open_at(mode)
        self.notify(f"{key}: {action}")

    def show_term(self, name: str) -> None:
        """Show the glossary at a term."""
        from tui.shell.help import HelpScreen

        if not self.screen.is_modal:
            self.push_screen(HelpScreen(self.screen, name))

    def action_command_palette(self) -> None:
        """Open the palette, unless a dialog waits for an answer."""
        if not self.screen.is_modal:
            self.push_screen(
                CommandPalette(
                    providers=[_everything],
                    placeholder="a screen, view, run, dataset, setting, action or term",
                    id="--command-palette",
                )
            )

    async def action_back(self) -> None:
        """Return to the screen that the user came from."""
        await self.go_back()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disable `back` where there is nothing to return to."""
        if action == "back":
            return self.can_go_back
        return super().check_action(action, parameters)

    def action_help(self) -> None:
        """Show the current screen's purpose and keys."""
        from tui.shell.help import HelpScreen

        if not self.screen.is_modal:
            self.push_screen(HelpScreen(self.screen))

    # leaving

    async def action_quit(self) -> None:
        """Leave the app; if runs are training, ask whether to stop them."""
        if not any(isinstance(screen, LeaveDialog) for screen in self.screen_stack):
            self._leave()

    async def action_copy_or_quit(self) -> None:
        """Copy the selected text if there is some, else leave the app as `action_quit` does."""
        focused = self.focused
        typed = focused.selected_text if isinstance(focused, Input | TextArea) else ""
        text = typed or self.screen.get_selected_text()
        if text:
            self.copy_to_clipboard(text)
        else:
            await self.action_quit()

    @work(exclusive=True, group="quit")
    async def _leave(self) -> None:
        from tui.shell.leaving import leave

        await leave(self)


def _everything() -> type[Provider]:
    """Return the palette's provider, imported when it is first opened."""
    from tui.palette.provider import Everything

    return Everything


def terminal_problem() -> str | None:
    """Return in one line why the app cannot run on this terminal, None if it can."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return "the app needs a terminal; standard input or standard error is a pipe or a file"
    if os.environ.get("TERM", "dumb") in ("dumb", ""):
        return "the app needs a terminal that can move the cursor; TERM is dumb"
    encoding = sys.stderr.encoding or "unknown"
    if encoding.lower().replace("-", "").replace("_", "") not in ("utf8", "utf8sig"):
        return f"the app draws with Unicode, this terminal's encoding is {encoding}; set LANG=C.UTF-8"
    return None


def run_app(home: Path | None = None, settings_file: SettingsFile | None = None) -> int:
    """Run the app until the user leaves, and return the exit code; RunError if the home is not a folder."""
    check_home(home)
    app = NntermApp(home, settings_file=settings_file)
    _refuse_unknown_places(app)
    app.adapt_to_terminal()
    app.run()
    return app.return_code or 0


def _refuse_unknown_places(app: NntermApp) -> None:
    """Refuse keys for actions of screens that do not exist; `nnterm config` also looks at each screen's actions."""
    own = {binding.id for _, binding in app._bindings if binding.id}
    keys = app.settings.keys
    elsewhere = {name for name in keys if name.partition(".")[0] in app.MODES}
    refuse_unknown_actions(keys, own | elsewhere, str(app.settings_file.path))
