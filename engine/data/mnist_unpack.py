"""Unpacking of the package's copy of MNIST, verified by SHA-256."""

import functools
import hashlib
import lzma
from collections.abc import Callable

import numpy as np

from engine.data.mnist_files import FILES, Arrays, IdxFile
from engine.errors import DataError

_CHUNK_BYTES = 1 << 20


@functools.cache
def unpack_into_memory() -> Arrays:
    """Return the arrays, read-only uint8, without writing a file; cached for the process.

    Raises:
        DataError: a file of the package is missing or damaged.
    """
    arrays: Arrays = {}
    for file in FILES:
        content = bytearray()
        unpack(file, content.extend)
        arrays[file.part] = np.frombuffer(bytes(content), np.uint8).reshape(file.shape)
    return arrays


def unpack(file: IdxFile, write: Callable[[bytes], object]) -> None:
    """Pass the values of one packed file, one byte each, to `write` in chunks of 1 MiB, and verify their SHA-256.

    Raises:
        DataError: the file is missing or damaged; `write` may have received a part of it.
    """
    digest = hashlib.sha256()
    skip = file.header_bytes
    with _open_packed(file) as stream:
        while chunk := _read_chunk(stream, file):
            digest.update(chunk)
            write(chunk[skip:])
            skip = 0
    if digest.hexdigest() != file.sha256:
        raise _broken_package(file, "not the published content")


def _open_packed(file: IdxFile) -> lzma.LZMAFile:
    try:
        return lzma.LZMAFile(file.packed_path)
    except OSError as error:
        raise _broken_package(file, error.strerror or "unreadable") from None


def _read_chunk(stream: lzma.LZMAFile, file: IdxFile) -> bytes:
    try:
        return stream.read(_CHUNK_BYTES)
    except (lzma.LZMAError, EOFError):
        raise _broken_package(file, "damaged") from None


def _broken_package(file: IdxFile, reason: str) -> DataError:
    return DataError(f"nnterm's own copy of MNIST, {file.packed_path}: {reason}", "install nnterm again")
