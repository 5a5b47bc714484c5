"""Writes files whole or not at all."""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

TEMPORARY = ".*.tmp"
"""Pattern of the temporary files that a killed writer may leave behind."""


def replace_file(path: Path, parts: Iterable[bytes | memoryview], *, durable: bool = False) -> None:
    """Give `path` new content in one step: a reader sees the old or the new, never a part.

    Args:
        parts: the content, piece by piece.
        durable: wait until content and name are on the disk, so that a power loss keeps them.

    Raises:
        OSError: it cannot be written; `path` is as it was, and nothing is left beside it.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as stream:
            for part in parts:
                stream.write(part)
            stream.flush()
            if durable:
                os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def read_limited(path: Path, limit_bytes: int) -> bytes:
    """Return the content of a file; OSError too where it is larger than such a file can be."""
    with path.open("rb") as stream:
        content = stream.read(limit_bytes + 1)
    if len(content) > limit_bytes:
        raise OSError(None, f"it is larger than {limit_bytes:,} bytes")
    return content


def sync_folder(folder: Path) -> None:
    """Wait until the names in `folder` are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_temporaries(folder: Path) -> None:
    """Remove what a killed writer left in `folder`; only for the one who may write there."""
    for leftover in folder.glob(TEMPORARY):
        with contextlib.suppress(OSError):
            leftover.unlink()


def reason_of(error: OSError) -> str:
    """Return in words why a file could not be read or written."""
    return error.strerror or str(error) or type(error).__name__
