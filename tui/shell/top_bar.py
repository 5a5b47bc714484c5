"""The first line of every top-level screen: the screens with their keys, and a status at the right."""

from textual.content import Content
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from tui.actions import PALETTE_SCREENS, SCREENS
from tui.words.plain import plain

GAP = 2
"""Fewest columns between the screens and the status."""
ROOMY = 100
"""Columns from which the program's name is shown, and gaps between the screens."""


class TopBar(Widget):
    """Shows the screens with `current` marked, and `status`, or else the app's line about the run."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    TopBar {
        height: 1; background: $panel;
        link-color: $text-muted; link-background: $panel; link-style: none;
        link-color-hover: $text; link-background-hover: $boost; link-style-hover: none;
    }
    """

    status: reactive[str] = reactive("")
    """The text at the right; empty: the app's `run_line`."""

    def __init__(self, current: str) -> None:
        super().__init__()
        self._current = current

    def on_mount(self) -> None:
        """Redraw when the app's line about the run changes."""
        if hasattr(self.app, "run_line"):
            self.watch(self.app, "run_line", self._run_line_changed, init=False)

    def _run_line_changed(self) -> None:
        self.refresh()

    def render(self) -> Content:
        """Return the line."""
        tabs = self._tabs()
        room = self.size.width - tabs.cell_length - 1 - GAP
        words = plain(self.status or self._run_line())
        while len(words) > room and " · " in words:
            words = words.rpartition(" · ")[0]
        status = Content.styled(words, "dim").truncate(room, ellipsis=True) if room > 3 else Content("")
        return Content.assemble(tabs, " " * (GAP + max(0, room - status.cell_length)), status, " ")

    def _run_line(self) -> str:
        """Return the line about the run; without its progress on Train, which shows that more exactly."""
        line = str(getattr(self.app, "run_line", ""))
        return " · ".join(line.split(" · ")[:2]) if self._current == "train" else line

    def _tabs(self) -> Content:
        is_roomy = self.size.width >= ROOMY
        parts = [Content.styled(" nnterm  ", "bold $accent")] if is_roomy else []
        here = tuple(screen for screen in PALETTE_SCREENS if screen.mode == self._current)
        for screen in (*SCREENS, *here):
            text = f" {screen.digit} {screen.title} " if screen.digit else f" {screen.title} "
            if screen.mode == self._current:
                parts.append(Content.styled(text, "bold $background on $primary"))
            else:
                parts.append(
                    Content(text).stylize(Style.from_meta({"@click": f"app.switch_mode('{screen.mode}')"}))
                )
            parts.append(Content(" " if is_roomy else ""))
        return Content.assemble(*parts)
