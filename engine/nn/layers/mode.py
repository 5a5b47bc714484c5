"""The modes in which a layer can compute; dense layers know no difference."""

from enum import Enum


class Mode(Enum):
    """How layers that learn and judge in two ways compute just now."""

    TRAINING = "training"
    """By the batch: units dropped, the batch's own mean and variance; the running ones follow."""
    TRIAL = "trial"
    """As in training, but nothing is left behind: for looking at the training loss without training."""
    EVALUATION = "evaluation"
    """Each sample by itself: nothing dropped, the running mean and variance."""
