"""Sealed safetensors files: SHA-256 digests of payload and metadata, verified before anything is used."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import msgspec
import safetensors
import safetensors.numpy

from engine.arrays import Array
from engine.errors import CheckpointError
from engine.files.atomic import PRIVATE, reason_of, replace_file
from engine.files.regular import reading
from engine.words import counted

VERSION = "1"
LARGEST_HEADER = 100_000_000
"""Size limit of a header, bytes, as in safetensors itself."""
FOREIGN = "only weights that nnterm saved can be loaded"
DAMAGED = "use an earlier checkpoint"
_NO_DIGEST = "0" * 64


def write_sealed(
    path: Path, tensors: dict[str, Array], texts: Mapping[str, str], *, durable: bool, mode: int = PRIVATE
) -> None:
    """Write tensors, each contiguous, and metadata to `path`, whole or not at all.

    Args:
        durable: True: wait until the file is on the disk.
        mode: permissions of a new file.

    Raises:
        OSError: it cannot be written.
    """
    texts = {"nnterm": VERSION, **texts}
    metadata = texts | {"sha256": _NO_DIGEST, "sha256_metadata": _digest_of(texts)}
    blob = safetensors.numpy.save(tensors, metadata)
    end = 8 + int.from_bytes(blob[:8], "little")
    header, payload = blob[:end], memoryview(blob)[end:]
    digest = hashlib.sha256(payload).hexdigest()
    header = header.replace(f'"sha256":"{_NO_DIGEST}"'.encode(), f'"sha256":"{digest}"'.encode())
    replace_file(path, (header, payload), durable=durable, mode=mode)


def read_metadata(path: Path) -> dict[str, str]:
    """Return the metadata of a file; only its header is read.

    Raises:
        CheckpointError: the file is missing, cut off, foreign, or its header is damaged.
    """
    try:
        with reading(path) as stream:
            _, header, payload_bytes = _read_header(path, stream)
        return _check_header(path, header, payload_bytes)
    except OSError as error:
        raise CheckpointError(f"cannot read {path}: {reason_of(error)}", "see nnterm runs") from None


def read_sealed(path: Path) -> tuple[dict[str, str], dict[str, Array]]:
    """Return metadata and tensors of a file.

    Raises:
        CheckpointError: the file is missing, damaged or foreign.
    """
    try:
        with reading(path) as stream:
            start, header, payload_bytes = _read_header(path, stream)
            metadata = _check_header(path, header, payload_bytes)
            payload = stream.read()
    except OSError as error:
        raise CheckpointError(f"cannot read {path}: {reason_of(error)}", "see nnterm runs") from None
    if hashlib.sha256(payload).hexdigest() != metadata.get("sha256"):
        raise CheckpointError(f"{path} is damaged: its weights are not those that were written", DAMAGED)
    try:
        return metadata, safetensors.numpy.load(start + header + payload)
    except (safetensors.SafetensorError, ValueError, TypeError, KeyError) as error:
        raise CheckpointError(f"{path} is damaged: {error}", DAMAGED) from None


def _read_header(path: Path, stream: BinaryIO) -> tuple[bytes, bytes, int]:
    """Return the header's size as encoded in the file, the header, and the size of the payload in bytes."""
    size = path.stat().st_size
    start = stream.read(8)
    header_size = int.from_bytes(start, "little")
    if len(start) < 8 or not 2 <= header_size <= min(LARGEST_HEADER, size - 8):
        raise CheckpointError(f"{path} is not a weights file, or it is cut off", FOREIGN)
    return start, stream.read(header_size), size - 8 - header_size


class _Entry(msgspec.Struct):
    data_offsets: tuple[int, int]


def _check_header(path: Path, header: bytes, payload_bytes: int) -> dict[str, str]:
    """Return the metadata of a header; CheckpointError if it is foreign or damaged, or the payload incomplete."""
    try:
        entries = msgspec.json.decode(header, type=dict[str, msgspec.Raw])
        raw = entries.pop("__metadata__", msgspec.Raw(b"{}"))
        metadata = msgspec.json.decode(raw, type=dict[str, str])
        ends = [msgspec.json.decode(entry, type=_Entry).data_offsets[1] for entry in entries.values()]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise CheckpointError(f"{path} is not a weights file, or it is damaged", FOREIGN) from None
    version = metadata.get("nnterm")
    if version is None:
        raise CheckpointError(f"{path} was not written by nnterm: it contains no experiment", FOREIGN)
    if version != VERSION:
        raise CheckpointError(
            f"{path} was written by another version of nnterm (form {version})", "update nnterm"
        )
    if payload_bytes != max(ends, default=0):
        missing = max(ends, default=0) - payload_bytes
        words = (
            f"its last {counted(missing, 'byte')} are missing" if missing > 0 else "something follows its end"
        )
        raise CheckpointError(f"{path} is damaged: {words}", DAMAGED)
    if metadata.get("sha256_metadata") != _digest_of(metadata):
        raise CheckpointError(f"{path} is damaged: its metadata are not those that were written", DAMAGED)
    return metadata


def _digest_of(metadata: Mapping[str, str]) -> str:
    """Return the SHA-256 of all entries except the digests."""
    kept = {key: text for key, text in metadata.items() if not key.startswith("sha256")}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()
