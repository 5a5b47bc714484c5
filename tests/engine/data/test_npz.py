"""A user's .npz file: valid contents, and a one-line error for invalid ones."""

import contextlib
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data import describe, load_data
from engine.data.spec import DataSpec
from engine.errors import DataError

Write = Callable[..., str]

TEN = np.arange(10)
TABLE = np.random.default_rng(0).normal(size=(10, 3))
HALVES = TEN % 2


def refuse(path: str | Path, match: str, **options: object) -> DataError:
    """Return the one-line error that both describing and loading raise."""
    spec = DataSpec(dataset=str(path), **options)
    with pytest.raises(DataError, match=match) as caught:
        load_data(spec)
    assert "\n" not in caught.value.message
    assert "\n" not in caught.value.hint
    assert str(path) in caught.value.message or Path(path).name in caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    ("y", "task", "n_outputs", "names"),
    [
        (HALVES, "binary", 1, ("0", "1")),
        (HALVES * 2 - 1, "binary", 1, ("-1", "1")),
        (HALVES.astype(bool), "binary", 1, ("false", "true")),
        (TEN % 3, "classification", 3, ("0", "1", "2")),
        (TEN % 3 * 10 + 5, "classification", 3, ("5", "15", "25")),
        (TEN % 3 * 1.0, "classification", 3, ("0", "1", "2")),
        ((TEN % 3).astype(np.uint8)[:, np.newaxis], "classification", 3, ("0", "1", "2")),
        (np.array(["dog", "cat"])[HALVES], "binary", 1, ("cat", "dog")),
        (np.array([b"dog", b"cat"])[HALVES], "binary", 1, ("cat", "dog")),
        (np.eye(3)[TEN % 3], "classification", 3, ("0", "1", "2")),
        (TEN / 7, "regression", 1, ()),
        (np.stack([TEN / 7, TEN / 3], axis=1), "regression", 2, ()),
    ],
)
def test_y_determines_the_task(
    npz: Write, y: np.ndarray, task: str, n_outputs: int, names: tuple[str, ...]
) -> None:
    spec = DataSpec(dataset=npz(x=TABLE, y=y), validation=0)
    info = describe(spec)
    assert (info.task, info.n_outputs, info.class_names) == (task, n_outputs, names)
    data = load_data(spec)
    assert data.info == info
    assert (len(data.train), len(data.test)) == (8, 2)
    if task == "regression":
        assert data.train.y.shape == (8, n_outputs)
        assert data.train.y.dtype == np.float32
    else:
        assert data.train.y.dtype == np.int64
        assert set(data.train.y) <= set(range(len(names)))


def test_renumbered_labels_stay_with_their_samples(npz: Write) -> None:
    y = np.array([7, 3, 7, 9, 3, 9, 9, 7, 3, 3])
    data = load_data(DataSpec(dataset=npz(x=y[:, np.newaxis] * 1.0, y=y), scale="none", validation=0.2))
    for split in (data.train, data.validation, data.test):
        assert [data.class_names[label] for label in split.y] == [str(int(x)) for x in split.x[:, 0]]


def test_the_user_can_set_the_task(npz: Write) -> None:
    path = npz(x=TABLE, y=TEN % 3)
    assert describe(DataSpec(dataset=path, task="regression")).n_outputs == 1
    path = npz(x=TABLE, y=HALVES)
    assert describe(DataSpec(dataset=path, task="classification")).n_outputs == 2
    many = np.arange(3000)
    path = npz(x=np.zeros((6000, 1)), y=np.concatenate([many, many]))
    assert describe(DataSpec(dataset=path)).task == "regression"
    assert describe(DataSpec(dataset=path, task="classification")).n_outputs == 3000


def test_a_files_test_arrays_are_the_test_set(npz: Write) -> None:
    path = npz(
        x=TABLE, y=np.array(["a", "b"])[HALVES], x_test=TABLE[:3] + 1, y_test=np.array(["b", "b", "a"])
    )
    data = load_data(DataSpec(dataset=path, scale="none", validation=0))
    assert (data.info.samples, data.info.test_samples) == (10, 3)
    np.testing.assert_allclose(data.test.x, TABLE[:3] + 1, rtol=1e-6)
    assert data.test.y.tolist() == [1, 1, 0]


@pytest.mark.parametrize(
    ("shape", "input_shape", "kind"),
    [
        ((10,), (1,), "table"),
        ((10, 2), (2,), "plane"),
        ((10, 5), (5,), "table"),
        ((10, 8, 6), (1, 8, 6), "images"),
        ((10, 8, 6, 3), (3, 8, 6), "images"),
        ((10, 3, 8, 6), (3, 8, 6), "images"),
    ],
)
def test_the_shape_of_x_determines_the_kind(
    npz: Write, shape: tuple[int, ...], input_shape: tuple[int, ...], kind: str
) -> None:
    x = np.random.default_rng(0).normal(size=shape)
    spec = DataSpec(dataset=npz(x=x, y=HALVES), scale="none", validation=0)
    data = load_data(spec)
    assert (data.input_shape, data.info.kind) == (input_shape, kind)
    everything = np.concatenate([data.train.x, data.test.x])
    expected = np.moveaxis(x, 3, 1) if input_shape == (3, 8, 6) and shape[3] == 3 else x
    rows = {row.tobytes() for row in expected.reshape(10, -1).astype(np.float32)}
    assert {row.tobytes() for row in everything.reshape(10, -1)} == rows


def test_images_stay_bytes_and_are_scaled_to_one(npz: Write) -> None:
    x = np.full((10, 4, 4), 255, np.uint8)
    data = load_data(DataSpec(dataset=npz(x=x, y=HALVES)))
    assert (data.train.x == 1).all()
    assert data.info.size_bytes == 10 * (16 + 8)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i1", "i4", "i8", "u2", "?", ">f4", ">i8"])
def test_all_number_types_are_read(npz: Write, dtype: str) -> None:
    x = np.array([[0, 1], [1, 0]] * 5).astype(dtype)
    train = load_data(DataSpec(dataset=npz(x=x, y=HALVES), scale="none")).train
    assert train.x.dtype == np.float32
    assert np.array_equal(np.sort(np.unique(train.x)), [0, 1])


def test_a_table_is_standardised_on_its_training_set(npz: Write) -> None:
    x = np.column_stack([np.arange(100) * 1e6 + 1e9, np.full(100, 4.0)])
    data = load_data(DataSpec(dataset=npz(x=x, y=np.arange(100) % 2)))
    np.testing.assert_allclose(data.train.x[:, 0].std(), 1, rtol=1e-5)
    assert (data.train.x[:, 1] == 0).all()


@pytest.mark.parametrize(
    ("arrays", "match"),
    [
        ({"x": TABLE}, "there is no array y; found: x"),
        ({"data": TABLE, "y": HALVES}, "there is no array x; found: data, y"),
        ({}, "there is no array x; found: nothing"),
        ({"x": TABLE[:9], "y": HALVES}, "x has 9 samples, y has 10"),
        ({"x": TABLE[:0], "y": HALVES[:0]}, "it contains no samples"),
        ({"x": TABLE[:, :0], "y": HALVES}, "it contains no features"),
        ({"x": np.float64(3), "y": HALVES}, "x is a single number"),
        ({"x": TABLE, "y": np.float64(3)}, r"y has shape \(\)"),
        ({"x": TABLE, "y": np.zeros((10, 2, 2))}, r"y has shape \(10, 2, 2\)"),
        ({"x": np.array([["a"]] * 10), "y": HALVES}, "x contains <U1, not real numbers"),
        ({"x": TABLE * 1j, "y": HALVES}, "x contains complex128"),
        ({"x": TABLE, "y": TEN.astype("M8[s]")}, "neither numbers nor texts"),
        ({"x": TABLE.astype(object), "y": HALVES}, "x holds Python objects"),
        ({"x": TABLE, "y": np.array([None] * 10)}, "y holds Python objects"),
        ({"x": np.zeros(10, "f4,f4"), "y": HALVES}, "x holds records"),
        ({"x": TABLE, "y": np.zeros(10, int)}, 'y contains a single class, "0"'),
        ({"x": TABLE, "y": np.array([1.5] * 9 + [np.nan])}, r"y holds 1 value that is NaN .* at y\[9\]"),
        ({"x": np.full((30, 1), 0.5), "y": np.array([f"id {i}" for i in range(30)])}, "names, not classes"),
        ({"x": np.full((10, 3), np.inf), "y": TEN / 7}, "x holds 30 values that are NaN or infinite"),
        ({"x": TABLE, "y": HALVES, "x_test": TABLE}, "there is x_test, but no y_test"),
        ({"x": TABLE, "y": HALVES, "y_test": HALVES}, "there is y_test, but no x_test"),
        (
            {"x": TABLE, "y": HALVES, "x_test": TABLE[:, :2], "y_test": HALVES},
            r"\(3,\), one of x_test \(2,\)",
        ),
        (
            {"x": TABLE, "y": HALVES, "x_test": TABLE, "y_test": HALVES[:4]},
            "x_test has 10 samples, y_test has 4",
        ),
        ({"x": TABLE, "y": HALVES, "x_test": TABLE, "y_test": HALVES + 1}, 'y_test holds the class "2"'),
        ({"x": TABLE, "y": HALVES, "x_test": TABLE, "y_test": ["a"] * 10}, "labels of another type"),
        ({"x": TABLE, "y": TEN / 7, "x_test": TABLE, "y_test": np.ones((10, 2))}, "does not hold 1 value "),
    ],
)
def test_unusable_arrays_are_refused(npz: Write, arrays: dict[str, np.ndarray], match: str) -> None:
    refuse(npz(**arrays), match)


def test_nan_is_counted_and_located(npz: Write) -> None:
    x = TABLE.copy()
    x[2, 1], x[7, 0], x[7, 2] = np.nan, np.inf, -np.inf
    refuse(npz(x=x, y=HALVES), r"x holds 3 values that are NaN or infinite, the first at x\[2, 1\]")


@pytest.mark.parametrize("array", ["x", "y"])
def test_values_beyond_float32_are_refused(npz: Write, array: str) -> None:
    arrays = {"x": TABLE, "y": TEN / 7} | {array: np.linspace(-1e200, 1e200, 10)}
    with pytest.raises(DataError, match=f"{array} contains values too large"):
        load_data(DataSpec(dataset=npz(**arrays), scale="none"))


def test_a_task_incompatible_with_y_is_refused(npz: Write) -> None:
    refuse(npz(x=TABLE, y=TEN / 7), "are values, not classes", task="classification")
    refuse(npz(x=TABLE, y=TEN % 3), "has 3 classes", task="binary")
    refuse(npz(x=TABLE, y=np.array(["a", "b"])[HALVES]), "are classes", task="regression")


def test_one_sample_is_enough_for_a_regression(npz: Write) -> None:
    data = load_data(DataSpec(dataset=npz(x=np.ones((1, 2)), y=np.array([0.5]))))
    assert (len(data.train), len(data.validation), len(data.test)) == (1, 0, 0)


def test_files_that_are_not_npz(tmp_path: Path, npz: Write) -> None:
    refuse(tmp_path / "missing.npz", "there is no file")
    assert "own.npz" in refuse(Path(npz(x=TABLE, y=HALVES)).with_name("owm.npz"), "there is no file").hint
    refuse(tmp_path, "is a folder")
    for name in ("a.csv", "a.npy", "a.parquet", "idx-ubyte"):
        (tmp_path / name).write_text("1,2", encoding="utf-8")
        refuse(tmp_path / name, "Only .npz files are supported")
    whole = Path(npz(x=TABLE, y=HALVES)).read_bytes()
    cases: dict[str, tuple[bytes, str]] = {
        "empty": (b"", "is empty"),
        "cut": (whole[:-30], "is cut short"),
        "pickle": (pickle.dumps({"x": 1}), "is a Python pickle"),
        "text": (b"hello", "is not an .npz file"),
    }
    for name, (content, match) in cases.items():
        (tmp_path / f"{name}.npz").write_bytes(content)
        refuse(tmp_path / f"{name}.npz", match)
    with (tmp_path / "single.npz").open("wb") as stream:
        np.save(stream, TABLE)
    refuse(tmp_path / "single.npz", r"is a single array \(.npy\)")


def test_no_code_in_a_file_is_run(tmp_path: Path) -> None:
    witness = tmp_path / "witness"

    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (witness,)

    np.savez(tmp_path / "trap.npz", x=np.array([Trap()], object), y=np.array([Trap()], object))
    refuse(tmp_path / "trap.npz", "Python objects")
    assert not witness.exists()


def test_a_header_with_too_large_a_shape_is_refused_before_reading(tmp_path: Path) -> None:
    path = tmp_path / "liar.npz"
    with zipfile.ZipFile(path, "w") as archive:
        header = b"\x93NUMPY\x01\x00" + (118).to_bytes(2, "little")
        text = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000, 1000), }"
        archive.writestr("x.npy", header + text.ljust(117) + b"\n" + b"\0" * 64)
        archive.writestr("y.npy", b"not an array")
    refuse(path, "x is cut short or damaged")


@given(position=st.integers(0, 2000), flip=st.integers(1, 255), cut=st.booleans())
def test_a_damaged_file_is_reported_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, position: int, flip: int, cut: bool
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "own.npz"
    np.savez_compressed(path, x=TABLE, y=HALVES)
    content = bytearray(path.read_bytes())
    position %= len(content)
    content[position] ^= flip
    path.write_bytes(content[:position] if cut else content)
    with contextlib.suppress(DataError):  # some damage is in bytes that are not read
        load_data(DataSpec(dataset=str(path)))


def test_describing_reads_no_inputs(npz: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.data.npz_file import NpzFile

    path = npz(x=TABLE, y=HALVES)
    read: list[str] = []
    whole = NpzFile.array

    def array(self: NpzFile, name: str) -> np.ndarray:
        read.append(name)
        return whole(self, name)

    monkeypatch.setattr(NpzFile, "array", array)
    describe(DataSpec(dataset=path))
    assert read == ["y"]


@pytest.mark.parametrize(
    ("arrays", "hint"),
    [
        (
            {"x_train": TABLE, "y_train": HALVES, "x_test": TABLE, "y_test": HALVES},
            'numpy.savez("t-xy.npz", x=d["x_train"], y=d["y_train"], x_test=d["x_test"], y_test=d["y_test"])',
        ),
        ({"X": TABLE, "y": HALVES}, 'numpy.savez("t-xy.npz", x=d["X"], y=d["y"])'),
        ({"data": TABLE, "target": HALVES}, 'numpy.savez("t-xy.npz", x=d["data"], y=d["target"])'),
        ({"x": TABLE, "y": HALVES.astype(object)}, "y.astype(str) for texts"),
        ({"x": TABLE.astype(object), "y": HALVES}, "x.astype(float)"),
    ],
)
def test_the_hint_is_the_line_that_helps(tmp_path: Path, arrays: dict[str, Any], hint: str) -> None:
    np.savez(tmp_path / "t.npz", **arrays)
    with pytest.raises(DataError) as raised:
        load_data(DataSpec(dataset=str(tmp_path / "t.npz")))
    assert hint in raised.value.hint


def test_a_table_is_converted_by_the_line_in_the_hint(tmp_path: Path) -> None:
    (tmp_path / "small.csv").write_text("length,kind\n5.1,a\n")
    with pytest.raises(DataError) as raised:
        load_data(DataSpec(dataset=str(tmp_path / "small.csv")))
    assert 'pandas.read_csv("small.csv")' in raised.value.hint
