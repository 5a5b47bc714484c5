"""Evaluation of a network on its device. Imports torch; import it inside a function."""

import torch
from torch import Tensor

from engine.nn.network import ROWS_AT_A_TIME
from engine.torch.backend.batches import Resident, predicted
from engine.torch.parallel.group import ProcessGroup
from engine.torch.twin import Twin
from engine.training.evaluation import Figures


def evaluate_split(twin: Twin, split: Resident, group: ProcessGroup) -> Figures:
    """Return mean loss and accuracy of the twin over a whole split, in evaluation mode.

    The processes of a group share the blocks of rows. Each block's loss comes from one process, so that the figures
    are bit for bit those of a single process. A regression has no accuracy.
    """
    n = len(split)
    if not n:
        return Figures()
    starts = range(0, n, ROWS_AT_A_TIME)
    losses = split.x.new_zeros(len(starts), dtype=twin.dtype)
    correct = split.x.new_zeros((), dtype=torch.int64)
    twin.eval()
    with torch.no_grad():
        for i in range(group.rank, len(starts), group.size):
            block = slice(starts[i], starts[i] + ROWS_AT_A_TIME)
            logits = twin.logits(split.rows(split.x[block]))
            losses[i] = twin.loss_of(logits, split.targets[block])
            if split.classes is not None:
                correct += (predicted(logits) == split.classes[block]).sum()
    twin.train()
    group.add_up(losses)
    group.add_up(correct)
    accuracy = None if split.classes is None else int(correct) / n
    return Figures(_mean(losses, n), accuracy)


def _mean(losses: Tensor, n: int) -> float:
    """Return the mean over n samples from the blocks' mean losses."""
    sizes = [min(ROWS_AT_A_TIME, n - i * ROWS_AT_A_TIME) for i in range(len(losses))]
    total = 0.0
    for loss, size in zip(losses.tolist(), sizes, strict=True):
        total += loss * size
    return total / n
