"""The description of a dataset: summary, class balance, source, licence and suggested settings."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from tui.actions import SCROLL_KEYS
from tui.data.class_balance import ClassBalance
from tui.widgets.key_values import KeyValues

if TYPE_CHECKING:
    from engine.data import DatasetInfo, Preview


class DatasetDetails(VerticalScroll, can_focus=True):
    """Shows the description of a dataset; the class balance comes with the preview."""

    DEFAULT_CSS = """
    DatasetDetails { scrollbar-size-vertical: 1; }
    DatasetDetails Static { height: auto; margin: 0 0 1 0; }
    DatasetDetails ClassBalance { margin: 0 0 1 0; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [*SCROLL_KEYS]

    brief: reactive[bool] = reactive(False)
    """True if there is little room."""

    def compose(self) -> ComposeResult:
        yield Static(id="summary", markup=False)
        yield ClassBalance()
        yield KeyValues()

    def watch_brief(self, brief: bool) -> None:
        """Draw the class balance as columns instead of bars."""
        self.query_one(ClassBalance).compact = brief

    def show_info(self, info: "DatasetInfo") -> None:
        """Show what is known without reading the samples."""
        self.query_one("#summary", Static).update(Content(info.summary))
        self.query_one(ClassBalance).counts = ()
        self.query_one(KeyValues).rows = facts(info)

    def show(self, preview: "Preview") -> None:
        """Show the description with the class balance of a preview."""
        self.show_info(preview.info)
        counts = [int(count) for count in preview.class_counts]
        self.query_one(ClassBalance).counts = tuple(zip(preview.info.class_names, counts, strict=True))

    def show_message(self, words: str) -> None:
        """Show a message instead of a description."""
        self.query_one("#summary", Static).update(Content(words))
        self.query_one(ClassBalance).counts = ()
        self.query_one(KeyValues).rows = ()


def facts(info: "DatasetInfo") -> tuple[tuple[str, str], ...]:
    """Return the names and values below the summary."""
    start = info.suggestion
    units = "-".join(str(units) for units in start.layers)
    hidden = f"hidden {units} {start.activation}" if units else "no hidden layer"
    batch = f"batches of {start.batch_size}" if start.batch_size else "the whole set at once"
    begin = f"{hidden} · {start.optimizer} {start.lr:g} · {batch} · {start.epochs} epochs"
    return (
        ("for the test", f"{info.test_samples:,} samples"),
        ("a good start", begin),
        ("source", info.source),
        ("licence", info.licence),
    )
