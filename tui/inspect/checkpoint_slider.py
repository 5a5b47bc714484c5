"""The checkpoint slider: the moments of a run, with a mark on the one shown."""

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from engine.inspection.messages import InspectedRun, Moment
from tui.charts.tones import FAINT, MUTED

GAP = "  "
MOST = 64
"""Maximum cells of the track."""
LEAST_TRACK = 8
"""Minimum cells of a track that has fewer cells than moments."""
LEAST_WORDS = 20
"""Minimum cells of the text about the run."""


class CheckpointSlider(Widget):
    """Shows `moments` and marks the one at `step`; `words` describe the run."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "CheckpointSlider { height: 1; padding: 0 1; }"

    moments: reactive[tuple[Moment, ...]] = reactive(())
    step: reactive[int | None] = reactive(None)
    """Step of the moment shown."""
    words: reactive[str] = reactive("")
    """Text about the inspected run and samples."""
    chosen: reactive[int | None] = reactive(None)
    """Step of the requested moment; None: always the newest."""
    is_over: reactive[bool] = reactive(True)
    """True if there will be no newer moment."""

    @property
    def position(self) -> int | None:
        """Position of the moment shown: the last one at or before `step`."""
        if self.step is None or not self.moments:
            return None
        return max(0, sum(moment.step <= self.step for moment in self.moments) - 1)

    def move(self, by: int) -> None:
        """Choose an earlier or later moment."""
        steps = [moment.step for moment in self.moments]
        now = steps.index(self.chosen) if self.chosen in steps else len(steps) - 1
        self.go(max(0, min(len(steps) - 1, now + by)))

    def go(self, position: int) -> None:
        """Choose the moment at `position`; at the last one, newer moments are followed."""
        if 0 <= position < len(self.moments):
            self.step = self.moments[position].step
            self.chosen = None if position == len(self.moments) - 1 else self.step

    def render(self) -> Content:
        """Return the line: the track, the text of the moment, the run."""
        position = self.position
        if position is None:
            return Content.styled(self.words, MUTED)
        moment = self.moments[position]
        widest = max(len(one.words) for one in self.moments)  # so that the track stands still in a replay
        moment_text = Content.styled(moment.words.ljust(widest), "bold")
        if self.chosen is None and not self.is_over:
            moment_text = Content.assemble(moment_text, ("  live", "bold $success"))
        room = self.size.width - moment_text.cell_length - 2 * len(GAP)
        about = Content.styled(self.words, MUTED)
        room -= min(about.cell_length, LEAST_WORDS) + len(GAP) + 4
        track = self._track(position, min(MOST, room))
        left = Content.assemble(track, GAP, moment_text)
        space = self.size.width - left.cell_length - len(GAP)
        return Content.assemble(left, GAP, about.truncate(max(0, space), ellipsis=True))

    def _track(self, position: int, room: int) -> Content:
        n = len(self.moments)
        before = ("◂ ", "$accent" if position > 0 else FAINT)
        after = (" ▸", "$accent" if position < n - 1 else FAINT)
        step = next((cells for cells in (3, 2, 1) if (n - 1) * cells + 1 <= room), 0)
        if not step and room < LEAST_TRACK:
            return Content.assemble(before, (f"{position + 1}/{n}".ljust(2 * len(str(n)) + 1), "bold"), after)
        if not step:
            done = round(position / (n - 1) * (room - 1))
            left, right = ("─" * done, MUTED), ("─" * (room - 1 - done), FAINT)
            return Content.assemble(before, left, ("●", "bold $accent"), right, after)
        marks: list[tuple[str, str]] = []
        for i, moment in enumerate(self.moments):
            sign = "●" if i == position else "★" if moment.is_best else "○" if moment.kind == "live" else "·"
            marks.append((sign, "bold $accent" if i == position else MUTED))
            if i < n - 1 and step > 1:
                marks.append(("─" * (step - 1), FAINT))
        return Content.assemble(before, *marks, after)


def subject_text(subject: InspectedRun, split: str) -> str:
    """Return a text on the inspected samples and run: the samples first, since a key changes them."""
    sizes, dataset = dict(subject.splits), subject.dataset.rpartition("/")[2]
    name = split if split != "auto" else "test" if "test" in sizes else "train"
    samples = f"{name} {sizes[name]:,}" if name in sizes else f"no {name} samples" if sizes else "no data"
    return f"{dataset}: {samples} · {subject.run} · {subject.state}"


def shown_step(widget: Widget) -> int | None:
    """Return the step whose weights are shown on the widget's screen."""
    return next((slider.step for slider in widget.screen.query(CheckpointSlider)), None)
