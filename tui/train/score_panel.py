"""The scores on each split: meters of accuracy, or losses for a regression."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from tui.charts.tones import MUTED
from tui.follow.run_figures import RunFigures
from tui.theme import BLUE, GREEN, ORANGE
from tui.train.meter import Meter
from tui.words.figures import figure, percent

SPLITS = (("train", BLUE), ("validation", ORANGE), ("test", GREEN))


class ScorePanel(Vertical):
    """Shows `figures`: three accuracy meters with the chance level marked, or three losses for a regression."""

    DEFAULT_CSS = """
    ScorePanel { height: 5; }
    ScorePanel Static { height: 3; display: none; }
    ScorePanel.-regression { Meter { display: none; } Static { display: block; } }
    """

    figures: reactive[RunFigures | None] = reactive(None)

    def compose(self) -> ComposeResult:
        for name, colour in SPLITS:
            yield Meter(name, colour, id=name)
        yield Static()

    def watch_figures(self, figures: RunFigures | None) -> None:
        """Update the meters or the losses."""
        if figures is None:
            return
        self.set_class(not figures.classifies, "-regression")
        self.border_title = "accuracy" if figures.classifies else "loss per epoch"
        self.border_subtitle = f"┃ chance {percent(figures.chance)}" if figures.chance is not None else ""
        splits = (figures.train, figures.validation, figures.test)
        for (name, _), split in zip(SPLITS, splits, strict=True):
            meter = self.query_one(f"#{name}", Meter)
            meter.share, meter.chance = split.accuracy, figures.chance
        rows = [
            Content.assemble((name.ljust(11), MUTED), figure(split.loss))
            for (name, _), split in zip(SPLITS, splits, strict=True)
        ]
        self.query_one(Static).update(Content("\n").join(rows), layout=False)
