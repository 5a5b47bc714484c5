"""Every view of the Inspect screen: its key, its words, its place."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.inspection import Subject
    from tui.inspect.view import InspectView

Fits = Callable[["Subject"], bool]


def _always(subject: "Subject") -> bool:
    return True


def _classifies(subject: "Subject") -> bool:
    return subject.task in ("", "classification", "binary")


def _predicts_values(subject: "Subject") -> bool:
    return subject.task in ("", "regression")


def _is_flat(subject: "Subject") -> bool:
    return subject.kind in ("", "plane", "curve", "gate")


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

    def make(self) -> "InspectView":
        """Return a new view."""
        module, name = self.home.split(":")
        view: InspectView = getattr(import_module(module), name)(id=f"view-{self.name}")
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
        "tui.inspect.matrix:MatrixView",
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
    ),
    Entry(
        "boundary",
        "b",
        "Boundary",
        "What would it say anywhere in the plane, or along the line?",
        "tui.inspect.boundary:BoundaryView",
        _is_flat,
    ),
    Entry(
        "fit",
        "f",
        "Fit",
        "How near are predicted values to the true ones, and what is left over?",
        "tui.inspect.fit:FitView",
        _predicts_values,
    ),
)
"""Every view, in the order of its tab: a new one is one row here and one file."""
BY_NAME = {entry.name: entry for entry in ENTRIES}
