"""The modes in which a layer computes; dense layers compute the same in all of them."""

from enum import Enum


class Mode(Enum):
    """The computation of layers that differ between training and evaluation."""

    TRAINING = "training"
    """Units are dropped; the batch's mean and variance are used and update the running ones."""
    TRIAL = "trial"
    """As TRAINING, but the running mean and variance stay unchanged: to evaluate the training loss."""
    EVALUATION = "evaluation"
    """Samples are independent: no unit is dropped, and the running mean and variance are used."""
