"""The themes in the palette."""

from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui.terminal.terminal_app import TerminalApp
from tui.theme import AUTO, THEMES

COMMANDS = {
    f"theme: {AUTO}": (AUTO, "dark, or what the terminal can show"),
    **{f"theme: {look.name}": (look.name, look.says) for look in THEMES.values()},
}
"""Each command's name, with the theme and what it is."""


class ThemeCommands(Provider):
    """The palette's commands that choose a theme."""

    async def discover(self) -> Hits:
        """Yield all themes."""
        for text, (name, says) in COMMANDS.items():
            yield DiscoveryHit(text, partial(self._choose, name), help=says)

    async def search(self, query: str) -> Hits:
        """Yield the themes that match `query`."""
        matcher = self.matcher(query)
        for text, (name, says) in COMMANDS.items():
            score = matcher.match(text)
            if score > 0:
                yield Hit(score, matcher.highlight(text), partial(self._choose, name), help=says)

    def _choose(self, name: str) -> None:
        if isinstance(self.app, TerminalApp):
            self.app.choose_theme(name)
