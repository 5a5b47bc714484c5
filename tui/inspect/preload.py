"""Loads what the views need before they are opened, in a thread: an import of it would hold up the keys."""

from collections.abc import Callable
from importlib import import_module

from engine.inspection.registry import VIEWS, view_module
from tui.inspect.registry import ENTRIES

DRAWS_WITH = (
    "tui.charts.confusion",
    "tui.charts.function_plot",
    "tui.charts.gallery",
    "tui.charts.scatter",
    "tui.charts.signed",
    "tui.charts.territory",
    "tui.charts.weight_picture",
    "tui.inspect.unit_charts",
    "tui.charts.plot",
)
"""Modules that views import when they first draw; the last one is the largest."""


def preload(is_cancelled: Callable[[], bool]) -> None:
    """Import the views and what they draw with, plotext last, until `is_cancelled` says that nobody waits any more."""
    screens = (entry.module for entry in ENTRIES)
    for module in (*screens, *map(view_module, VIEWS), *DRAWS_WITH):
        if is_cancelled():
            return
        import_module(module)
    from tui.charts.plot import load_plotext

    load_plotext()
