"""The views by name and key, in a line or two."""

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.charts.tones import FAINT
from tui.inspect.registry import ENTRIES

NO_BREAK = "\N{NO-BREAK SPACE}"


class ViewTabs(Widget):
    """Shows every view with `current` marked; dim are those of `unfit`. A click opens one."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    ViewTabs {
        height: auto; padding: 0 1;
        link-color: $text; link-background: $background; link-style: none;
        link-color-hover: $text; link-background-hover: $boost; link-style-hover: none;
    }
    """

    current: reactive[str] = reactive("")
    unfit: reactive[frozenset[str]] = reactive(frozenset())
    """Names of views that have nothing to show."""

    def render(self) -> Content:
        """Return the tabs, as far apart as there is room for."""
        tabs = [self._tab(entry.name, entry.key, entry.title) for entry in ENTRIES]
        roomy = sum(tab.cell_length + 3 for tab in tabs) <= self.size.width
        return Content("   " if roomy else " ").join(tabs)

    def _tab(self, name: str, key: str, title: str) -> Content:
        title = title.replace(" ", NO_BREAK)
        if name == self.current:
            return Content.styled(
                f"{NO_BREAK}{key}{NO_BREAK}{title}{NO_BREAK}", "bold $background on $primary"
            )
        words = Content.from_markup(f"[@click=screen.view('{name}')]{NO_BREAK}{title}[/]")
        tone = FAINT if name in self.unfit else ""
        return Content.assemble((key, f"bold {tone or '$accent'}"), words.stylize(tone))
