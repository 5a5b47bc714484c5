"""Unpacks the package's copy of MNIST, proving its content by SHA-256 on the way."""

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
    """Return the arrays without any file, read-only; once a process."""
    arrays: Arrays = {}
    for file in FILES:
        content = bytearray()
        unpack(file, content.extend)
        arrays[file.part] = np.frombuffer(bytes(content), np.uint8).reshape(file.shape)
    return arrays


def unpack(file: IdxFile, write: Callable[[bytes], object]) -> None:
    """Hand the values of one packed file, a byte each, to `write` piece by piece, proving them on the way.

    Raises:
        DataError: the package's file is missing, or its content is not that of MNIST.
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
