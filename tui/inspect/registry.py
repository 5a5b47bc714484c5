"""Every view of the Inspect screen: its key, its words, its place."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.inspection import InspectedRun
    from tui.inspect.view import InspectView

Fits = Callable[["InspectedRun"], bool]


def _always(subject: "InspectedRun") -> bool:
    return True


def _classifies(subject: "InspectedRun") -> bool:
    return subject.task in ("", "classification", "binary")


def _predicts_values(subject: "InspectedRun") -> bool:
    return subject.task in ("", "regression")


def _is_flat(subject: "InspectedRun") -> bool:
    return subject.kind in ("", "plane", "curve", "gate")


def _can_be_drawn(subject: "InspectedRun") -> bool:
    return subject.kind in ("", "images") and _classifies(subject)


@dataclass(frozen=True)
class Entry:
    """A view as the screen lists it."""

    name: str
    """As the engine calls it."""
    key: str
    title: str
    purpose: str
    """What it shows, in a line of at most 78 characters."""
    home: str
    """module:class, imported when it is first shown."""
    fits: Fits = _always
    """Whether it is likely to have something to show; where not, its tab is dim."""
    is_inside: bool = False
    """Whether it shows how the network works, and not how good it is: the second row of tabs."""

    @property
    def module(self) -> str:
        """Where its class is; imported in a thread, since that may take long."""
        return self.home.split(":")[0]

    def make(self) -> "InspectView":
        """Return a new view."""
        name = self.home.split(":")[1]
        view: InspectView = getattr(import_module(self.module), name)(id=f"view-{self.name}")
        return view


ENTRIES = (
    Entry(
        "overview",
        "o",
        "Overview",
        "How good is it? Beside chance, and beside a network without hidden layers.",
        "tui.inspect.overview:OverviewView",
    ),
    Entry(
        "confusion",
        "m",
        "Matrix",
        "Which classes are taken for which? enter opens the samples of a cell.",
        "tui.inspect.confusion:ConfusionView",
        _classifies,
    ),
    Entry(
        "classes",
        "p",
        "Per class",
        "How does each class fare? What is found, and what a prediction is worth.",
        "tui.inspect.classes:ClassesView",
        _classifies,
    ),
    Entry(
        "mistakes",
        "e",
        "Errors",
        "What does it get wrong? Those samples first of which it is surest.",
        "tui.inspect.mistakes:MistakesView",
        _classifies,
    ),
    Entry(
        "weights",
        "w",
        "Weights",
        "What has it learned to look for? Weights below 0 and above it.",
        "tui.inspect.weights:WeightsView",
        is_inside=True,
    ),
    Entry(
        "boundary",
        "b",
        "Boundary",
        "What would it say anywhere in the plane, or along the line?",
        "tui.inspect.boundary:BoundaryView",
        _is_flat,
        is_inside=True,
    ),
    Entry(
        "fit",
        "f",
        "Fit",
        "How near are predicted values to the true ones, and what is left over?",
        "tui.inspect.fit:FitView",
        _predicts_values,
    ),
    Entry(
        "histograms",
        "i",
        "Histograms",
        "How are activations, weights and gradients spread, layer by layer?",
        "tui.inspect.histograms:HistogramsView",
        is_inside=True,
    ),
    Entry(
        "activations",
        "a",
        "Activations",
        "Where on its activation function does each layer work? Where it is flat?",
        "tui.inspect.activations:ActivationsView",
        is_inside=True,
    ),
    Entry(
        "units",
        "u",
        "Units",
        "What makes a unit respond, and what if its weights were others?",
        "tui.inspect.units:UnitsView",
        is_inside=True,
    ),
    Entry(
        "robustness",
        "r",
        "Robustness",
        "How much noise, shift or rotation does it stand, and what does that cost?",
        "tui.inspect.robustness:RobustnessView",
    ),
    Entry(
        "draw",
        "d",
        "Draw",
        "What does it make of what you draw? With the mouse, or arrows and space.",
        "tui.inspect.draw:DrawView",
        _can_be_drawn,
    ),
    Entry(
        "landscape",
        "s",
        "Landscape",
        "How does the loss lie around the weights, along two random directions?",
        "tui.inspect.landscape:LandscapeView",
        is_inside=True,
    ),
)
"""Every view, in the order of its tab: a new one is one row here and one file."""
BY_NAME = {entry.name: entry for entry in ENTRIES}
