"""Makes the package's copy of MNIST from the published files: `python -m engine.data.mnist_pack FOLDER`."""

import argparse
import gzip
import hashlib
import lzma
import sys
from pathlib import Path

from engine.data.mnist_files import FILES, FOLDER, IdxFile, xz_filters
from engine.words import counted


def pack(file: IdxFile, source: Path, target: Path) -> int:
    """Recompress one published file, NAME.gz in `source`, to NAME.xz in `target`, and return its size in bytes.

    Raises:
        ValueError: the content is not that of MNIST.
    """
    content = gzip.decompress((source / f"{file.published_name}.gz").read_bytes())
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise ValueError(f"{file.published_name}.gz does not match the published content")
    packed = lzma.compress(content, lzma.FORMAT_XZ, lzma.CHECK_CRC32, filters=xz_filters())
    (target / file.packed_path.name).write_bytes(packed)
    return len(packed)


def main(arguments: list[str] | None = None) -> int:
    """Pack all four files and print their sizes; return the exit code. Takes about two minutes."""
    parser = argparse.ArgumentParser(prog="python -m engine.data.mnist_pack", description=__doc__)
    parser.add_argument("source", type=Path, help="folder with the four published .gz files")
    parser.add_argument("target", type=Path, nargs="?", default=FOLDER, help="folder for the .xz files")
    options = parser.parse_args(arguments)
    try:
        for file in FILES:
            size_bytes = pack(file, options.source, options.target)
            sys.stdout.write(f"{file.packed_path.name}  {counted(size_bytes, 'byte')}\n")
    except (OSError, ValueError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
