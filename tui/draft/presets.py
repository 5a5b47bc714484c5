"""What one can start building from: the presets, and a network of one's own for the dataset at hand."""

from dataclasses import dataclass
from typing import Any

from engine.errors import NntermError
from engine.experiment.presets import presets_for
from engine.experiment.quick import quick_tables
from tui.draft.tables import complete


@dataclass(frozen=True)
class StartingPoint:
    """An experiment to begin with, as plain tables."""

    title: str
    summary: str
    draft: dict[str, Any]
    is_for_dataset: bool
    """Whether it is made for the dataset at hand."""


def starting_points_for(dataset: str) -> list[StartingPoint]:
    """Return the presets for `dataset`, then a network as the dataset suggests, then the other presets.

    A dataset that cannot be described has no suggestion, and only presets are offered. May read a file's header.
    """
    presets = [
        StartingPoint(
            preset.title, preset.summary, complete(preset.raw), preset.raw["data"]["dataset"] == dataset
        )
        for preset in presets_for(dataset)
    ]
    fitting = [start for start in presets if start.is_for_dataset]
    others = [start for start in presets if not start.is_for_dataset]
    return [*fitting, *_own(dataset), *others]


def _own(dataset: str) -> list[StartingPoint]:
    try:
        draft = complete(quick_tables(dataset, None, {}))
    except NntermError:
        return []
    hidden = [str(layer["units"]) for layer in draft["network"]["layers"][:-1]]
    layers = f"hidden layers of {', '.join(hidden)}" if hidden else "no hidden layer"
    optimizer = draft["training"]["optimizer"]
    name = dataset.rsplit("/", 1)[-1]
    summary = (
        f"{layers.capitalize()}, {optimizer['name']} at {optimizer['lr']:g}: sensible values to begin with."
    )
    return [StartingPoint(f"Own network for {name}", summary, draft, True)]
