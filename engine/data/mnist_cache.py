"""The cache of MNIST: arrays unpacked once into the user's cache folder and mapped into memory.

The package holds MNIST compressed; unpacking takes about a second. The first process that needs it unpacks it into a
temporary folder and renames that folder under a lock; other processes wait for it. If the cache cannot be written, each
process unpacks into its own memory.
"""

import functools
import io
import logging
import os
import shutil
import zlib
from pathlib import Path

import numpy as np

from engine.arrays import AnyArray
from engine.data.mnist_files import FILES, Arrays, IdxFile

FOLDER_NAME = "mnist-1"
"""The number is the version of the cache's format."""
LOCK_TIMEOUT_S = 60.0
"""A lock held longer than this is stale (some network file systems): MNIST is then unpacked into memory."""

log = logging.getLogger(__name__)


def cache_folder() -> Path:
    """Return nnterm's cache folder: $NNTERM_CACHE, or the platform's folder for caches."""
    chosen = os.environ.get("NNTERM_CACHE")
    if chosen:
        return Path(chosen).absolute()
    import platformdirs

    return platformdirs.user_cache_path("nnterm")


def load_arrays() -> Arrays:
    """Return MNIST's arrays, read-only uint8, from the cache, which is filled first if it is empty or damaged.

    Raises:
        DataError: the package's own files are missing or damaged.
    """
    folder = cache_folder() / FOLDER_NAME
    arrays = open_cached(folder)
    if arrays is not None:
        return arrays
    try:
        return _fill_cache(folder)
    except OSError as error:
        from engine.data.mnist_unpack import unpack_into_memory

        _warn_once(folder.parent, error.strerror or str(error))
        return unpack_into_memory()


@functools.cache
def _warn_once(folder: Path, reason: str) -> None:
    log.warning("cannot cache MNIST in %s (%s): unpacking it into memory instead", folder, reason)


def open_cached(folder: Path) -> Arrays | None:
    """Return the cached arrays, mapped into memory; None if one is missing or damaged.

    Their content was verified by SHA-256 when they were written, and they were renamed into place only when complete
    and on disk. Hashing 55 MB at each start would dominate the start-up time. Only later damage is checked for: the
    size and header of each file, and the checksum of the labels.
    """
    try:
        arrays = {file.part: _map_array(folder / f"{file.part}.npy", file) for file in FILES}
    except (OSError, ValueError):
        return None
    intact = all(zlib.crc32(arrays[part].data) == checksum for part, checksum in _LABEL_CHECKSUMS.items())
    return arrays if intact else None


_LABEL_CHECKSUMS = {"train_y": 0xBA07E8EF, "test_y": 0xEE8604D9}
"""CRC-32 of the label arrays."""


def _map_array(path: Path, file: IdxFile) -> AnyArray:
    """Map one cached array; raise OSError or ValueError if this module did not write it."""
    header = npy_header(file.shape)
    if path.stat().st_size != len(header) + file.payload_bytes:
        raise ValueError(f"{path} has the wrong size")
    with path.open("rb") as stream:
        if stream.read(len(header)) != header:
            raise ValueError(f"{path} has a wrong header")
        mapped = np.memmap(stream, np.uint8, "r", offset=len(header), shape=file.shape)
    return mapped.view(np.ndarray)  # memmap's overhead would slow down every batch


def npy_header(shape: tuple[int, ...]) -> bytes:
    """Return the header of a .npy file with uint8 values of this shape."""
    stream = io.BytesIO()
    description = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, description)
    return stream.getvalue()


def _fill_cache(folder: Path) -> Arrays:
    """Unpack into `folder` unless another process has just done so; raise OSError if it cannot be written."""
    import filelock

    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(folder.with_suffix(".lock"), timeout=LOCK_TIMEOUT_S):
            arrays = open_cached(folder)
            return arrays if arrays is not None else _replace_folder(folder)
    except (filelock.Timeout, NotImplementedError):
        raise OSError("another process holds the lock, or the file system has none") from None


def _replace_folder(folder: Path) -> Arrays:
    """Unpack into a temporary folder and rename it to `folder`; the caller holds the lock."""
    import tempfile

    prefix = f".{folder.name}-"
    for leftover in folder.parent.glob(f"{prefix}*"):  # of a killed process, since we hold the lock
        shutil.rmtree(leftover, ignore_errors=True)
    temporary = Path(tempfile.mkdtemp(prefix=prefix, dir=folder.parent))
    try:
        for file in FILES:
            _unpack_to_file(file, temporary / f"{file.part}.npy")
        if folder.exists():
            folder.replace(temporary / "damaged")  # processes that have mapped it keep their mapping
        temporary.replace(folder)
        shutil.rmtree(folder / "damaged", ignore_errors=True)
        _sync_folder(folder.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    arrays = open_cached(folder)
    if arrays is None:
        raise OSError("the written file could not be read back")
    return arrays


def _unpack_to_file(file: IdxFile, path: Path) -> None:
    from engine.data.mnist_unpack import unpack

    with path.open("wb") as stream:
        stream.write(npy_header(file.shape))
        unpack(file, stream.write)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
