"""The `[data]` section of an experiment file: which samples, and how they are split and scaled."""

from typing import Literal

from engine.named import Count, NonNegative, Section, Share

Task = Literal["auto", "classification", "binary", "regression"]


Scale = Literal["auto", "unit", "standard", "none"]


class DataSpec(Section, frozen=True):
    """`[data]`: which samples, and how they are split and scaled."""

    dataset: str = "mnist"
    """A registered name, or a path to a file of one's own."""
    target: str = ""
    """The label column of a table."""
    task: Task = "auto"
    validation: Share = 0.1
    """Share of the training split that is held out, stratified by class."""
    limit: Count = 0
    """Samples used of the training split, stratified by class; 0 is all."""
    scale: Scale = "auto"
    """unit: to [0, 1]; standard: mean 0, deviation 1; both fitted on the training part only."""
    samples: Count = 0
    """Samples that a generated dataset draws in all; 0 is the dataset's own number."""
    noise: NonNegative | None = None
    """Standard deviation of the noise of a generated dataset; auto is the dataset's own."""
    seed: Count = 0
    """Seed of the generator and of the splits, apart from the network's, so that runs share their data."""
