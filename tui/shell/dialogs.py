"""The base of all dialogs, and dialogs that ask one question."""

from collections.abc import Sequence
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.words.plain import plain, plain_lines

Result = TypeVar("Result")


class Dialog(ModalScreen[Result]):
    """The base of all dialogs: a box in the middle of the screen, of the one `Vertical` that a subclass yields."""

    DEFAULT_CSS = """
    Dialog { align: center middle; }
    Dialog > Vertical {
        width: 76; max-width: 96%; height: auto; max-height: 90%; padding: 1 2;
        border: round $accent; background: $surface; border-subtitle-color: $text-muted;
    }
    Dialog .keys { margin-top: 1; color: $text-muted; }
    """


class QuestionDialog(Dialog[Result]):
    """A dialog as wide as its question and answers."""

    DEFAULT_CSS = """
    QuestionDialog > Vertical { width: auto; max-width: 76; }
    QuestionDialog Static { width: auto; max-width: 70; height: auto; }
    QuestionDialog #question { padding: 0 0 1 0; }
    QuestionDialog .-marked { text-style: bold; }
    """


class ChoiceDialog(QuestionDialog[str | None]):
    """Asks a question with one key per answer; enter chooses the marked answer, escape returns None.

    Args:
        question: one or two sentences.
        answers: (key, text, result) each; the first one is marked.
        title: the title on the border.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "back"),
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("down,j", "move(1)", "down", show=False),
        Binding("enter", "take", "take the marked answer", show=False),
    ]

    marked: reactive[int] = reactive(0)
    """Index of the answer that enter chooses."""

    def __init__(self, question: str, answers: Sequence[tuple[str, str, str]], title: str = "") -> None:
        super().__init__()
        self._question, self._answers, self._title = question, answers, title

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = Content(plain(self._title))
            box.border_subtitle = "esc cancel"
            yield Static(Content(plain_lines(self._question)), id="question")
            for _ in self._answers:
                yield Static(classes="answer")

    def on_mount(self) -> None:
        self.watch_marked()

    def watch_marked(self) -> None:
        """Draw the answers, one of them marked."""
        for i, (line, (key, words, _)) in enumerate(zip(self.query(".answer"), self._answers, strict=False)):
            text = Content.assemble(
                "› " if i == self.marked else "  ", (key, "bold $accent"), f"  {plain(words)}"
            )
            line.set_class(i == self.marked, "-marked")
            if isinstance(line, Static):
                line.update(text)

    def action_move(self, by: int) -> None:
        """Mark the next or the previous answer."""
        self.marked = (self.marked + by) % len(self._answers)

    def action_take(self) -> None:
        """Return the marked answer."""
        self.dismiss(self._answers[self.marked][2])

    def on_key(self, event: Key) -> None:
        """Return the answer of the pressed key, if it has one."""
        for key, _, result in self._answers:
            if event.key == key or event.character == key:
                event.stop()
                self.dismiss(result)
                return


class LeaveDialog(ChoiceDialog):
    """Asks what becomes of the running trainings when the app is left."""


class ConfirmDialog(QuestionDialog[bool]):
    """Asks a question with two answers: y or enter returns True, n or escape returns False.

    Args:
        question: one or two sentences.
        yes: the effect of a yes, in a few words.
        no: the effect of a no.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "dismiss(True)", "yes"),
        Binding("n,escape", "dismiss(False)", "no"),
    ]

    def __init__(self, question: str, yes: str = "yes", no: str = "no") -> None:
        super().__init__()
        self._question, self._yes, self._no = question, yes, no

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Content(plain_lines(self._question)), id="question")
            yield Static(Content.assemble(("y", "bold $accent"), f"  {plain(self._yes)}"), classes="answer")
            yield Static(Content.assemble(("n", "bold $accent"), f"  {plain(self._no)}"), classes="answer")
