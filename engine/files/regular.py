"""Opening of files in folders that a stranger may have filled: never a link, a pipe, a device or a huge hole.

Opening a FIFO blocks, /dev/zero never ends, and writing through a symbolic link reaches files outside of the folder.
"""

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

SPARSE_FROM = 64 << 20
"""Size, bytes, from which a file with next to no data on the disk is refused."""
SPARSE_RATIO = 1_000
"""Bytes per byte on the disk that no text or weights reach, even on a file system that compresses."""


_TAIL = 1 << 16


def open_regular(
    path: Path, flags: int = os.O_RDONLY, mode: int = 0o600, *, follows_links: bool = False
) -> int:
    """Return a descriptor of a regular file.

    Args:
        mode: with `O_CREAT`, permissions of a new file.
        follows_links: True for a file that the user named, which may be reached by a link.

    Raises:
        OSError: it cannot be opened, or is a symbolic link, not a regular file, or sparse.
    """
    nofollow = 0 if follows_links else getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(path, flags | os.O_CLOEXEC | os.O_NONBLOCK | nofollow, mode)
    except OSError as error:
        if error.errno == errno.ELOOP and not follows_links:
            raise OSError(errno.ELOOP, "it is a symbolic link", str(path)) from None
        if error.errno == errno.ENXIO:  # a FIFO without a reader, a socket
            raise OSError(errno.ENXIO, "it is not a regular file", str(path)) from None
        raise
    try:
        _check(descriptor, path)
        os.set_blocking(descriptor, True)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _check(descriptor: int, path: Path) -> None:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file", str(path))
    if status.st_size > SPARSE_FROM and status.st_blocks * 512 * SPARSE_RATIO < status.st_size:
        raise OSError(errno.EINVAL, "it holds next to no data for its size", str(path))


def reading(path: Path, *, follows_links: bool = False) -> BufferedReader:
    """Return a regular file, opened for reading; arguments and errors as in `open_regular`."""
    return os.fdopen(open_regular(path, follows_links=follows_links), "rb")


def last_lines(path: Path, count: int) -> list[str]:
    """Return the last lines of a log, as far as they are in its last 64 kB; none if it cannot be read."""
    try:
        with reading(path) as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - _TAIL))
            return stream.read(_TAIL).decode("utf-8", "replace").splitlines()[-count:]
    except OSError:
        return []


def appending(path: Path) -> BinaryIO:
    """Return a regular file, opened for appending and made if missing; errors as in `open_regular`."""
    return os.fdopen(open_regular(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT), "ab")


def own_folder(path: Path) -> Path:
    """Make a private folder, mode 0700, unless it is there, and return it.

    Raises:
        OSError: it cannot be made, or is a symbolic link or not a folder.
    """
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        if not is_own_folder(path):
            raise OSError(errno.ENOTDIR, "it is a symbolic link or not a folder", str(path)) from None
    return path


def is_own_folder(path: Path) -> bool:
    """Return True if `path` is a folder and no symbolic link."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False
