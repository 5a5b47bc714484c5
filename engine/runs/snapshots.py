"""Snapshots for the replay of a training: the weights alone at log-spaced steps, in small files beside the checkpoints.

`snapshots/step-XXXXXXXX.safetensors` in a run's folder holds parameters, buffers, experiment and position, in the format
of `engine.storage.weights` without an optimizer state, so that no run is ever resumed from one. Most of the learning
happens early: the steps grow by a constant factor, 1, 2, 3, ..., 1,000, 1,200, ... A run without the folder is valid, and
so is one from which files are missing.
"""

import contextlib
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from engine.files.atomic import replace_file
from engine.files.regular import own_folder, reading
from engine.runs.checkpoints import list_weights, weights_name

if TYPE_CHECKING:
    from engine.training.trainer import Trainer

FOLDER_NAME = "snapshots"
MOST = 40
"""Snapshots of a run, at most."""
FEWEST = 12
"""A network of which fewer fit in `LARGEST` has none: it is replayed from its checkpoints."""
LARGEST = 1 << 20
"""Size of all snapshots of a run together, bytes, at most."""
PLANNED = 32
"""Log-spaced steps from the first update to the last, before equal ones are merged."""
BLOCK = 1 << 20
"""Bytes copied at a time."""
OVERHEAD = 4096
"""Size of a file without its weights, bytes, roughly; the first file written tells it exactly."""


def snapshot_path(folder: Path, step: int) -> Path:
    """Return the path of the snapshot after `step` updates in a run's folder."""
    return folder / FOLDER_NAME / weights_name(step)


def list_snapshots(folder: Path) -> list[tuple[int, Path]]:
    """Return (step, path) of each snapshot in a run's folder, sorted by step."""
    return list_weights(folder / FOLDER_NAME)


def copy_snapshots(source: Path, target: Path, up_to: int) -> None:
    """Copy the snapshots of a run up to step `up_to` into the folder of its fork, as far as they can be read."""
    for step, path in list_snapshots(source):
        if step <= up_to:
            with contextlib.suppress(OSError):
                own_folder(target / FOLDER_NAME)
                with reading(path) as stream:
                    replace_file(snapshot_path(target, step), iter(partial(stream.read, BLOCK), b""))


def planned_steps(total: int, count: int = PLANNED) -> list[int]:
    """Return at most `count` steps from 1 to `total`, each about the same factor larger than the one before."""
    if total < 1 or count < 2:
        return []
    return sorted({round(total ** (i / (count - 1))) for i in range(count)})


def least_needed(steps: Iterable[int]) -> int:
    """Return the step whose neighbours are nearest to each other in ratio; the first two and the last step stay.

    Args:
        steps: sorted, at least four.
    """
    found = list(steps)
    inner = range(2, len(found) - 1)
    return found[min(inner, key=lambda i: found[i + 1] / max(1, found[i - 1]))]


class SnapshotSeries:
    """Writes the snapshots of a training, and bounds their number and size; for the worker of the run.

    Reading the weights between two updates changes nothing in the training. Replaying is a convenience: if a snapshot
    cannot be written, the series ends and the training continues.
    """

    def __init__(self, trainer: "Trainer", folder: Path) -> None:
        self._trainer, self._folder = trainer, folder
        start = trainer.position.step
        self._discard_after(start)
        self._steps = [step for step, _ in list_snapshots(folder)]
        self._room = LARGEST // (trainer.network.state.nbytes + OVERHEAD)
        planned = planned_steps(trainer.total_steps)
        self._due = [step for step in ([0] if start == 0 else []) + planned if step not in self._steps]
        self._due = [step for step in self._due if step >= start] if self._room >= FEWEST else []

    def steps_until_due(self) -> int | None:
        """Return the number of updates to the next snapshot; None: there is none."""
        return self._due[0] - self._trainer.position.step if self._due else None

    def write_due(self) -> None:
        """Write a snapshot if one is due; to be called between two updates."""
        step = self._trainer.position.step
        if not self._due or self._due[0] > step:
            return
        self._due = [later for later in self._due if later > step]
        try:
            self._write(step)
        except OSError:
            self._due = []

    def _write(self, step: int) -> None:
        from engine.storage.weights import Snapshot, write_snapshot

        trainer, path = self._trainer, snapshot_path(self._folder, step)
        own_folder(path.parent)
        write_snapshot(path, Snapshot(trainer.network, trainer.experiment, trainer.position), durable=False)
        self._steps = sorted({*self._steps, step})
        most = max(FEWEST // 2, min(MOST, LARGEST // max(1, path.stat().st_size)))
        while len(self._steps) > most:
            surplus = least_needed(self._steps)
            snapshot_path(self._folder, surplus).unlink(missing_ok=True)
            self._steps.remove(surplus)

    def _discard_after(self, step: int) -> None:
        """Delete the snapshots of updates that a resume has rolled back."""
        for later, path in list_snapshots(self._folder):
            if later > step:
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)
