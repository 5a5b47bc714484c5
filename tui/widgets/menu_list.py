"""A list of options with a readable selection."""

from collections.abc import Sequence

from textual.binding import Binding
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.actions import LIST_KEYS
from tui.charts.tones import FAINT, MUTED


class MenuList(OptionList):
    """Options whose secondary text is toned down, except in the highlighted one, where it would not be readable."""

    DEFAULT_CSS = """
    MenuList, MenuList:focus {
        height: auto; border: none; padding: 0; background: transparent; background-tint: transparent;
    }
    MenuList > .option-list--option-highlighted, MenuList:focus > .option-list--option-highlighted { text-style: none; }
    """
    BINDINGS = [*LIST_KEYS, Binding("enter", "select", "select", show=False)]  # noqa: RUF012

    def show(self, prompts: Sequence[Content | None], highlighted: int = 0) -> None:
        """Show these options, ids "0", "1", ...; None draws a line between two of them."""
        self.clear_options()
        self._prompts = [prompt for prompt in prompts if prompt is not None]
        numbers = iter(range(len(prompts)))
        self.add_options(
            None if prompt is None else Option(prompt, id=str(next(numbers))) for prompt in prompts
        )
        self.highlighted = highlighted if self._prompts else None

    def watch_highlighted(self, highlighted: int | None) -> None:
        """Show the highlighted option in one tone, and the others in theirs."""
        for index, prompt in enumerate(getattr(self, "_prompts", ())):
            wanted = in_one_tone(prompt) if index == highlighted else prompt
            if index < self.option_count and self.get_option_at_index(index).prompt is not wanted:
                self.replace_option_prompt_at_index(index, wanted)
        super().watch_highlighted(highlighted)


def in_one_tone(text: Content) -> Content:
    """Return `text` without its secondary tones."""
    spans = [span for span in text.spans if str(span.style) not in (MUTED, FAINT)]
    return Content(text.plain, spans=spans)
