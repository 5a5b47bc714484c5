"""Datasets: MNIST, generated sets and the user's files; description, loading, splitting and scaling."""

from engine.data.info import DatasetInfo, Suggestion
from engine.data.load import Data, load_data
from engine.data.preview import Preview, preview
from engine.data.registry import DATASETS, dataset_infos, describe, resolve_scale
from engine.data.scaling import Scaler
from engine.data.split import Split

__all__ = [
    "DATASETS",
    "Data",
    "DatasetInfo",
    "Preview",
    "Scaler",
    "Split",
    "Suggestion",
    "dataset_infos",
    "describe",
    "load_data",
    "preview",
    "resolve_scale",
]
