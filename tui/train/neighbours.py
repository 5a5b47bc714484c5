"""Things that the Train screen looks up beside its run: the dataset, and a run to compare with."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.errors import NntermError

if TYPE_CHECKING:
    from engine.data import DatasetInfo
    from engine.runs import RunSummary


def dataset_of(experiment: Mapping[str, Any]) -> "DatasetInfo | None":
    """Return the description of an experiment's dataset; None if it cannot be read. Not for the event loop."""
    from engine.data import describe
    from engine.experiment.experiment import Experiment

    try:
        return describe(Experiment.from_raw(dict(experiment)).data)
    except NntermError:
        return None


def no_boundary(dataset: "DatasetInfo | None") -> str:
    """Return why no decision boundary is drawn."""
    if dataset is None:
        return "The decision boundary needs the dataset, which cannot be read."
    return f"The decision boundary needs one or two features; {dataset.name} has {dataset.n_features:,}."


def compared_with(name: str, runs: "Sequence[RunSummary]") -> str | None:
    """Return the run to compare `name` with: its parent, else the one created before it, else the newest other one."""
    known = [run for run in runs if run.state != "damaged"]
    others = [run for run in known if run.name != name]
    own = next((run for run in known if run.name == name), None)
    parent = next((run.name for run in others if own is not None and run.name == own.parent), None)
    if parent is not None or not others:
        return parent
    earlier = [run for run in others if own is not None and run.created <= own.created]
    return max(earlier or others, key=lambda run: run.created).name
