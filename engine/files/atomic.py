"""Atomic writes and bounded reads of files."""

import contextlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from engine.files.regular import is_own_folder, open_regular, reading

PRIVATE, SHARED = 0o600, 0o666
"""Modes of new files: of a run's for its owner alone, of a file that the user named as the umask has it."""

TEMPORARY = ".*.tmp"
"""Pattern of the temporary files that a killed writer may leave behind."""


def replace_file(
    path: Path, parts: Iterable[bytes | memoryview], *, durable: bool = False, mode: int = PRIVATE
) -> None:
    """Replace the content of `path` in one step: a reader sees the old or the new content, never a part.

    Args:
        parts: the content, in pieces.
        durable: True: wait until content and name are on the disk, so that they survive a power loss.
        mode: permissions of a new file; one that is replaced keeps its own.

    Raises:
        OSError: it cannot be written; `path` is unchanged, and no temporary file is left.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}.tmp")
    try:
        # exclusive: what somebody put in its place is not written through
        descriptor = open_regular(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as stream:
            _keep_mode(path, descriptor)
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


def _keep_mode(path: Path, descriptor: int) -> None:
    """Give a new file the permissions of the regular file that it replaces, if there is one."""
    try:
        before = path.lstat()
    except FileNotFoundError:
        return
    if stat.S_ISREG(before.st_mode):
        os.fchmod(descriptor, stat.S_IMODE(before.st_mode))


def read_limited(path: Path, limit_bytes: int, *, any_kind: bool = False) -> bytes:
    """Return the content of a regular file.

    Args:
        any_kind: True for a file that the user named, which may be a link or a pipe.

    Raises:
        OSError: it cannot be read, is not a regular file, or is larger than `limit_bytes`.
    """
    with path.open("rb") if any_kind else reading(path) as stream:
        content = stream.read(limit_bytes + 1)
    if len(content) > limit_bytes:
        raise OSError(None, f"it is larger than {limit_bytes:,} bytes")
    return content


def sync_folder(folder: Path) -> None:
    """Wait until the directory entries of `folder` are on the disk; OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_temporaries(folder: Path) -> None:
    """Remove the temporary files of a killed writer from `folder`, unless it is a link; only for its sole writer."""
    if not is_own_folder(folder):
        return
    for leftover in folder.glob(TEMPORARY):
        with contextlib.suppress(OSError):
            leftover.unlink()


def reason_of(error: OSError) -> str:
    """Return the reason of an OSError in words."""
    return error.strerror or str(error) or type(error).__name__
