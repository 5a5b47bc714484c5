"""The description of a dataset: summary, class balance, source, licence and suggested settings."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from engine.words import counted
from tui.actions import SCROLL_KEYS
from tui.charts.bars import columns
from tui.data.class_balance import ClassBalance
from tui.widgets.key_values import KeyValues

if TYPE_CHECKING:
    from engine.data import DatasetInfo, Preview

Facts = tuple[tuple[str, str], ...]


class DatasetDetails(VerticalScroll, can_focus=True):
    """Shows the description of a dataset; the class balance comes with the preview."""

    DEFAULT_CSS = """
    DatasetDetails { scrollbar-size-vertical: 1; }
    DatasetDetails Static, DatasetDetails ClassBalance { height: auto; margin: 0 0 1 0; }
    DatasetDetails.-brief Static, DatasetDetails.-brief ClassBalance { margin: 0; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [*SCROLL_KEYS]

    brief: reactive[bool] = reactive(False)
    """True if there is little room."""

    def compose(self) -> ComposeResult:
        yield Static(id="summary", markup=False)
        yield ClassBalance()
        yield KeyValues()

    def watch_brief(self, brief: bool) -> None:
        """Draw the class balance as columns instead of bars, and leave out the blank lines."""
        self.query_one(ClassBalance).compact = brief
        self.set_class(brief, "-brief")

    def show_info(self, info: "DatasetInfo") -> None:
        """Show what is known without reading the samples."""
        self.query_one("#summary", Static).update(Content(info.summary))
        self.query_one(ClassBalance).counts = ()
        self.query_one(KeyValues).rows = facts(info)

    def show(self, preview: "Preview") -> None:
        """Show the description with the class balance of a preview."""
        self.show_info(preview.info)
        self.query_one(KeyValues).rows = facts(preview.info, figures(preview))
        counts = [int(count) for count in preview.class_counts]
        self.query_one(ClassBalance).counts = tuple(zip(preview.info.class_names, counts, strict=True))
        self.call_after_refresh(self._show_more)

    def on_resize(self) -> None:
        """Say that there is more below, where not everything fits."""
        self.call_after_refresh(self._show_more)

    def _show_more(self) -> None:
        self.border_subtitle = "tab, ↓ for more" if self.max_scroll_y > 0 else ""

    def show_message(self, words: str) -> None:
        """Show a message instead of a description."""
        self.query_one("#summary", Static).update(Content(words))
        self.query_one(ClassBalance).counts = ()
        self.query_one(KeyValues).rows = ()


def facts(info: "DatasetInfo", of_samples: Facts = ()) -> Facts:
    """Return the names and values below the summary; `of_samples` are those that only a preview tells."""
    start = info.suggestion
    units = "-".join(str(units) for units in start.layers)
    hidden = f"{units} {start.activation}" if units else "no hidden layer"
    batch = f"batch {start.batch_size}" if start.batch_size else "full batch"
    begin = f"{hidden} · {start.optimizer} {start.lr:g} · {batch} · {counted(start.epochs, 'epoch')}"
    return (
        ("suggested", begin),
        *of_samples,
        ("sizes", f"{info.samples:,} train + validation · {info.test_samples:,} test"),
        ("source", info.source),
        ("licence", info.licence),
    )


def figures(preview: "Preview") -> Facts:
    """Return names and values of the baseline, and of the distribution of each input and target."""
    rows = []
    if preview.baseline is not None:
        is_accuracy = bool(preview.info.class_names)
        value = (
            f"accuracy {100 * preview.baseline:.1f} % (largest class)"
            if is_accuracy
            else f"MSE {preview.baseline:.3g} (the mean)"
        )
        rows.append(("baseline", value))
    for one in preview.features:
        largest = max(one.shares, default=0) or 1
        picture = "".join(columns([share / largest for share in one.shares]))
        rows.append((one.name, f"{picture}  {one.low:.3g} … {one.high:.3g}, mean {one.mean:.3g}"))
    left_out = preview.info.n_features - len(preview.features)
    if preview.points is not None and left_out > 0 and preview.info.class_names:
        rows.append(("", f"and {counted(left_out, 'more feature')}"))
    return tuple(rows)
