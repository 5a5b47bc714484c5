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
    """A capital: the first letter of the title."""
    title: str
    purpose: str
    """One line of at most 78 characters under the title: a name, not a question."""
    option: str = ""
    """Help text of `nnterm inspect --NAME`."""
    fits: Fits = _always
    """Returns True if the view probably has something to show for a run; otherwise its tab is dim."""
    is_inside: bool = False
    """True: it shows how the network works (second row of tabs); False: how good it is."""
    terms: tuple[str, ...] = ()
    """Further words by which the palette finds the view."""

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
        "O",
        "Overview",
        "Accuracy and loss of every split, beside chance and a linear baseline",
        terms=("score", "accuracy", "loss", "baseline", "summary", "layers", "parameters"),
    ),
    Entry(
        "confusion",
        "M",
        "Matrix",
        "Confusion matrix: true classes down, predicted classes across",
        option="Confusion matrix: true and predicted classes.",
        fits=_classifies,
        terms=("confusion matrix", "confused classes"),
    ),
    Entry(
        "classes",
        "C",
        "Classes",
        "Precision, recall and F1 per class",
        option="Precision, recall and F1 per class.",
        fits=_classifies,
        terms=("per class", "precision", "recall", "F1", "support"),
    ),
    Entry(
        "mistakes",
        "E",
        "Errors",
        "Errors, most confident first",
        option="Wrong predictions, the most confident first.",
        fits=_classifies,
        terms=("mistakes", "wrong predictions", "misclassified samples"),
    ),
    Entry(
        "weights",
        "W",
        "Weights",
        "Weights of each tensor; to edit them, press U",
        option="Weights as pictures, arrows or maps.",
        is_inside=True,
        terms=("parameters", "tensors", "filters", "weight vectors"),
    ),
    Entry(
        "boundary",
        "B",
        "Boundary",
        "Decision boundary, or fitted curve",
        option="Decision boundary of two features, or the fitted curve of one.",
        fits=_is_flat,
        is_inside=True,
        terms=("decision boundary", "decision regions", "fitted curve", "surface"),
    ),
    Entry(
        "fit",
        "F",
        "Fit",
        "Predicted vs. true values, residuals",
        option="Predicted vs. true values, residuals.",
        fits=_predicts_values,
        terms=("regression", "residuals", "R²", "MAE", "RMSE"),
    ),
    Entry(
        "histograms",
        "H",
        "Histograms",
        "Distributions of activations, weights and gradients per layer",
        option="Distributions of activations, weights and gradients.",
        is_inside=True,
        terms=("distributions", "gradients", "activations", "biases"),
    ),
    Entry(
        "activations",
        "A",
        "Activations",
        "Activation function of each layer, and the values that it receives",
        option="Activation functions, and the values that they receive.",
        is_inside=True,
        terms=("activation functions", "saturation", "dead units", "pre-activations"),
    ),
    Entry(
        "units",
        "U",
        "Units",
        "What activates a unit; edit its weights, or disable it, and see the effect",
        option="What activates a unit, and the effect of editing its weights.",
        is_inside=True,
        terms=("neurons", "edit weights", "disable a unit", "ablation"),
    ),
    Entry(
        "robustness",
        "R",
        "Robustness",
        "Accuracy under noise, shift, rotation",
        option="Accuracy under noise, shift, rotation.",
        terms=("noise", "shift", "rotation", "disturbances", "perturbations"),
    ),
    Entry(
        "draw",
        "D",
        "Draw",
        "Draw an image and see its prediction: mouse, or arrows and space",
        option="A sample on the drawing pad; to draw, open the Inspect screen.",
        fits=_can_be_drawn,
        terms=("drawing pad", "digit", "predict"),
    ),
    Entry(
        "landscape",
        "L",
        "Landscape",
        "Loss around the weights, along two random directions",
        option="Loss around the weights, along two random directions.",
        is_inside=True,
        terms=("loss landscape", "loss surface", "minimum", "sharpness"),
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
