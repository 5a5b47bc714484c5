"""The palette's commands for the terminal: the themes, and drawing the screen again."""

from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui.terminal.terminal_app import TerminalApp
from tui.theme import AUTO, THEMES

REDRAW = "redraw the screen"
COMMANDS = {
    f"theme: {AUTO}": (AUTO, "dark, or what the terminal can show"),
    **{f"theme: {look.name}": (look.name, look.says) for look in THEMES.values()},
    REDRAW: (REDRAW, "send all of it again, after another program has written on it"),
}
"""Each command's name, with the theme, and a description."""


class TerminalCommands(Provider):
    """The palette's commands that choose a theme and draw the screen again."""

    async def discover(self) -> Hits:
        """Yield all commands."""
        for text, (name, says) in COMMANDS.items():
            yield DiscoveryHit(text, partial(self._choose, name), help=says)

    async def search(self, query: str) -> Hits:
        """Yield the commands that match `query`."""
        matcher = self.matcher(query)
        for text, (name, says) in COMMANDS.items():
            score = matcher.match(text)
            if score > 0:
                yield Hit(score, matcher.highlight(text), partial(self._choose, name), help=says)

    def _choose(self, name: str) -> None:
        if not isinstance(self.app, TerminalApp):
            return
        if name == REDRAW:
            self.app.redraw()
        else:
            self.app.choose_theme(name)
