"""Small questions over a screen: a choice of keys, and what a terminal that is too small gets to see."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Static

MIN_WIDTH, MIN_HEIGHT = 80, 24


class Choice(ModalScreen[str | None]):
    """Asks one question with an answer a key; escape is no answer.

    Args:
        question: what is asked, a sentence or two.
        answers: (key, words, result) each.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "back")]

    def __init__(self, question: str, answers: Sequence[tuple[str, str, str]]) -> None:
        super().__init__()
        self._question, self._answers = question, answers

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(self._question, id="question")
            for key, words, _ in self._answers:
                yield Static(f"[bold $accent]{key}[/]  {words}", classes="answer")
            yield Static("[bold $accent]esc[/]  back", classes="answer")

    def on_key(self, event: Key) -> None:
        """Answer with the key that was pressed."""
        for key, _, result in self._answers:
            if event.key == key:
                event.stop()
                self.dismiss(result)


class TooSmall(ModalScreen[None]):
    """Covers everything while the terminal is smaller than the screens need."""

    def compose(self) -> ComposeResult:
        yield Static("", id="too-small")

    def on_mount(self) -> None:
        self.on_resize()

    def on_resize(self) -> None:
        """Say how large the terminal is and should be."""
        width, height = self.app.size
        message = f"nnterm needs {MIN_WIDTH}x{MIN_HEIGHT}, this terminal is {width}x{height}.\nEnlarge it to go on; ctrl+q quits."
        self.query_one("#too-small", Static).update(message)
