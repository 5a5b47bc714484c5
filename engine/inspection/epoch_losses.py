"""The loss of a run over its epochs, downsampled, for a plot beside a view."""

from pathlib import Path

import msgspec

from engine.events import Epoch
from engine.inspection.rasters import finite
from engine.runs import log
from engine.runs.history import read_history

MOST_POINTS = 240


class EpochLosses(msgspec.Struct, frozen=True):
    """Training and validation loss at the end of epochs; None where a loss is not finite or was not computed."""

    steps: tuple[int, ...] = ()
    train: tuple[float | None, ...] = ()
    validation: tuple[float | None, ...] = ()


class LossReader:
    """Reads the loss curve of a run; again when its events have grown."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._size = -1
        self._curve = EpochLosses()

    def read(self) -> EpochLosses:
        """Return the curve so far, empty if there is none."""
        try:
            size = (self._folder / log.FILE_NAME).stat().st_size
        except OSError:
            return self._curve
        if size != self._size:
            self._size, self._curve = size, curve_of(read_history(self._folder).epochs)
        return self._curve


def curve_of(epochs: list[Epoch]) -> EpochLosses:
    """Return the losses of evenly spaced epochs, the last one included."""
    stride = max(1, -(-len(epochs) // MOST_POINTS))
    some = epochs[len(epochs) - 1 :: -stride][::-1] if epochs else []
    return EpochLosses(
        steps=tuple(one.step for one in some),
        train=tuple(_finite(one.train_loss) for one in some),
        validation=tuple(_finite(one.validation_loss) for one in some),
    )


def _finite(loss: float | None) -> float | None:
    return None if loss is None else finite(loss)
