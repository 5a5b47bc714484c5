"""The robustness view: the score under a perturbation as a curve, a summary of all, and a perturbed sample."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.strip import Strip
from textual.widgets import Static

from engine.inspection.perturbation_words import is_share, short_strength
from tui.actions import MOVE
from tui.charts.bars import columns
from tui.charts.tones import FAINT, MUTED
from tui.inspect.labels import version_label
from tui.inspect.rasters import pixels
from tui.inspect.view import InspectView, previous_and_next
from tui.theme import BLUE, SERIES, rgb
from tui.widgets.loss_plot import LossPlot
from tui.widgets.strips import StripView

if TYPE_CHECKING:
    from engine.inspection.views.robustness import PerturbationResponse, Robustness
    from tui.charts.curves import Series


class RobustnessView(InspectView):
    """Shows one perturbation at a time; up and down, or { and }, choose it."""

    LIVE_S = 6.0
    HELP = (
        "Accuracy over the strength of a disturbance, with chance as the reference. Up and down, or { and }, choose the "
        "disturbance; n shows another disturbed sample. Samples are disturbed in the units of the data, before scaling."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        *previous_and_next("next", "disturbance"),
        Binding("up,k", "next(-1)", "up", group=MOVE, show=False),
        Binding("down,j", "next(1)", "down", group=MOVE, show=False),
        Binding("n", "example", "sample", tooltip="show another disturbed sample"),
    ]
    DEFAULT_CSS = """
    RobustnessView { padding: 0 1; }
    RobustnessView #lead { height: auto; max-height: 2; }
    RobustnessView #upper { height: 1fr; }
    RobustnessView #list { width: 44; height: 1fr; }
    RobustnessView #kinds { height: auto; }
    RobustnessView #cost { height: 1fr; padding-top: 1; }
    RobustnessView #curve { width: 1fr; height: 1fr; }
    RobustnessView #versions { height: 16; }
    RobustnessView #how { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    RobustnessView.-low #versions { height: 7; }
    RobustnessView.-low #list { width: 38; }
    RobustnessView.-low #cost { display: none; }
    RobustnessView.-low #how { display: none; }
    RobustnessView.-rows #versions { display: none; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._answer: Robustness | None = None
        self._chosen = 0
        self._example = 0

    def compose(self) -> ComposeResult:
        yield Static(id="lead")
        with Horizontal(id="upper"):
            with Vertical(id="list"):
                yield Static(id="kinds")
                yield Static(id="cost")
            with Container(id="curve"):
                yield LossPlot()
        yield StripView(id="versions")
        yield Static(id="how")

    def on_mount(self) -> None:
        """Set the x axis: strengths are not updates."""
        self.query_one(LossPlot).grow = False

    def on_resize(self) -> None:
        """Choose the layout."""
        self.set_class(self.size.height < 26, "-low")
        if self._answer is not None:
            self._write(self._answer)

    @property
    def options(self) -> dict[str, Any]:
        """The chosen example."""
        return {"example": self._example}

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show the key for another sample only if samples are images."""
        return action != "example" or (self._answer is not None and self._answer.example >= 0)

    def action_next(self, by: int) -> None:
        """Go to another perturbation, wrapping around."""
        if self._answer is not None:
            self._chosen = (self._chosen + by) % len(self._answer.responses)
            self._write(self._answer)

    def action_example(self) -> None:
        """Request another example."""
        self._example += 1
        self.request_answer()

    def show(self, answer: "Robustness") -> None:
        """Show the scores under perturbations."""
        self._answer = answer
        self._chosen = min(self._chosen, len(answer.responses) - 1)
        self.set_class(answer.example < 0, "-rows")
        self._write(answer)
        self.refresh_bindings()

    def _write(self, answer: "Robustness") -> None:
        response = answer.responses[self._chosen]
        lead = response.words if self.has_class("-low") else answer.words
        self.query_one("#lead", Static).update(Content(lead))
        kinds = kind_lines(answer, self._chosen)
        self.query_one("#kinds", Static).update(Content("\n").join(kinds))
        self.query_one("#cost", Static).update(Content(response.words), layout=False)
        self.query_one("#how", Static).update(
            Content.styled(_method_text(answer, response), MUTED), layout=False
        )
        plot = self.query_one(LossPlot)
        plot.x_label = f"{response.name}, {'% ' if is_share(response.unit) else ''}{response.unit}"
        plot.show(curve_series(answer, response))
        self._show_versions(answer, response)

    def _show_versions(self, answer: "Robustness", response: "PerturbationResponse") -> None:
        colourless = bool(self.app.no_color)

        def draw(width: int, height: int) -> Sequence[Strip]:
            return version_strips(answer, response, width, height, colourless)

        self.query_one("#versions", StripView).draw_with(draw if response.examples else None)


def _method_text(answer: "Robustness", response: "PerturbationResponse") -> str:
    """The example and the method."""
    if answer.example < 0:
        return answer.note
    way = f", {response.ways[0]}" if response.ways[0] else ""
    return f"{answer.split} sample {answer.example:,}{way}   {answer.note}"


def kind_lines(answer: "Robustness", chosen: int) -> list[Content]:
    """Return a line per perturbation: its curve as columns, and the strength halfway to chance."""
    is_share = answer.measure == "accuracy"
    worst = max((level.score or 0.0 for one in answer.responses for level in one.levels), default=1.0) or 1.0
    clean = f"{100 * answer.clean:.1f} %" if is_share else f"{answer.clean:.3g}"
    chance = f"{100 * answer.chance:.1f} %" if is_share else f"{answer.chance:.3g}"
    head = Content.assemble(
        (f"{answer.split} {answer.measure} ", MUTED), (clean, "bold"), (f"   chance {chance}", MUTED)
    )
    room = max(9, *(len(one.levels) for one in answer.responses)) + 1
    lines = [head]
    for i, one in enumerate(answer.responses):
        shares = [(level.score or 0.0) / (1.0 if is_share else worst) for level in one.levels]
        half = "not reached" if one.half is None else short_strength(one.half, one.unit)
        lines.append(
            Content.assemble(
                ("▸ " if i == chosen else "  ", "bold $accent"),
                (one.name.ljust(16), "bold" if i == chosen else ""),
                (columns(shares).ljust(room), BLUE),
                (half, "" if one.half is not None else FAINT),
            )
        )
    lines.append(Content.styled(" " * (12 + room) + "halfway to chance", FAINT))
    return lines


def curve_series(answer: "Robustness", response: "PerturbationResponse") -> "list[Series]":
    """Return the mean score, the scores of each way, and the chance level, over the strength."""
    import math

    from tui.charts.curves import Series

    times = 100.0 if answer.measure == "accuracy" else 1.0

    def scaled(scores: Sequence[float | None]) -> list[float]:
        return [math.nan if score is None else times * score for score in scores]

    stretch = 100.0 if is_share(response.unit) else 1.0
    xs = [stretch * level.strength for level in response.levels]
    drawn = []
    if len(response.ways) > 1:
        for i, way in enumerate(response.ways):
            ys = scaled([level.by_way[i] for level in response.levels])
            drawn.append(Series(way, rgb(SERIES[i + 1]), xs, ys, smooth=False, valued=False, dashed=True))
    chance = Series("chance", None, [xs[0], xs[-1]], scaled([answer.chance] * 2), smooth=False, faint=True)
    name = "accuracy, %" if times > 1 else "loss"
    ys = scaled([level.score for level in response.levels])
    mean = Series(name, rgb(BLUE), xs, ys, smooth=False, valued=False)
    return [chance, *drawn, mean]


def version_strips(
    answer: "Robustness", response: "PerturbationResponse", width: int, height: int, colourless: bool
) -> Sequence[Strip]:
    """Return the example at increasing strengths, each above its label; as many as fit, evenly spaced."""
    import numpy as np

    from tui.charts.gallery import gallery_strips, plan_gallery
    from tui.charts.halfblock import GAP

    examples = response.examples
    images = np.stack([pixels(one.picture) for one in examples])
    tall, wide = images.shape[1:3]
    least = min(wide, max(10, round(wide * min(1.0, 2 * (height - 1) / tall))))
    every = [version_label(answer, response, i) for i in range(len(examples))]
    least = max(least, *map(len, every))
    fitting = min(len(examples), max(1, (width + GAP) // (least + GAP)))
    some = np.unique(np.linspace(0, len(examples) - 1, fitting).round().astype(int))
    plan = plan_gallery(len(some), (tall, wide), width, height, len(some))
    has_room = max(map(len, every)) <= plan.width
    labels = [every[i] if has_room else every[i].rpartition(" ")[0] for i in some.tolist()]
    return gallery_strips(images[some], labels, plan, width, -1, colourless)
