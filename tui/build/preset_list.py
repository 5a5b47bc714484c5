"""The list of starting points for a new network."""

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList

from tui.charts.tones import MUTED
from tui.draft.presets import StartingPoint
from tui.widgets.menu_list import MenuList


class PresetList(MenuList):
    """Offers `StartingPoint`s, those for the selected dataset first; posts the highlighted and the chosen one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "select", tooltip="start from this network"),
    ]

    class Looked(Message):
        """The cursor moved to `start`."""

        def __init__(self, start: StartingPoint) -> None:
            super().__init__()
            self.start = start

    class Taken(Looked):
        """The user chose `start`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._starts: list[StartingPoint] = []

    @property
    def starts(self) -> Sequence[StartingPoint]:
        """The starting points that are offered."""
        return tuple(self._starts)

    def offer(self, starts: Sequence[StartingPoint]) -> None:
        """Show `starts` with the cursor on the first one; a line separates those for the dataset from the others."""
        self._starts = list(starts)
        prompts: list[Content | None] = []
        for i, start in enumerate(starts):
            if i and starts[i - 1].is_for_dataset and not start.is_for_dataset:
                prompts.append(None)
            prompts.append(_prompt(start))
        self.show(prompts)

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
