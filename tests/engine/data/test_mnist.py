"""MNIST: the package holds the published files."""

import hashlib
import lzma
from pathlib import Path

import numpy as np
import pytest

from engine.data import load_data
from engine.data.mnist_files import FILES, FOLDER, Arrays
from engine.data.mnist_pack import main as pack_main
from engine.data.mnist_unpack import unpack
from engine.data.spec import DataSpec
from engine.errors import DataError

DIGITS_TRAIN = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
DIGITS_TEST = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.part)
def test_each_file_has_the_published_content(file, mnist_arrays: Arrays) -> None:
    magic = bytes([0, 0, 8, len(file.shape)])
    header = magic + np.array(file.shape, ">u4").tobytes()
    content = mnist_arrays[file.part].tobytes()
    assert hashlib.sha256(header + content).hexdigest() == file.sha256


def test_the_package_is_small_and_names_the_authors() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 9_600_000
    licence = (FOLDER / "LICENSE.txt").read_text(encoding="utf-8")
    for expected in ("LeCun", "Cortes", "Burges", "CC BY-SA 3.0"):
        assert expected in licence


def test_digit_counts_are_as_published(mnist_arrays: Arrays) -> None:
    assert np.bincount(mnist_arrays["train_y"]).tolist() == DIGITS_TRAIN
    assert np.bincount(mnist_arrays["test_y"]).tolist() == DIGITS_TEST


def test_the_official_test_split_is_the_test(mnist_arrays: Arrays) -> None:
    data = load_data(DataSpec(dataset="mnist", limit=100))
    assert np.array_equal(data.test.y, mnist_arrays["test_y"])
    rows = np.empty((3, 784), np.float32)
    data.test.take(np.array([0, 5000, 9999]), rows)
    expected = mnist_arrays["test_x"][[0, 5000, 9999]].reshape(3, -1) / np.float32(255)
    np.testing.assert_allclose(rows, expected, rtol=1e-6)


def test_pixels_scale_to_exactly_zero_and_one() -> None:
    x = load_data(DataSpec(dataset="mnist", limit=500)).train.x
    assert x.shape == (450, 1, 28, 28)
    assert x.dtype == np.float32
    assert x.min() == 0
    assert x.max() == 1


def test_a_damaged_package_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = FILES[3]
    monkeypatch.setattr("engine.data.mnist_files.FOLDER", tmp_path)
    packed = (FOLDER / file.packed_path.name).read_bytes()
    with pytest.raises(DataError, match="No such file"):
        unpack(file, lambda _: None)
    for damaged in (packed[:2000], b"not xz", lzma.compress(b"\0" * 10_008)):
        file.packed_path.write_bytes(damaged)
        with pytest.raises(DataError, match=file.published_name):
            unpack(file, lambda _: None)


def test_packing_refuses_what_is_not_mnist(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import gzip

    (tmp_path / f"{FILES[0].published_name}.gz").write_bytes(gzip.compress(b"something else"))
    assert pack_main([str(tmp_path), str(tmp_path)]) == 2
    assert "does not match the published content" in capsys.readouterr().err
    assert list(tmp_path.glob("*.xz")) == []


def test_packing_is_lossless(tmp_path: Path, mnist_arrays: Arrays) -> None:
    import gzip

    from engine.data.mnist_pack import pack

    file = FILES[3]
    content = lzma.decompress((FOLDER / file.packed_path.name).read_bytes())
    (tmp_path / f"{file.published_name}.gz").write_bytes(gzip.compress(content))
    pack(file, tmp_path, tmp_path)
    assert lzma.decompress((tmp_path / file.packed_path.name).read_bytes()) == content
