"""Refusal of symbolic links in a run's folder, through which a worker would write outside of it."""

import os
from pathlib import Path

from engine.errors import RunError
from engine.files.atomic import reason_of
from engine.runs.checkpoints import FOLDER_NAME


def refuse_links(folder: Path) -> None:
    """Raise a RunError if a run's folder, an entry of it, or of its checkpoints, is a symbolic link."""
    if folder.is_symlink():
        raise RunError(
            f"{folder} is a symbolic link: a run writes into its own folder only",
            "name the run by the path of its folder",
        )
    for place in (folder, folder / FOLDER_NAME):
        try:
            with os.scandir(place) as entries:
                links = sorted(entry.name for entry in entries if entry.is_symlink())
        except FileNotFoundError:
            continue
        except OSError as error:
            raise RunError(f"cannot read {place}: {reason_of(error)}") from None
        if links:
            raise RunError(
                f"{place / links[0]} is a symbolic link: a run writes into its own folder only",
                "put the file itself in its place",
            )
