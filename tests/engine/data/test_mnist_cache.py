"""The cache of MNIST: filled once, by one process, and checked when it is read; with real processes."""

import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import filelock
import numpy as np
import pytest

from engine.data import mnist_cache, mnist_unpack
from engine.data.mnist_cache import FOLDER_NAME, load_arrays, npy_header, open_cached
from engine.data.mnist_files import FILES, Arrays, IdxFile
from tests.waiting import PATIENCE_S

LOADER = """
import sys
from engine.data import mnist_cache, mnist_unpack
calls = []
real = mnist_unpack.unpack
def unpack(file, write):
    calls.append(file.part)
    if len(sys.argv) > 1 and len(calls) == 2:
        print("half", flush=True)
        sys.stdin.readline()
    real(file, write)
mnist_unpack.unpack = unpack
print("ready", flush=True)
arrays = mnist_cache.load_arrays()
print(len(calls), sum(int(array.sum(dtype=int)) for array in arrays.values()), flush=True)
"""


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder for one test."""
    monkeypatch.setenv("NNTERM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def unpacked_parts(mnist_arrays: Arrays, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the parts that are unpacked; unpacking is replaced by a copy of the session's arrays."""
    parts: list[str] = []

    def unpack(file: IdxFile, write: Callable[[bytes], object]) -> None:
        parts.append(file.part)
        write(mnist_arrays[file.part].tobytes())

    monkeypatch.setattr(mnist_unpack, "unpack", unpack)
    return parts


def start_loader(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", LOADER, *arguments]
    process = subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def finish(process: subprocess.Popen[str]) -> list[int]:
    """Return the number of files that the process unpacked, and the sum of all values."""
    output, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    return [int(word) for word in output.split()]


def test_two_processes_at_once_unpack_only_once(fresh: Path, mnist_arrays: Arrays) -> None:
    fresh.mkdir()
    with filelock.FileLock(fresh / f"{FOLDER_NAME}.lock"):
        processes = [start_loader(), start_loader()]  # both find no cache and wait
    (first, sum_1), (second, sum_2) = (finish(process) for process in processes)
    assert sorted([first, second]) == [0, len(FILES)]
    expected = sum(int(array.sum(dtype=int)) for array in mnist_arrays.values())
    assert sum_1 == sum_2 == expected


def test_a_process_killed_while_unpacking_leaves_no_trace(fresh: Path, unpacked_parts: list[str]) -> None:
    process = start_loader("stop half way")
    assert process.stdout is not None
    assert process.stdout.readline() == "half\n"
    assert open_cached(fresh / FOLDER_NAME) is None
    process.kill()
    process.communicate()
    assert list(fresh.glob(f".{FOLDER_NAME}-*")) != []
    load_arrays()
    assert sorted(path.name for path in fresh.iterdir()) == [FOLDER_NAME, f"{FOLDER_NAME}.lock"]


def test_the_second_load_uses_the_cache(fresh: Path, unpacked_parts: list[str]) -> None:
    first = load_arrays()
    assert unpacked_parts == [file.part for file in FILES]
    second = load_arrays()
    assert len(unpacked_parts) == len(FILES)
    for part, array in first.items():
        assert np.array_equal(array, second[part])
        assert type(second[part]) is np.ndarray
        assert not second[part].flags.writeable


def truncate(folder: Path) -> None:
    os.truncate(folder / "train_x.npy", 1000)


def remove_file(folder: Path) -> None:
    (folder / "test_x.npy").unlink()


def flip_label(folder: Path) -> None:
    path = folder / "train_y.npy"
    content = bytearray(path.read_bytes())
    content[5000] ^= 1
    path.write_bytes(content)


def wrong_header(folder: Path) -> None:
    path = folder / "test_y.npy"
    path.write_bytes(path.read_bytes().replace(b"|u1", b"|i1"))


def file_in_place_of_folder(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    folder.write_text("in the way", encoding="utf-8")


@pytest.mark.parametrize("damage", [truncate, remove_file, flip_label, wrong_header, file_in_place_of_folder])
def test_a_damaged_cache_is_rebuilt(
    damage: Callable[[Path], None], fresh: Path, unpacked_parts: list[str], mnist_arrays: Arrays
) -> None:
    load_arrays()
    damage(fresh / FOLDER_NAME)
    assert open_cached(fresh / FOLDER_NAME) is None
    arrays = load_arrays()
    assert len(unpacked_parts) == 2 * len(FILES)
    assert all(np.array_equal(arrays[part], array) for part, array in mnist_arrays.items())
    assert sorted(path.name for path in fresh.iterdir()) == [FOLDER_NAME, f"{FOLDER_NAME}.lock"]


def check_memory_fallback(caplog: pytest.LogCaptureFixture, mnist_arrays: Arrays) -> None:
    mnist_unpack.unpack_into_memory.cache_clear()
    with caplog.at_level(logging.WARNING):
        arrays = load_arrays()
    mnist_unpack.unpack_into_memory.cache_clear()
    assert [record.getMessage().count("\n") for record in caplog.records] == [0]
    assert "cannot cache MNIST in" in caplog.text
    assert all(np.array_equal(arrays[part], array) for part, array in mnist_arrays.items())
    assert not any(array.flags.writeable for array in arrays.values())


def test_without_a_cache_folder_it_unpacks_into_memory(
    fresh: Path, unpacked_parts: list[str], mnist_arrays: Arrays, caplog: pytest.LogCaptureFixture
) -> None:
    fresh.write_text("a file where the folder should be", encoding="utf-8")
    check_memory_fallback(caplog, mnist_arrays)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_no_error(
    fresh: Path, unpacked_parts: list[str], mnist_arrays: Arrays, caplog: pytest.LogCaptureFixture
) -> None:
    fresh.mkdir(mode=0o500)
    check_memory_fallback(caplog, mnist_arrays)


def test_a_stale_lock_is_not_waited_for_forever(
    fresh: Path,
    unpacked_parts: list[str],
    mnist_arrays: Arrays,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mnist_cache, "LOCK_TIMEOUT_S", 0.01)
    fresh.mkdir()
    with filelock.FileLock(fresh / f"{FOLDER_NAME}.lock"):
        check_memory_fallback(caplog, mnist_arrays)


def test_a_full_disk_leaves_nothing_behind(fresh: Path, mnist_arrays: Arrays) -> None:
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n{LOADER}"
    done = subprocess.run([sys.executable, "-c", limited], text=True, capture_output=True, timeout=PATIENCE_S)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("\n") == 1
    assert "cannot cache MNIST in" in done.stderr
    expected = sum(int(array.sum(dtype=int)) for array in mnist_arrays.values())
    assert int(done.stdout.split()[-1]) == expected
    assert [path.name for path in fresh.iterdir()] == [f"{FOLDER_NAME}.lock"]


def test_cached_arrays_are_plain_npy_files(cache: Path, mnist_arrays: Arrays) -> None:
    for file in FILES:
        array = np.load(cache / FOLDER_NAME / f"{file.part}.npy")
        assert array.dtype == np.uint8
        assert array.shape == file.shape
        assert len(npy_header(file.shape)) % 64 == 0
