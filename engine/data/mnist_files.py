"""The four files of MNIST: their location in the package, compression and checksums."""

import math
from pathlib import Path
from typing import Any

import msgspec

from engine.arrays import AnyArray

Arrays = dict[str, AnyArray]
"""uint8 by part: train_x (60000, 28, 28), train_y (60000,), test_x (10000, 28, 28), test_y (10000,)."""

FOLDER = Path(__file__).with_name("mnist")
"""The package's copy: each file as published, recompressed with xz; `xz -dc FILE | sha256sum` verifies it."""


class IdxFile(msgspec.Struct, frozen=True):
    """One file in IDX format: a header of big-endian 32-bit numbers, then one byte per value."""

    part: str
    """Name of the array in the cache."""
    published_name: str
    shape: tuple[int, ...]
    """Shape of the array."""
    sha256: str
    """Of the decompressed file, header included."""

    @property
    def packed_path(self) -> Path:
        """The file in the package."""
        return FOLDER / f"{self.published_name}.xz"

    @property
    def header_bytes(self) -> int:
        """Size of the header: a magic number and the length of each axis."""
        return 4 + 4 * len(self.shape)

    @property
    def payload_bytes(self) -> int:
        """Size of the values, one byte each."""
        return math.prod(self.shape)


FILES = (
    IdxFile(
        "train_x",
        "train-images-idx3-ubyte",
        (60_000, 28, 28),
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    IdxFile(
        "train_y",
        "train-labels-idx1-ubyte",
        (60_000,),
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    IdxFile(
        "test_x",
        "t10k-images-idx3-ubyte",
        (10_000, 28, 28),
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    IdxFile(
        "test_y",
        "t10k-labels-idx1-ubyte",
        (10_000,),
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
)


def xz_filters() -> list[dict[str, Any]]:
    """Return the settings of xz that gave the smallest files of those tried.

    Pixels are not aligned: 4 context bits, no position bits. Strokes repeat over the whole file: a dictionary of its
    size saves 6 % over one of 1 MB. A different order of the bytes would save a little more, but then `xz -dc` would
    not reproduce the published file.
    """
    import lzma

    preset = 9 | lzma.PRESET_EXTREME
    return [{"id": lzma.FILTER_LZMA2, "preset": preset, "dict_size": 48 << 20, "lc": 4, "lp": 0, "pb": 0}]
