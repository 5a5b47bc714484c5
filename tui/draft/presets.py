"""The starting points of the Build screen: the presets, and a suggested network for the selected dataset."""

from dataclasses import dataclass
from typing import Any

from engine.errors import NntermError
from engine.experiment.presets import presets_for
from engine.experiment.quick import quick_tables
from tui.draft.tables import complete


@dataclass(frozen=True)
class StartingPoint:
    """An experiment to start from, as plain tables."""

    title: str
    summary: str
    draft: dict[str, Any]
    is_for_dataset: bool
    """True if it is made for the selected dataset."""


def starting_points_for(dataset: str) -> list[StartingPoint]:
    """Return the presets for `dataset`, then the suggested network, then the other presets.

    A dataset that cannot be described has no suggested network. Reads the header of a data file.
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
    summary = f"The suggested settings: {layers}, {optimizer['name']} with learning rate {optimizer['lr']:g}."
    return [StartingPoint(f"Custom network for {name}", summary, draft, True)]
