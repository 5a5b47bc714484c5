"""A grid of images with a cursor, page by page."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from tui.actions import ARROWS, MOVE
from tui.widgets.strips import StripView

if TYPE_CHECKING:
    from tui.charts.gallery import GalleryPlan
    from tui.charts.halfblock import Pixels


class PictureGrid(StripView, can_focus=True):
    """Shows images above their labels; arrows, hjkl and page keys move `cursor`.

    Args:
        enough: number of images that should fit before they are drawn larger.
    """

    HELP = "Arrows or hjkl select a picture, page up and page down turn the page."
    BINDINGS: ClassVar[list[BindingType]] = [
        *ARROWS,
        Binding("pageup", "page(-1)", "page up", group=MOVE, show=False),
        Binding("pagedown", "page(1)", "page down", group=MOVE, show=False),
    ]

    cursor: reactive[int] = reactive(0)
    """Position of the marked image."""

    class Moved(Message):
        """Another image is marked."""

        def __init__(self, position: int) -> None:
            super().__init__()
            self.position = position

    def __init__(self, *, enough: int = 12, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._enough = enough
        self._pictures: Pixels | None = None
        self._labels: Sequence[str] = ()
        self._colourless = False
        self._plan: GalleryPlan | None = None

    @property
    def page(self) -> tuple[int, int]:
        """Position of the first visible image, and the number of visible images."""
        capacity = self._plan.capacity if self._plan else 1
        first = self.cursor // capacity * capacity
        return first, min(capacity, len(self._labels) - first)

    def show(self, pictures: "Pixels | None", labels: Sequence[str], colourless: bool) -> None:
        """Show images (k, H, W[, 3]), uint8; the cursor keeps its position if it exists."""
        self._pictures, self._labels, self._colourless = pictures, labels, colourless
        self.cursor = max(0, min(len(labels) - 1, self.cursor))
        self.draw_with(self._drawn)

    def _drawn(self, width: int, height: int) -> Sequence[Strip]:
        from tui.charts.gallery import gallery_strips, plan_gallery

        if self._pictures is None or not len(self._pictures):
            return []
        plan = self._plan = plan_gallery(
            len(self._labels), self._pictures.shape[1:3], width, height, self._enough
        )
        first, count = self.page
        part = slice(first, first + count)
        marked = self.cursor - first
        return gallery_strips(self._pictures[part], self._labels[part], plan, width, marked, self._colourless)

    def watch_cursor(self) -> None:
        """Mark the image."""
        if self._labels:
            self.draw_with(self._drawn)
            self.post_message(self.Moved(self.cursor))

    def action_move(self, across: int, down: int) -> None:
        """Move the cursor to a neighbour."""
        row = self._plan.across if self._plan else 1
        wanted = self.cursor + across + down * row
        if 0 <= wanted < len(self._labels):
            self.cursor = wanted

    def action_page(self, by: int) -> None:
        """Move by a page."""
        capacity = self._plan.capacity if self._plan else 1
        self.cursor = max(0, min(len(self._labels) - 1, self.cursor + by * capacity))
