"""The experiments worth starting from, as a list."""

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.charts.tones import MUTED
from tui.draft.presets import StartingPoint


class PresetList(OptionList):
    """Offers `StartingPoint`s, those for the chosen dataset first; reports which is looked at and which is taken."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "select", "take it", tooltip="take what is under the cursor as the network to train"
        ),
        Binding("j", "cursor_down", "down", show=False),
        Binding("k", "cursor_up", "up", show=False),
    ]

    class Looked(Message):
        """The cursor came to `start`."""

        def __init__(self, start: StartingPoint) -> None:
            super().__init__()
            self.start = start

    class Taken(Looked):
        """The user takes `start`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._starts: list[StartingPoint] = []

    def offer(self, starts: Sequence[StartingPoint]) -> None:
        """Show `starts`, a line between those for the dataset and the others, the first one under the cursor."""
        self._starts = list(starts)
        self.clear_options()
        for i, start in enumerate(starts):
            if i and starts[i - 1].is_for_dataset and not start.is_for_dataset:
                self.add_option(None)
            self.add_option(Option(_prompt(start), id=str(i)))
        self.highlighted = 0 if starts else None

    @on(OptionList.OptionHighlighted)
    def _look(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.post_message(self.Looked(self._starts[int(event.option_id or 0)]))

    @on(OptionList.OptionSelected)
    def _take(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Taken(self._starts[int(event.option_id or 0)]))


def _prompt(start: StartingPoint) -> Content:
    return Content.assemble((start.title, "bold"), "\n", (start.summary, MUTED))
