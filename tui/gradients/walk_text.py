"""One step of a walk in full: formula, shapes, numbers and explanation."""

from collections.abc import Iterator

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from engine.glassbox.steps import WalkStep
from tui.charts.tones import MUTED
from tui.words.wrapping import AGREES, formula_lines, marked_lines, own_words, wrapped


class WalkText(VerticalScroll, can_focus=True, inherit_bindings=False):
    """Shows a step; scrolls if it does not fit."""

    DEFAULT_CSS = "WalkText { height: 1fr; width: 1fr; scrollbar-size-vertical: 1; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(Static(), id=id, classes=classes)
        self._step: WalkStep | None = None
        self._width = 0

    def show(self, step: WalkStep | None) -> None:
        """Show `step` from its start."""
        self._step = step
        self.scroll_home(animate=False)
        self._draw()

    def on_resize(self) -> None:
        """Wrap the lines again if the width has changed."""
        if self.scrollable_content_region.width != self._width:
            self._draw()

    def _draw(self) -> None:
        self._width = self.scrollable_content_region.width
        lines = [] if self._step is None or self._width < 1 else list(_lines(self._step, self._width - 1))
        self.query_one(Static).update(Content("\n").join(lines))


def _lines(step: WalkStep, width: int) -> Iterator[Content]:
    for formula in step.formula.splitlines():
        yield from (Content.styled(line, "bold $accent") for line in formula_lines(formula, width))
    yield from (Content.styled(line, MUTED) for line in formula_lines(step.shapes, width))
    yield Content("")
    for i, line in enumerate(step.numbers):
        start, end = step.results[i] if i < len(step.results) else (0, 0)
        yield from _number_lines(line, start, end, width)
    if step.left_out:
        yield Content.styled(f"  … {step.left_out}", MUTED)
    if step.numbers or step.left_out:
        yield Content("")
    yield from (Content(line) for line in wrapped(step.words, width))
    if step.own_difference is not None:
        style = "$text-success" if step.own_difference <= AGREES else "bold $text-error"
        yield Content("")
        yield from (Content.styled(line, style) for line in wrapped(own_words(step.own_difference), width))
    if step.disagreement:
        yield Content("")
        yield from (Content.styled(line, "bold $text-error") for line in wrapped(step.disagreement, width))


def _number_lines(line: str, start: int, end: int, width: int) -> Iterator[Content]:
    """The lines of a calculation: its name in colour, and its result, which the step has marked, in bold."""
    name, separator, _ = line.partition(" = ")
    for i, (text, first, last) in enumerate(marked_lines(line, start, end, width, 2)):
        content = Content(text)
        if i == 0 and separator:
            content = content.stylize("$primary", 2, 2 + len(name))
        yield content.stylize("bold", first, last) if last > first else content
