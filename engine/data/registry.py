"""Finds the source of data that a name or a path stands for."""

from pathlib import Path

from engine.data.curves import CURVES
from engine.data.gates import GATES
from engine.data.info import DatasetInfo
from engine.data.mnist_dataset import Mnist
from engine.data.planes import PLANES
from engine.data.samples import Dataset
from engine.data.spec import DataSpec, Scale
from engine.errors import DataError, did_you_mean

DATASETS: dict[str, Dataset] = {"mnist": Mnist(), **GATES, **PLANES, **CURVES}
"""Every registered dataset by name, in the order in which they are shown."""


def find_dataset(spec: DataSpec) -> Dataset:
    """Return the registered dataset or the user's own file that `spec.dataset` names.

    Raises:
        DataError: it is neither; the hint says what is near.
    """
    name = spec.dataset
    if name in DATASETS:
        return DATASETS[name]
    if not _looks_like_path(name):
        listing = did_you_mean(name, DATASETS)
        raise DataError(f'"{name}" is not a dataset', f"{listing}; or the path of an .npz file")
    from engine.data.npz import NpzDataset

    return NpzDataset(_expand(name))


def own_file(spec: DataSpec) -> Path | None:
    """Return the user's own file that `spec.dataset` names, there or not; None for a registered dataset."""
    name = spec.dataset
    return None if name in DATASETS or not _looks_like_path(name) else _expand(name)


def _expand(name: str) -> Path:
    try:
        return Path(name).expanduser()
    except RuntimeError:  # no such user
        return Path(name)


def _looks_like_path(name: str) -> bool:
    """Tell a path from a misspelt name: it has a separator or a suffix, or there is such a file."""
    if not name or "\0" in name:
        return False
    path = Path(name)
    try:
        return len(path.parts) != 1 or bool(path.suffix) or name.startswith("~") or path.exists()
    except OSError:  # longer than a file's name can be
        return False


def describe(spec: DataSpec) -> DatasetInfo:
    """Return what is known of a dataset without reading its samples; cheap.

    Raises:
        DataError: it is unknown, missing or unreadable, or does not fit the task that `spec` asks for.
    """
    return find_dataset(spec).describe(spec)


def dataset_infos() -> list[DatasetInfo]:
    """Return every registered dataset, described, in the order in which they are shown."""
    return [dataset.describe(DataSpec(dataset=name)) for name, dataset in DATASETS.items()]


def resolve_scale(spec: DataSpec, info: DatasetInfo) -> Scale:
    """Return the scaling to use: `spec.scale`, or what "auto" stands for with this dataset."""
    return find_dataset(spec).auto_scale(info) if spec.scale == "auto" else spec.scale
