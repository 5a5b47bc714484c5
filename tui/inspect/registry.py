"""Every view of the Inspect screen and of `nnterm inspect`: key, title, purpose, option."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from engine.errors import NntermError, did_you_mean

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
    """A view as the screen and the command line list it.

    Its widget is the class `NameView` in `tui/inspect/name.py`.
    """

    name: str
    """The engine's name of the view, see `engine.inspection.registry`."""
    key: str
    title: str
    purpose: str
    """One line of at most 78 characters under the title."""
    option: str = ""
    """Help text of `nnterm inspect --NAME`."""
    fits: Fits = _always
    """Returns True if the view probably has something to show for a run; otherwise its tab is dim."""
    is_inside: bool = False
    """True: it shows how the network works (second row of tabs); False: how good it is."""

    @property
    def module(self) -> str:
        """Dotted name of the widget's module; import it in a thread, since that may take long."""
        return f"tui.inspect.{self.name}"

    def make(self) -> "InspectView":
        """Return a new widget."""
        widget = getattr(import_module(self.module), f"{self.name.capitalize()}View")
        view: InspectView = widget(id=f"view-{self.name}")
        return view


ENTRIES = (
    Entry(
        "overview",
        "o",
        "Overview",
        "How good is it? Beside chance, and beside a network without hidden layers.",
    ),
    Entry(
        "confusion",
        "m",
        "Matrix",
        "Which classes are taken for which? enter opens the samples of a cell.",
        option="Which classes are taken for which.",
        fits=_classifies,
    ),
    Entry(
        "classes",
        "p",
        "Per class",
        "How does each class fare? What is found, and what a prediction is worth.",
        option="Precision, recall and F1 of each class.",
        fits=_classifies,
    ),
    Entry(
        "mistakes",
        "e",
        "Errors",
        "What does it get wrong? Those samples first of which it is surest.",
        option="Samples that are wrong, the surest first.",
        fits=_classifies,
    ),
    Entry(
        "weights",
        "w",
        "Weights",
        "What has it learned to look for? Weights below 0 and above it.",
        option="Weights as pictures, or as a map.",
        is_inside=True,
    ),
    Entry(
        "boundary",
        "b",
        "Boundary",
        "What would it say anywhere in the plane, or along the line?",
        option="What it says all over the plane of two features.",
        fits=_is_flat,
        is_inside=True,
    ),
    Entry(
        "fit",
        "f",
        "Fit",
        "How near are predicted values to the true ones, and what is left over?",
        option="Predicted values against true ones.",
        fits=_predicts_values,
    ),
    Entry(
        "histograms",
        "i",
        "Histograms",
        "How are activations, weights and gradients spread, layer by layer?",
        option="How activations, weights and gradients are spread.",
        is_inside=True,
    ),
    Entry(
        "activations",
        "a",
        "Activations",
        "Where on its activation function does each layer work? Where it is flat?",
        option="Where on its activation function each layer works.",
        is_inside=True,
    ),
    Entry(
        "units",
        "u",
        "Units",
        "What makes a unit respond, and what if its weights were others?",
        option="What a unit responds to, and what if its weights were others.",
        is_inside=True,
    ),
    Entry(
        "robustness",
        "r",
        "Robustness",
        "How much noise, shift or rotation does it stand, and what does that cost?",
        option="What noise, shift and rotation cost.",
    ),
    Entry(
        "draw",
        "d",
        "Draw",
        "What does it make of what you draw? With the mouse, or arrows and space.",
        option="A sample on the drawing pad; to draw, open the Inspect screen.",
        fits=_can_be_drawn,
    ),
    Entry(
        "landscape",
        "s",
        "Landscape",
        "How does the loss lie around the weights, along two random directions?",
        option="The loss around the weights, along two random directions.",
        is_inside=True,
    ),
)
"""Every view in the order of the tabs: a new one is one entry here and one file of that name."""
_BY_NAME = {entry.name: entry for entry in ENTRIES}


def find_entry(name: str) -> Entry:
    """Return the entry of a view.

    Raises:
        NntermError: the screen has no such view.
    """
    if name not in _BY_NAME:
        raise NntermError(f'the Inspect screen has no view "{name}"', did_you_mean(name, _BY_NAME))
    return _BY_NAME[name]
