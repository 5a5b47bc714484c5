"""One writer per run, also on a file system without locks."""

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.errors import RunError
from engine.runs.lock import lock
from engine.runs.status import process_start, read_status, write_status
from tests.engine.runs.workshop import Workshop, same_training

MISSING = [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP]


def without_locks(patch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(descriptor: Any, operation: int) -> None:
        raise OSError(number, os.strerror(number))

    patch.setattr("fcntl.flock", refuse)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    return Workshop(tmp_path / "home", monkeypatch)


def test_a_second_worker_is_refused_with_the_owner(shop: Workshop) -> None:
    with lock(shop.run), pytest.raises(RunError, match=r"is in use by process \d+ on "):
        lock(shop.run)
    with lock(shop.run):
        pass


@pytest.mark.parametrize("number", MISSING)
def test_without_locks_a_run_is_killed_and_resumed_to_the_same_bits(
    number: int, shop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.to_the_end()
    without_locks(monkeypatch, number)
    other = Workshop(tmp_path / "other", monkeypatch)
    assert not other.work(dies_at=30)
    other.to_the_end()
    assert same_training(other.last(), shop.last())


@pytest.mark.parametrize("number", MISSING)
def test_without_locks_a_heartbeat_keeps_a_second_worker_away(number: int, shop: Workshop) -> None:
    sleeper = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with pytest.MonkeyPatch.context() as patch:
        without_locks(patch, number)
        patch.setattr("engine.runs.status.worker_lives", lambda status, now: sleeper.poll() is None)
        started = process_start(sleeper.pid) or 0.0
        status = msgspec.structs.replace(
            read_status(shop.run.path), state="running", pid=sleeper.pid, process_start=started
        )
        write_status(shop.run.path, status)
        with pytest.raises(RunError, match=f"is in use by process {sleeper.pid}"):
            lock(shop.run)
        sleeper.communicate(b"\n")
        with lock(shop.run):
            pass


def test_other_disk_errors_are_reported(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    without_locks(monkeypatch, errno.EIO)
    with pytest.raises(RunError, match=r"cannot lock .*: Input/output error") as raised:
        lock(shop.run)
    assert "--home" in (raised.value.hint or "")
