"""The verdict bar: the state of a gradient check, its progress and its result."""

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from engine.words import counted
from tui.charts.bars import line_bar
from tui.charts.tones import MUTED
from tui.gradients.check_view import CheckState

HEADS: dict[CheckState, tuple[str, str]] = {
    "idle": ("○ not checked", MUTED),
    "running": ("◌ checking", "bold $text-accent"),
    "passed": ("✓ gradients agree", "bold $text-success"),
    "failed": ("✗ gradients disagree", "bold $text-error"),
    "broken": ("✗ no check", "bold $text-error"),
    "cancelled": ("■ cancelled", MUTED),
}


class VerdictBar(Widget):
    """Shows a state with a progress bar or the verdict, always in the same height, so that no panel below moves."""

    DEFAULT_CSS = """
    VerdictBar {
        height: 5; padding: 0 1;
        background: $surface; border-left: wide $panel;
    }
    VerdictBar.-passed { border-left: wide $success; }
    VerdictBar.-failed, VerdictBar.-broken { border-left: wide $error; }
    """

    state: reactive[CheckState] = reactive[CheckState]("idle")
    words: reactive[str] = reactive("")
    """The verdict, or the phase of a running check."""
    remarks: reactive[tuple[str, ...]] = reactive(())
    share: reactive[float] = reactive(0.0)
    """Progress of a running check, 0 to 1."""

    def watch_state(self, old: CheckState, new: CheckState) -> None:
        """Update the border colour."""
        self.remove_class(f"-{old}").add_class(f"-{new}")

    def render(self) -> Content:
        """Return the lines."""
        head, style = HEADS[self.state]
        if self.state == "running":
            bar = line_bar(self.share, max(0, self.size.width - 7))
            return Content.assemble((head, style), "  ", self.words, "\n", *bar, f" {self.share:5.0%}")
        first = Content.assemble((head, style), "  ", self.words)
        remarks = [Content.styled(remark, MUTED) for remark in self.remarks]
        return Content("\n").join(_fitted(first, remarks, self.size.width, self.size.height))


def _fitted(first: Content, remarks: list[Content], width: int, height: int) -> list[Content]:
    """Return the lines that fit; the last one is the start of the last remark, or says how many were left out."""
    if width < 1:
        return [first]
    lines = list(first.wrap(width))
    for i, remark in enumerate(remarks):
        wrapped = list(remark.wrap(width))
        needs_note = i < len(remarks) - 1
        if len(lines) + len(wrapped) + needs_note > height:
            left, room = len(remarks) - i, height - len(lines)
            if left == 1 and room > 0:
                return [
                    *lines,
                    *wrapped[: room - 1],
                    wrapped[room - 1].append(" …").truncate(width, ellipsis=True),
                ]
            return [
                *lines[: height - 1],
                Content.styled(f"… {counted(left, 'more note')}: nnterm check", MUTED),
            ]
        lines += wrapped
    return lines[:height]
