"""Overview of the steps of a walk: a line of dots, and a list of titles."""

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from engine.glassbox.steps import WalkStep
from tui.charts.tones import FAINT, MUTED
from tui.words.wrapping import wrapped

COLOURS = {"forward": "$primary", "loss": "$secondary", "backward": "$warning", "update": "$success"}
ARROWS = {"forward": "→", "loss": "◎", "backward": "←", "update": "↻"}
INDENT = 4
"""Cells before a title."""


class WalkBar(Widget):
    """One line with a dot per step, forward, loss and backward; the current one is filled."""

    DEFAULT_CSS = "WalkBar { height: 1; padding: 0 1; }"

    steps: reactive[tuple[WalkStep, ...]] = reactive(())
    current: reactive[int] = reactive(0)
    """Position of the current step, from 0."""

    def render(self) -> Content:
        """Return the line."""
        if not self.steps:
            return Content("")
        step = self.steps[self.current]
        where = f"{step.kind} {step.part}/{step.parts}"
        parts: list[tuple[str, str] | str] = [(where.ljust(15), f"bold {COLOURS[step.kind]}")]
        if len(self.steps) * 2 + 32 <= self.size.width:
            parts += self._dots()
        parts.append((f"  step {self.current + 1} of {len(self.steps)}", MUTED))
        return Content.assemble(*parts)

    def _dots(self) -> list[tuple[str, str] | str]:
        dots: list[tuple[str, str] | str] = []
        kind = ""
        for i, step in enumerate(self.steps):
            if step.kind != kind:
                kind = step.kind
                dots.append((f" {ARROWS[kind]} ", MUTED))
            dots.append(("●" if i == self.current else "○", COLOURS[kind] if i <= self.current else FAINT))
        return dots


class WalkList(Widget):
    """The titles of all steps, whole; the current one is marked and always visible."""

    DEFAULT_CSS = "WalkList { width: 1fr; }"

    steps: reactive[tuple[WalkStep, ...]] = reactive(())
    current: reactive[int] = reactive(0)

    def render(self) -> Content:
        """Return as many lines as fit around the current step; a long title takes several."""
        lines: list[Content] = []
        middle = 0
        for i, step in enumerate(self.steps):
            if i == self.current:
                middle = len(lines)
            lines += self._lines(i, step)
        height = self.size.height
        first = max(0, min(middle - height // 2, len(lines) - height))
        return Content("\n").join(lines[first : first + height])

    def _lines(self, i: int, step: WalkStep) -> list[Content]:
        here = i == self.current
        first, *others = wrapped(step.title, max(8, self.size.width - INDENT))
        style = "bold" if here else MUTED
        head = Content.assemble(
            ("› " if here else "  ", "bold"), (f"{ARROWS[step.kind]} ", COLOURS[step.kind]), (first, style)
        )
        return [head, *(Content.styled(" " * INDENT + line, style) for line in others)]
