"""What a dataset is, whose, how its classes are balanced, and how to begin with it."""

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
    """Tells of a dataset in words and figures; the class balance comes with the preview."""

    DEFAULT_CSS = """
    DatasetDetails { scrollbar-size-vertical: 1; }
    DatasetDetails Static { height: auto; margin: 0 0 1 0; }
    DatasetDetails ClassBalance { margin: 0 0 1 0; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [*SCROLL_KEYS]

    brief: reactive[bool] = reactive(False)
    """Whether there is room for the essentials alone."""

    def compose(self) -> ComposeResult:
        yield Static(id="summary", markup=False)
        yield ClassBalance()
        yield KeyValues()

    def watch_brief(self, brief: bool) -> None:
        """Choose columns over bars."""
        self.query_one(ClassBalance).compact = brief

    def show_info(self, info: "DatasetInfo") -> None:
        """Tell what is known without reading the samples."""
        self.query_one("#summary", Static).update(Content(info.summary))
        self.query_one(ClassBalance).counts = ()
        self.query_one(KeyValues).rows = facts(info)

    def show(self, preview: "Preview") -> None:
        """Tell of a dataset that has been looked into."""
        self.show_info(preview.info)
        counts = [int(count) for count in preview.class_counts]
        self.query_one(ClassBalance).counts = tuple(zip(preview.info.class_names, counts, strict=True))

    def show_message(self, words: str) -> None:
        """Say something instead."""
        self.query_one("#summary", Static).update(Content(words))
        self.query_one(ClassBalance).counts = ()
        self.query_one(KeyValues).rows = ()


def facts(info: "DatasetInfo") -> tuple[tuple[str, str], ...]:
    """Return the names and values that stand below the summary."""
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
