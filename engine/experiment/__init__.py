"""The experiment file: typed sections, defaults, validation, overrides, presets."""

from engine.experiment.experiment import Experiment

__all__ = ["Experiment"]
