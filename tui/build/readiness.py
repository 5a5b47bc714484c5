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
    "forced": ("▲ train anyway", "bold $text-warning"),
    "wrong": ("✗ not ready", "bold $text-error"),
    "starting": ("○ starting", "bold $text-accent"),
    "failed": ("✗ did not start", "bold $text-error"),
}

_VERDICT = 2
"""Lines kept for the verdict, so that the panels above stay where they are when it grows."""


class ReadinessBar(Widget, can_focus=True):
    """Shows `readiness`; enter on it starts the training."""

    DEFAULT_CSS = """
    ReadinessBar { height: 3; padding: 0 1; background: $surface; border-left: wide $panel; }
    ReadinessBar:focus { background: $boost; border-left: wide $accent; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "train", "train", show=False),
        Binding("up,k", "leave(-1)", "up", show=False),
        Binding("down,j", "leave(1)", "down", show=False),
    ]

    readiness: reactive[Readiness] = reactive(Readiness())
    """The verdict."""
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

    def watch_has_focus(self, has_focus: bool) -> None:
        """Name the keys that work with and without the focus."""
        super().watch_has_focus(has_focus)
        self.refresh()

    def render(self) -> Content:
        """Return the verdict in up to two lines, and below it the keys that help."""
        now, width = self.readiness, max(1, self.content_size.width)
        head, style = _HEADS[now.verdict]
        count = f"  (1 of {now.more + 1})" if now.more else ""
        verdict = Content.assemble((head, style), (count, MUTED), "  ", now.message).wrap(width)
        if len(verdict) > _VERDICT:
            rest = Content(" ").join(verdict[_VERDICT - 1 :])
            verdict = [*verdict[: _VERDICT - 1], rest.truncate(width, ellipsis=True)]
        keys = [*self._keys(now), *([_key("d", self.found)] if self.found else [])]
        return Content("\n").join([*verdict, Content("   ").join(keys).truncate(width, ellipsis=True)])

    def _keys(self, now: Readiness) -> list[Content]:
        if now.verdict in ("ready", "forced", "failed"):
            does = "try again" if now.verdict == "failed" else "train"
            keys = [_key("enter" if self.has_focus else "t", does)]
            return [*keys, _key("!", "undo “train anyway”")] if now.verdict == "forced" else keys
        keys = [_key("enter", "select")] if now.verdict == "offer" else []
        if now.can_force:
            keys.append(_key("!", "train anyway"))
        if now.can_fix:
            keys.append(_key("m", f"fix: {now.remedy}" if now.remedy else "fix"))
        elif now.remedy:
            keys.append(Content.styled(now.remedy, MUTED))
        return keys


def _key(key: str, does: str) -> Content:
    return Content.assemble((f" {key} ", "bold reverse"), " ", does)
