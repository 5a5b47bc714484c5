"""The registered datasets, and the lookup of a dataset by name or path."""

from pathlib import Path

from engine.data.curves import CURVES
from engine.data.gates import GATES
from engine.data.info import DatasetInfo
from engine.data.mnist_dataset import Mnist
from engine.data.planes import PLANES
from engine.data.samples import Dataset
from engine.data.spec import DataSpec, Scale
from engine.errors import DataError, did_you_mean
from engine.files.user_path import expanded

DATASETS: dict[str, Dataset] = {"mnist": Mnist(), **GATES, **PLANES, **CURVES}
"""The registered datasets by name, in the order of lists on the screen."""


def find_dataset(spec: DataSpec) -> Dataset:
    """Return the registered dataset or the user's file that `spec.dataset` names.

    Raises:
        DataError: it is neither; the hint names the closest dataset.
    """
    name = spec.dataset
    if name in DATASETS:
        return DATASETS[name]
    if not _looks_like_path(name):
        listing = did_you_mean(name, DATASETS)
        raise DataError(f'"{name}" is not a dataset', f"{listing}; or the path of an .npz file")
    from engine.data.npz import NpzDataset

    return NpzDataset(expanded(name))


def own_file(spec: DataSpec) -> Path | None:
    """Return the path of the user's file that `spec.dataset` names, even if missing; None for a registered dataset."""
    name = spec.dataset
    return None if name in DATASETS or not _looks_like_path(name) else expanded(name)


def _looks_like_path(name: str) -> bool:
    """Return whether `name` is a path, not a misspelt dataset: it has a separator or a suffix, or the file exists."""
    if not name or "\0" in name:
        return False
    path = Path(name)
    try:
        return len(path.parts) != 1 or bool(path.suffix) or name.startswith("~") or path.exists()
    except OSError:  # too long for a file name
        return False


def describe(spec: DataSpec) -> DatasetInfo:
    """Return the description of the dataset that `spec` names, without reading its inputs.

    Raises:
        DataError: the dataset is unknown, missing or unreadable, or incompatible with the requested task.
    """
    return find_dataset(spec).describe(spec)


def dataset_infos() -> list[DatasetInfo]:
    """Return the descriptions of all registered datasets in the order of `DATASETS`."""
    return [dataset.describe(DataSpec(dataset=name)) for name, dataset in DATASETS.items()]


def resolve_scale(spec: DataSpec, info: DatasetInfo) -> Scale:
    """Return the scaling to use: `spec.scale`, with "auto" resolved by the dataset.

    Raises:
        DataError: the scaling is "auto" and the dataset is unknown.
    """
    return find_dataset(spec).auto_scale(info) if spec.scale == "auto" else spec.scale
