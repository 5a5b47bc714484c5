"""The Fit view of a regression: predictions against targets, residuals, and the worst samples."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.strip import Strip
from textual.widgets import Static

from engine.words import counted
from tui.charts.tones import FAINT
from tui.inspect.view import InspectView, previous_and_next
from tui.theme import BLUE, ORANGE, rgb
from tui.widgets.loss_plot import LossPlot
from tui.widgets.strips import StripView
from tui.words.figures import figure

if TYPE_CHECKING:
    from engine.inspection.views.fit import Fit
    from tui.charts.curves import Series


class FitView(InspectView):
    """Two plots, a histogram and sentences."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *previous_and_next("output", "output"),
        Binding("n", "plot", "plot", tooltip="predictions over true values, or residuals over predictions"),
    ]
    DEFAULT_CSS = """
    FitView Horizontal { height: 1fr; }
    FitView #plots { width: 1fr; height: 1fr; }
    FitView .plot { height: 1fr; }
    FitView #side-fit { width: 50; height: 1fr; }
    FitView #histogram { height: 10; }
    FitView #misses { height: 1fr; }
    FitView #fit-words { height: auto; padding: 0 1; }
    FitView.-narrow #misses { display: none; }
    FitView.-narrow #side-fit { width: 34; }
    FitView.-narrow #histogram { height: 1fr; }
    FitView.-short #plots > * { display: none; }
    FitView.-short #plots > .-chosen { display: block; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._answer: Fit | None = None
        self._output = 0
        self._shows_residuals = False

    def compose(self) -> ComposeResult:
        yield Static(id="fit-words")
        with Horizontal():
            with Vertical(id="plots"):
                with Container(id="truth-panel", classes="panel plot -chosen"):
                    yield LossPlot(id="truth-plot")
                with Container(id="residual-panel", classes="panel plot"):
                    yield LossPlot(id="residual-plot")
            with Vertical(id="side-fit"):
                yield StripView(id="histogram", classes="panel")
                yield Static(id="misses", classes="panel")

    def on_mount(self) -> None:
        """Set the panel titles."""
        self.query_one("#truth-panel").border_title = "predicted ↑ over true values →"
        self.query_one("#residual-panel").border_title = "residual ↑ over predicted values →"
        self.query_one("#histogram").border_title = "residuals: predicted − true"
        self.query_one("#misses").border_title = "largest residuals"
        for plot in self.query(LossPlot):
            plot.grow = False

    def on_resize(self) -> None:
        """Show one plot at a time if two do not fit."""
        self.set_class(self.size.width < 110, "-narrow")
        self.set_class(self.size.height < 28, "-short")

    @property
    def options(self) -> dict[str, Any]:
        """The chosen output."""
        return {"output": self._output}

    def action_plot(self) -> None:
        """Switch to the other plot."""
        self._shows_residuals = not self._shows_residuals
        self.query_one("#truth-panel").set_class(not self._shows_residuals, "-chosen")
        self.query_one("#residual-panel").set_class(self._shows_residuals, "-chosen")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show a key only if it applies now."""
        if action == "plot":
            return self.has_class("-short")
        if action == "output":
            return self._answer is not None and self._answer.outputs > 1
        return True

    def action_output(self, by: int) -> None:
        """Go to another output, wrapping around."""
        if self._answer is not None:
            self._output = (self._output + by) % self._answer.outputs
            self.request_answer()

    def show(self, answer: "Fit") -> None:
        """Show a fit."""
        self._answer = answer
        self.query_one("#fit-words", Static).update(head(answer))
        self.query_one("#truth-plot", LossPlot).show(truth_series(answer))
        self.query_one("#residual-plot", LossPlot).show(residual_series(answer))
        self.query_one("#misses", Static).update(misses(answer), layout=False)

        def draw(width: int, height: int) -> Sequence[Strip]:
            from tui.charts.histogram import histogram_strips

            edges = answer.residuals.edges
            labels = (f"{edges[0]:.2g}", "0", f"{edges[-1]:+.2g}")
            return histogram_strips(answer.residuals.counts, labels, width, height, BLUE)

        self.query_one("#histogram", StripView).draw_with(draw)
        self.refresh_bindings()


def head(answer: "Fit") -> Content:
    """Return the scores and their explanation."""
    which = f"output {answer.output + 1} of {answer.outputs}   " if answer.outputs > 1 else ""
    figures = f"R² {figure(answer.r_squared)}   MAE {figure(answer.mae)}   RMSE {figure(answer.rmse)}"
    split = f"   {answer.split} {answer.samples:,}"
    broken = f"   {counted(answer.broken, 'output')} not finite (NaN or Inf)" if answer.broken else ""
    lines = [Content.assemble(which, (figures, "bold"), (split, FAINT), (broken, "$text-error"))]
    return Content("\n").join([*lines, Content(" ".join(answer.words))])


def truth_series(answer: "Fit") -> "list[Series]":
    """Return the samples and the diagonal of exact predictions."""
    from tui.charts.curves import Series

    low, high = min(answer.truth), max(answer.truth)
    return [
        Series("samples", rgb(BLUE), answer.truth, answer.predictions, line=False),
        Series("perfect prediction", rgb(ORANGE), [low, high], [low, high], smooth=False, valued=False),
    ]


def residual_series(answer: "Fit") -> "list[Series]":
    """Return the residuals and the zero line."""
    from tui.charts.curves import Series

    residuals = [guess - true for guess, true in zip(answer.predictions, answer.truth, strict=True)]
    low, high = min(answer.predictions), max(answer.predictions)
    return [
        Series("samples", rgb(BLUE), answer.predictions, residuals, line=False),
        Series("zero", rgb(ORANGE), [low, high], [0.0, 0.0], smooth=False, valued=False),
    ]


def misses(answer: "Fit") -> Content:
    """Return the samples with the largest residuals."""
    lines = [Content.styled(f"{'sample':>8}{'true':>12}{'predicted':>13}{'residual':>12}", FAINT)]
    lines += [
        Content(f"{one.index:>8,}{one.truth:>12.4g}{one.prediction:>13.4g}{one.residual:>+12.3g}")
        for one in answer.worst
    ]
    return Content("\n").join(lines)
