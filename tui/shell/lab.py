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
    came_from: str
    """The previous mode."""
    run_line: var[str] = var("")
    """State of the session's run, updated every second; shown in every screen's top line."""

    def watch_again(self) -> None:
        """Watch the session's run again after it was over and has been resumed."""
        raise NotImplementedError
