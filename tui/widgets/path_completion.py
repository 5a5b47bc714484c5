"""Completion of a path while it is typed, as a shell does it."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_MOST = 500
"""Maximum number of candidates, so that a huge folder does not hold up the dialog."""


@dataclass(frozen=True)
class Candidates:
    """The folders and files that start with what is typed."""

    folder: str = ""
    """The folder that they lie in, absolute."""
    names: tuple[str, ...] = ()
    """Sorted, folders first with a final separator."""
    others: int = 0
    """Number of files left out because of their suffix."""
    problem: str = ""
    """Why the folder cannot be listed; empty if it can."""


def candidates(text: str, suffixes: Sequence[str]) -> Candidates:
    """Return the candidates for a typed path: folders, and files with one of `suffixes`; hidden ones after a dot.

    Reads a folder: not for the event loop.
    """
    parent, begun = os.path.split(text)
    try:
        folder = Path(parent or ".").expanduser().absolute()
        with os.scandir(folder) as entries:
            found = [entry for entry in entries if entry.name.startswith(begun)]
    except (RuntimeError, ValueError):  # no such user; a null byte
        return Candidates(parent, problem="there is no such folder")
    except OSError as error:
        return Candidates(str(folder), problem=f"cannot list this folder: {error.strerror}")
    shown = [entry for entry in found if begun.startswith(".") or not entry.name.startswith(".")]
    folders = sorted(f"{entry.name}{os.sep}" for entry in shown if _is_folder(entry))
    files = [entry.name for entry in shown if not _is_folder(entry)]
    fitting = sorted(name for name in files if name.lower().endswith(tuple(suffixes)))
    names = (*folders, *fitting)[:_MOST]
    return Candidates(str(folder), names, len(files) - len(fitting))


def completed(text: str, names: Sequence[str]) -> str:
    """Return `text` with its last part extended as far as all `names` agree; `text` itself if they do not."""
    first, last = min(names, default=""), max(names, default="")
    same = (i for i, (one, other) in enumerate(zip(first, last, strict=False)) if one != other)
    common = first[: next(same, min(len(first), len(last)))]
    return with_name(text, common) if common else text


def with_name(text: str, name: str) -> str:
    """Return `text` with its last part replaced; "~" and "./" stay as typed."""
    return os.path.join(os.path.dirname(text), name)  # noqa: PTH118, PTH120


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
