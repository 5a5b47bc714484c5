"""Reading of untrusted .npz files: headers before content, no unpickling, every error in one line."""

import difflib
import math
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from engine.arrays import AnyArray
from engine.errors import DataError

ONLY_NPZ = "Only .npz files are supported."
HOW_TO_SAVE = 'save the arrays from Python with numpy.savez("data.npz", x=x, y=y)'

SMALL_BYTES = 64 << 20
"""Size of an array up to which the free memory is not checked."""
WORK_FACTOR = 2
"""Memory that loading takes, per byte of an array: the array and its conversion."""


@dataclass(frozen=True)
class ArrayHeader:
    """Shape and dtype of a stored array."""

    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]


class NpzFile:
    """An open .npz file, a context manager. Its methods raise only DataError; `names` lists the arrays."""

    def __init__(self, path: Path) -> None:
        self.path = path
        _check_path(path)
        with _clear_errors(path):
            if not zipfile.is_zipfile(path):
                raise DataError(f"{path}: {_what_it_is(path)}", HOW_TO_SAVE)
            self._archive = zipfile.ZipFile(path)
        self.names = tuple(
            name.removesuffix(".npy") for name in self._archive.namelist() if name.endswith(".npy")
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def header(self, name: str) -> ArrayHeader:
        """Return shape and dtype of an array without reading its content.

        Raises:
            DataError: the array does not exist, is truncated, or does not hold plain values.
        """
        self._check_name(name)
        with _clear_errors(self.path, name), self._archive.open(f"{name}.npy") as stream:
            version = np.lib.format.read_magic(stream)
            if version not in _READ_HEADER:
                raise DataError(f"{self.path}: {name} is not a plain array of numbers", HOW_TO_SAVE)
            shape, _, dtype = _READ_HEADER[version](stream)
            expected_bytes = stream.tell() + math.prod(shape) * dtype.itemsize
        if dtype.hasobject or dtype.names:
            what = "Python objects, which only a pickle can hold; those may run code and are not read"
            reason = what if dtype.hasobject else "records"
            raise DataError(f"{self.path}: {name} holds {reason}", _how_to_convert(name))
        if self._archive.getinfo(f"{name}.npy").file_size != expected_bytes:
            raise DataError(f"{self.path}: {name} is cut short or damaged", HOW_TO_SAVE)
        return ArrayHeader(tuple(int(size) for size in shape), dtype)

    def array(self, name: str) -> AnyArray:
        """Return an array; errors as in `header`, or it does not fit into memory."""
        header = self.header(name)
        self._check_memory(name, math.prod(header.shape) * header.dtype.itemsize)
        with _clear_errors(self.path, name), self._archive.open(f"{name}.npy") as stream:
            content: AnyArray = np.lib.format.read_array(stream, allow_pickle=False)
        return content

    def _check_memory(self, name: str, size_bytes: int) -> None:
        """Raise a DataError if an array is too large for the memory that is free; small files may hold huge arrays."""
        if size_bytes < SMALL_BYTES:
            return
        import psutil  # here: most files are small

        free = psutil.virtual_memory().available
        if size_bytes * WORK_FACTOR > free:
            reason = f"takes {size_bytes / 1e9:.1f} GB, and {free / 1e9:.1f} GB of memory are free"
            hint = "store fewer samples, or a smaller dtype; loading takes twice the size of the arrays"
            raise DataError(f"{self.path}: {name} {reason}", hint)

    def _check_name(self, name: str) -> None:
        if name not in self.names:
            found = ", ".join(self.names) or "nothing"
            hint = _how_to_rename(self.path, self.names) or HOW_TO_SAVE
            raise DataError(f"{self.path}: there is no array {name}; found: {found}", hint)


_READ_HEADER = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


@contextmanager
def _clear_errors(path: Path, name: str = "") -> Iterator[None]:
    """Convert any exception of zipfile, zlib, the header parser or NumPy to a DataError of one line."""
    place = f"{path}: {name}" if name else f"{path}"
    try:
        yield
    except DataError:
        raise
    except MemoryError:
        raise DataError(
            f"{place} does not fit into memory", "store fewer samples, or a smaller dtype"
        ) from None
    except OSError as error:
        raise DataError(f"{place} cannot be read: {error.strerror or error}") from None
    except Exception as error:
        first_line = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(f"{place} is damaged: {first_line}", HOW_TO_SAVE) from None


def _check_path(path: Path) -> None:
    """Raise DataError unless `path` is a file with the suffix .npz."""
    with _clear_errors(path):
        if not path.exists():
            raise DataError(f"there is no file {path}", _nearest_file(path))
        if path.is_dir():
            raise DataError(f"{path} is a folder. {ONLY_NPZ}", HOW_TO_SAVE)
        if path.suffix.lower() != ".npz":
            raise DataError(f"{path}: {ONLY_NPZ}", _how_to_read_table(path))
        if not path.is_file():
            raise DataError(f"{path} is not a file")


def _how_to_convert(name: str) -> str:
    """Return how to store an array without Python objects, as pandas gives them for texts."""
    if name.startswith("y"):
        return f"store {name}.astype(str) for texts, {name}.astype(float) for numbers"
    return (
        f"store {name}.astype(float); text columns as 0 and 1, one column a text: pandas.get_dummies(table)"
    )


_OTHER_NAMES = {"x": ("X", "x_train", "X_train", "data"), "y": ("Y", "y_train", "Y_train", "target")}
_OTHER_TESTS = {"x_test": ("X_test",), "y_test": ("Y_test",)}


def _how_to_rename(path: Path, names: tuple[str, ...]) -> str:
    """Return the line that saves the arrays of well-known names under ours; empty if it is not clear which they are."""
    pairs = {
        ours: next((other for other in others if other in names), ours)
        for ours, others in _OTHER_NAMES.items()
    }
    if not all(theirs in names for theirs in pairs.values()):
        return ""
    tests = {
        ours: next((one for one in (ours, *others) if one in names), "")
        for ours, others in _OTHER_TESTS.items()
    }
    pairs |= tests if all(tests.values()) else {}
    arrays = ", ".join(f'{ours}=d["{theirs}"]' for ours, theirs in pairs.items())
    return f'in Python: d = numpy.load("{path.name}"); numpy.savez("{path.stem}-xy.npz", {arrays})'


_TABLES = {
    ".csv": "csv",
    ".tsv": "table",
    ".parquet": "parquet",
    ".xlsx": "excel",
    ".json": "json",
    ".feather": "feather",
}


def _how_to_read_table(path: Path) -> str:
    """Return the line that converts a table, whose label column is called target there."""
    reader = _TABLES.get(path.suffix.lower())
    if reader is None:
        return HOW_TO_SAVE
    return (
        f'in Python: t = pandas.read_{reader}("{path.name}"); y = t.pop("target"); '
        f'numpy.savez("{path.stem}.npz", x=t.to_numpy(float), y=y.to_numpy(str)); '
        "for values instead of classes, y.to_numpy(float)"
    )


def _nearest_file(path: Path) -> str:
    try:
        names = [other.name for other in path.parent.iterdir()]
    except OSError:
        return f"there is no folder {path.parent} either"
    near = difflib.get_close_matches(path.name, names, n=1, cutoff=0.6)
    return (
        f'did you mean "{path.with_name(near[0])}"?'
        if near
        else "nnterm data list shows the registered datasets"
    )


def _what_it_is(path: Path) -> str:
    """Return a description, from its first bytes, of a file that is not a zip archive."""
    with path.open("rb") as stream:
        start = stream.read(6)
    if not start:
        return "is empty"
    if start.startswith(b"\x80"):
        return "is a Python pickle, which may run code when it is read; it is never read"
    if start == b"\x93NUMPY":
        return "is a single array (.npy); two are needed, x and y"
    return "is cut short" if start.startswith(b"PK") else "is not an .npz file"
