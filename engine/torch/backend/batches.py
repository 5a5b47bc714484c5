"""Training data resident on the device, and batches gathered there. Imports torch; import it inside a function."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.arrays import AnyArray
from engine.data import Split
from engine.nn.network import Network


class Resident:
    """A split on the device: pixels as bytes, scaled batch by batch as on the host; everything else as floats.

    Args:
        network: gives the dtype, and encodes the targets.
        split: n samples.
        device: cpu, cuda:0, ...
        targets_as_classes: True if the loss takes class indices, (m,), instead of one-hot rows: less memory and work.
    """

    def __init__(self, network: Network, split: Split, device: str, targets_as_classes: bool) -> None:
        rows, scaler = split.stored()
        self._dtype = getattr(torch, network.dtype.name)
        self._scaling: tuple[Any, Any] | None = None
        self.x = _tensor(rows, device)  # (n, n_features)
        if scaler is None:
            self.x = self.x.to(self._dtype)
        else:
            offset = _operand(scaler.offset, device, self._dtype) if scaler.offset.any() else None
            self._scaling = offset, _operand(scaler.factor, device, self._dtype)
        targets = split.y.astype(np.int64) if targets_as_classes else network.encode(split.y)
        self.targets = _tensor(targets, device)  # (n, n_outputs), or classes (n,)
        self.classes = _tensor(split.y, device) if split.y.dtype.kind == "i" else None  # (n,)

    def __len__(self) -> int:
        return len(self.targets)

    def rows(self, stored: Tensor) -> Tensor:
        """Return stored rows (m, n_features) as the network's input, in its dtype."""
        if self._scaling is None:
            return stored
        offset, factor = self._scaling
        floats = stored.to(self._dtype)
        if offset is not None:
            floats -= offset
        return floats.mul_(factor)


class DeviceBatches:
    """The batches of `engine.training.batches.BatchSource`, sample for sample, and the network's predictions."""

    def __init__(self, resident: Resident, batch_size: int, seed: int, device: str) -> None:
        self._data, self._m, self._seed, self._device = resident, batch_size, seed, device
        n = len(resident)
        self._whole = batch_size == n
        self._order = torch.arange(n, device=device)  # (n,)
        self._everything = resident.rows(resident.x) if self._whole else None
        self._records, self._epoch = False, -1
        self._predictions = torch.full((n,), -1, dtype=torch.int64, device=device)  # -1: none

    def start_epoch(self, epoch: int, records: bool) -> None:
        """Use this epoch's order of the samples; `records` is True if `count_correct` will be called."""
        self._records = records and self._data.classes is not None
        if not self._whole and epoch != self._epoch:
            self._epoch = epoch
            order = np.random.default_rng([self._seed, epoch]).permutation(len(self._data))
            self._order = _tensor(order, self._device)

    def take(self, start: int, stop: int) -> tuple[Tensor, Tensor]:
        """Return x (m, n_features) and targets of the samples `start` to `stop` in the epoch's order."""
        if self._everything is not None:
            return self._everything[start:stop], self._data.targets[start:stop]
        indices = self._order[start:stop]
        stored = self._data.x.index_select(0, indices)
        return self._data.rows(stored), self._data.targets.index_select(0, indices)

    def record(self, start: int, logits: Tensor) -> None:
        """Store the predictions of `logits` (m, n_outputs) for the samples from `start` on."""
        if self._records:
            self._predictions[start : start + len(logits)] = predicted(logits)

    def count_correct(self, start: int, stop: int) -> Tensor | None:
        """Return the number of correct predictions from `start` to `stop`, shape (), and clear them.

        None: predictions are not stored.
        """
        if not self._records or self._data.classes is None:
            return None
        predictions = self._predictions[start:stop]
        correct = (predictions == self._data.classes[self._order[start:stop]]).sum()
        predictions.fill_(-1)
        return correct


def predicted(logits: Tensor) -> Tensor:
    """Return the class of each row of logits (m, n_outputs), (m,) int64; a single output gives 1 if positive, else 0."""
    return logits.argmax(1) if logits.shape[1] > 1 else (logits[:, 0] > 0).to(torch.int64)


def _tensor(array: AnyArray, device: str) -> Tensor:
    """Return a copy on the device, of the same dtype."""
    return torch.from_numpy(np.array(array, order="C")).to(device)


def _operand(values: AnyArray, device: str, dtype: torch.dtype) -> float | Tensor:
    """Return one number for all features, or a tensor with one for each."""
    return values.item() if values.size == 1 else torch.from_numpy(values).to(dtype).to(device)
