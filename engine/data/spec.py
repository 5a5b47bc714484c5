"""The `[data]` section of an experiment file: the dataset, its splits and its scaling."""

from typing import Annotated, Literal

import msgspec

from engine.named import Count, Section, Share

Noise = Annotated[float, msgspec.Meta(ge=0, le=1_000_000)]
"""Standard deviation beside values of order 1: what is larger makes samples that no network can compute with."""

Task = Literal["auto", "classification", "binary", "regression"]

Scale = Literal["auto", "unit", "standard", "none"]


class DataSpec(Section, frozen=True):
    """`[data]`: the dataset, its splits and its scaling."""

    dataset: str = "mnist"
    """A registered name, or the path of a file."""
    target: str = ""
    """Name of the label column of a table; empty for registered datasets and .npz files, which have no columns."""
    task: Task = "auto"
    """auto: as the targets suggest."""
    validation: Share = 0.1
    """Share of the training samples held out for validation, stratified by class."""
    limit: Count = 0
    """Number of training samples used, stratified by class; 0: all."""
    scale: Scale = "auto"
    """unit: to [0, 1]; standard: mean 0, standard deviation 1; both fitted on the training set."""
    samples: Count = 0
    """Number of samples of a generated dataset, test samples included; 0: the dataset's default."""
    noise: Noise | None = None
    """Standard deviation of the noise of a generated dataset; None (auto): the dataset's default."""
    seed: Count = 0
    """Seed of the generator and of the splits; separate from the network's, so that runs can share their data."""
