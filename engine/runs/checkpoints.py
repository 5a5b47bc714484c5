"""The files with weights in a run's folder: `checkpoints/step-XXXXXXXX.safetensors`, and `live.safetensors`."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from engine.errors import CheckpointError
from engine.files.regular import is_own_folder, own_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.storage.weights import Snapshot
    from engine.training.position import Position

FOLDER_NAME = "checkpoints"
ASIDE_NAME = "aside"
"""Subfolder for damaged checkpoints, and for those of updates that were rolled back."""
LIVE_NAME = "live.safetensors"
_NAME = re.compile(r"step-(\d{8,18})\.safetensors")


class LoadedCheckpoint(NamedTuple):
    """A checkpoint and its content."""

    path: Path
    snapshot: "Snapshot"


def checkpoint_path(folder: Path, step: int) -> Path:
    """Return the path of the checkpoint after `step` updates in a run's folder."""
    return folder / FOLDER_NAME / weights_name(step)


def weights_name(step: int) -> str:
    """Return the name of a file with the weights after `step` updates."""
    return f"step-{step:08d}.safetensors"


def list_checkpoints(folder: Path) -> list[tuple[int, Path]]:
    """Return (step, path) of each checkpoint in a run's folder, sorted by step."""
    return list_weights(folder / FOLDER_NAME)


def list_weights(folder: Path) -> list[tuple[int, Path]]:
    """Return (step, path) of each file with weights in `folder`, sorted by step; empty if it cannot be read."""
    try:
        paths = list(folder.iterdir())
    except OSError:
        return []
    matches = ((_NAME.fullmatch(path.name), path) for path in paths)
    return sorted((int(match[1]), path) for match, path in matches if match)


def weight_files(folder: Path) -> list[Path]:
    """Return the files with weights in a run's folder, newest first: the live ones, then the checkpoints."""
    live = folder / LIVE_NAME
    saved = [path for _, path in reversed(list_checkpoints(folder))]
    return [live, *saved] if live.exists() else saved


def positions(folder: Path) -> "dict[int, tuple[Position, Path]]":
    """Return position and path of each readable checkpoint of a run, by its step, sorted; only headers are read."""
    return positions_of(list_checkpoints(folder))


def positions_of(files: "Iterable[tuple[int, Path]]") -> "dict[int, tuple[Position, Path]]":
    """Return position and path of each readable file with weights, by its step; only headers are read."""
    from engine.storage.weights import read_position

    found: dict[int, tuple[Position, Path]] = {}
    for step, path in files:
        try:
            position = read_position(path)
        except CheckpointError:
            continue
        if position is not None and position.step == step:
            found[step] = (position, path)
    return found


def read_newest(folder: Path, n_parameters: int) -> "Iterator[LoadedCheckpoint | CheckpointError]":
    """Yield the checkpoints of a run, newest first; an error in place of each that cannot be used.

    Args:
        n_parameters: number of parameters of the run's network, which the checkpoints must have too.
    """
    from engine.storage.weights import load_snapshot

    for step, path in reversed(list_checkpoints(folder)):
        try:
            snapshot = load_snapshot(path)
        except CheckpointError as error:
            yield error
            continue
        if snapshot.position is None or snapshot.position.step != step:
            yield CheckpointError(f"{path} does not belong to step {step}")
        elif len(snapshot.network.theta) != n_parameters:
            yield CheckpointError(f"{path} belongs to another network")
        else:
            yield LoadedCheckpoint(path, snapshot)


def set_aside(folder: Path, after: int) -> list[Path]:
    """Move the checkpoints after step `after` to the subfolder `aside`; return their former paths. OSError."""
    if not is_own_folder(folder / FOLDER_NAME):
        return []
    later = [path for step, path in list_checkpoints(folder) if step > after]
    for path in later:
        aside = path.parent / ASIDE_NAME
        own_folder(aside)
        path.replace(aside / path.name)
    return later
