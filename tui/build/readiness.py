"""The bar that shows whether the network can be trained, and the keys that help."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui.charts.tones import MUTED
from tui.draft.views import Readiness, Verdict

_HEADS: dict[Verdict, tuple[str, str]] = {
    "empty": ("○ nothing to train", MUTED),
    "checking": ("○ checking", MUTED),
    "offer": ("○ preset", "bold $text-accent"),
    "ready": ("● ready", "bold $text-success"),
    "forced": ("▲ forced", "bold $text-warning"),
    "wrong": ("✗ not ready", "bold $text-error"),
    "starting": ("○ starting", "bold $text-accent"),
    "failed": ("✗ did not start", "bold $text-error"),
}


class ReadinessBar(Widget, can_focus=True):
    """Shows `readiness`; enter on it starts the training."""

    DEFAULT_CSS = """
    ReadinessBar { height: auto; max-height: 5; padding: 0 1; background: $surface; border-left: wide $panel; }
    ReadinessBar:focus { background: $boost; border-left: wide $accent; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "train", "train", show=False),
        Binding("up,k", "leave(-1)", "up", show=False),
        Binding("down,j", "leave(1)", "down", show=False),
    ]

    readiness: reactive[Readiness] = reactive(Readiness())
    found: reactive[str] = reactive("")
    """The number of findings in words."""

    class TrainRequested(Message):
        """The user requests the training."""

    class Left(Message):
        """The user moves up (`direction` -1) or down (1) from the bar."""

        def __init__(self, direction: int) -> None:
            super().__init__()
            self.direction = direction

    def action_train(self) -> None:
        """Request the training."""
        self.post_message(self.TrainRequested())

    def action_leave(self, direction: int) -> None:
        """Move to the panel above or below."""
        self.post_message(self.Left(direction))

    def watch_readiness(self) -> None:
        """Redraw; lay the screen out again only if the number of lines changes."""
        width = self.content_size.width
        if not width or self.render().get_height({}, width) != self.content_size.height:
            self.refresh(layout=True)

    def watch_found(self) -> None:
        """Redraw as for `readiness`."""
        self.watch_readiness()

    def on_focus(self) -> None:
        """Name the key that works while the bar has the focus."""
        self.refresh()

    def on_blur(self) -> None:
        """Name the key that works from elsewhere."""
        self.refresh()

    def render(self) -> Content:
        """Return the verdict, and below it the keys that help."""
        now = self.readiness
        head, style = _HEADS[now.verdict]
        count = f"  (1 of {now.more + 1})" if now.more else ""
        lines = [Content.assemble((head, style), (count, MUTED), "  ", now.message)]
        keys = [*self._keys(now), *([_key("D", self.found)] if self.found else [])]
        if keys:
            lines.append(Content("   ").join(keys))
        return Content("\n").join(lines)

    def _keys(self, now: Readiness) -> list[Content]:
        if now.verdict in ("ready", "forced", "failed"):
            keys = [
                _key("enter" if self.has_focus else "t", "try again" if now.verdict == "failed" else "train")
            ]
            return [*keys, _key("f", "no longer force")] if now.verdict == "forced" else keys
        keys = [_key("enter", "take it")] if now.verdict == "offer" else []
        if now.can_mend:
            keys.append(_key("m", f"mend: {now.remedy}" if now.remedy else "mend"))
        elif now.remedy:
            keys.append(Content.styled(now.remedy, MUTED))
        if now.can_force:
            keys.append(_key("f", "train all the same"))
        return keys


def _key(key: str, does: str) -> Content:
    return Content.assemble((f" {key} ", "bold reverse"), " ", does)
