"""The views by name, in display order; each is imported when it is first needed."""

from importlib import import_module
from typing import TYPE_CHECKING

from engine.errors import NntermError, did_you_mean

if TYPE_CHECKING:
    from engine.inspection.view import InspectionView

VIEWS = (
    "overview",
    "confusion",
    "classes",
    "mistakes",
    "weights",
    "boundary",
    "fit",
    "histograms",
    "activations",
    "units",
    "robustness",
    "draw",
    "landscape",
)
"""Names of the views: a new one is one line here and one file of that name in `views/`."""


def view_module(name: str) -> str:
    """Return the dotted name of the module that holds a view as `VIEW`."""
    return f"engine.inspection.views.{name}"


def find_view(name: str) -> "InspectionView":
    """Return the view called `name`; the first call imports its module, and NumPy with it.

    Raises:
        NntermError: there is no such view.
    """
    if name not in VIEWS:
        raise NntermError(f'"{name}" is not a view', did_you_mean(name, VIEWS))
    view: InspectionView = import_module(view_module(name)).VIEW
    return view
