"""A run's weights on disk: `checkpoints/step-XXXXXXXX.safetensors`, and `live.safetensors` for viewers."""

import re
from pathlib import Path

FOLDER_NAME = "checkpoints"
LIVE_NAME = "live.safetensors"
_NAME = re.compile(r"step-(\d{8,})\.safetensors")


def checkpoint_path(folder: Path, step: int) -> Path:
    """Return where the checkpoint after `step` updates belongs in a run's folder."""
    return folder / FOLDER_NAME / f"step-{step:08d}.safetensors"


def list_checkpoints(folder: Path) -> list[tuple[int, Path]]:
    """Return (step, path) of each checkpoint in a run's folder, in the order of steps."""
    try:
        paths = list((folder / FOLDER_NAME).iterdir())
    except OSError:
        return []
    matches = ((_NAME.fullmatch(path.name), path) for path in paths)
    return sorted((int(match[1]), path) for match, path in matches if match)
