"""The advice on the devices of a machine: an entry per advice, with the command that fixes the problem."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from engine.devices.advice import Advice
from tui.actions import LIST_KEYS
from tui.words.devices import advice_lines

_STYLES = {"error": "$text-error", "warning": "$text-warning", "info": "$text-success"}


class AdviceList(OptionList):
    """Shows advice; reports the command that the user selects."""

    HELP = (
        "Each entry names a problem and its cause; a line below is a command that fixes it. Enter copies it."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y", "select", "copy", tooltip="copy the command of this entry"),
        *LIST_KEYS,
    ]

    class CommandSelected(Message):
        """The user selects `command`."""

        def __init__(self, command: str) -> None:
            super().__init__()
            self.command = command

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._advice: list[Advice] = []

    def show(self, advice: Sequence[Advice]) -> None:
        """Replace the advice; the cursor keeps its position."""
        before, self._advice = self.highlighted, list(advice)
        self.clear_options()
        self.add_options(Option(_prompt(one)) for one in advice)
        if advice:
            self.highlighted = min(before or 0, len(advice) - 1)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Report the command if the advice has one."""
        event.stop()
        command = self._advice[event.option_index].command
        if command:
            self.post_message(self.CommandSelected(command))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show the copy key only if the advice under the cursor has a command."""
        if action == "select":
            at = self.highlighted
            return at is not None and at < len(self._advice) and bool(self._advice[at].command)
        return True

    def watch_highlighted(self, highlighted: int | None) -> None:
        """Update the keys for the new cursor."""
        super().watch_highlighted(highlighted)
        self.refresh_bindings()


def _prompt(advice: Advice) -> Content:
    """The coloured mark, the sentence, and the command below it."""
    sentence, command = advice_lines(advice)
    mark, _, words = sentence.partition(" ")
    head = Content.assemble((mark, _STYLES[advice.severity]), f" {words}")
    return Content("\n").join([head, Content.styled(f"  {command}", "bold $accent")]) if command else head
