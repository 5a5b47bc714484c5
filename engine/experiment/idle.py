"""Problems of what a user wrote: no dataset, or a setting of the data that has no effect on this dataset."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.data.registry import DATASETS
from engine.errors import Problem
from engine.experiment.parsing import show

MISSING_HINT = 'for example [data] dataset = "mnist"; nnterm init FILE --dataset NAME writes a complete file'


def find_missing_and_idle(tables: Mapping[str, Any]) -> list[Problem]:
    """Return the problems of the `[data]` section of the tables of a file or of options."""
    data = tables.get("data", {})
    if not isinstance(data, dict):
        return []  # reported by the reader of the tables
    if "dataset" not in data:
        return [
            Problem("data.dataset", "data.dataset is missing: it names what the network learns", MISSING_HINT)
        ]
    return list(_find_idle(data)) if isinstance(data["dataset"], str) else []


def _find_idle(data: Mapping[str, Any]) -> Iterator[Problem]:
    dataset, target = data["dataset"], data.get("target")
    is_known = dataset in DATASETS
    if not isinstance(target, str) or not target or not (is_known or dataset.endswith(".npz")):
        return
    reason = f"{dataset} has no columns" if is_known else "an .npz file has no columns, only arrays (x and y)"
    message = f"data.target = {show(target)} has no effect: {reason}"
    yield Problem("data.target", message, "remove data.target", {"data.target": ""})
