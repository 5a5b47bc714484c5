"""A toy loss: one class and one entry in `LOSSES`."""

from typing import Any, ClassVar

import numpy as np

from engine.arrays import Array
from engine.nn.loss import Loss, LossScratch


class SmoothL1(Loss, frozen=True, tag="smooth_l1"):
    """L = mean of d²/2 for |d| ≤ 1, else |d| − 1/2, with d = z − t; gradient clip(d, −1, 1) / (m k).

    As `torch.nn.SmoothL1Loss`. Source: Girshick 2015.
    """

    takes_values: ClassVar[bool] = True
    torch_name: ClassVar[str] = "smooth_l1_loss"

    def differentiate(
        self, scores: Array, targets: Array, gradient: Array, scale: float, scratch: LossScratch
    ) -> Any:
        off = scores - targets
        np.clip(off, -1, 1, out=gradient)
        loss = float((gradient * (off - gradient / 2)).mean())
        gradient *= scale / scores.size
        return loss
