"""The app as its screens know it: the attributes that they may use beyond Textual's `App`."""

from textual.reactive import var

from tui.follow.run_glance import RunGlances
from tui.session import Session
from tui.terminal import TerminalApp


class LabApp(TerminalApp):
    """Base class of the app. Screens and dialogs depend on this class, never on the app itself."""

    session: Session
    """The user's choices so far: dataset, draft, run."""
    desk: RunGlances
    """Reads a run's state and stops it."""
    run_line: var[str] = var("")
    """State of the session's run, updated every second; shown in every screen's top line."""

    def watch_again(self) -> None:
        """Watch the session's run again after it was over and has been resumed."""
        raise NotImplementedError

    async def go_back(self) -> None:
        """Return to the screen that the user came from: below the present one, or of the previous mode."""
        raise NotImplementedError

    async def open_at(self, mode: str, target: str = "") -> None:
        """Open a top-level screen, at the dataset, view or setting `target` if one is given."""
        raise NotImplementedError

    async def open_run(self, name: str) -> None:
        """Open a run: on Train while it trains, else on Inspect."""
        raise NotImplementedError

    async def open_for(self, mode: str, action: str, key: str) -> None:
        """Open a top-level screen, and say which key does `action` there."""
        raise NotImplementedError

    def show_term(self, name: str) -> None:
        """Show the glossary at a term."""
        raise NotImplementedError

    @property
    def can_go_back(self) -> bool:
        """True if there is a screen to return to."""
        raise NotImplementedError
