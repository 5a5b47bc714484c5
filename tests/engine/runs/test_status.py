"""The status of a run is checked against its worker, whatever the file contains."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import RunError
from engine.runs.status import (
    FRESH_S,
    SILENCE_LIMIT_S,
    START_LIMIT_S,
    Status,
    overwrite_status,
    process_start,
    read_status,
    true_status,
    worker_lives,
    write_status,
)

NOW = time.time()
OLD = NOW - 1000.0


def mine(**changes: Any) -> Status:
    """The status of a run whose worker is this process."""
    fields: dict[str, Any] = {
        "state": "running",
        "pid": os.getpid(),
        "process_start": process_start(os.getpid()),
        "host": socket.gethostname(),
        "heartbeat": OLD,
    }
    return Status(**(fields | changes))


def test_a_status_is_read_back_equal(tmp_path: Path) -> None:
    status = mine(step=7, validation_accuracy=0.5, message="é")
    write_status(tmp_path, status)
    assert read_status(tmp_path) == status
    assert [path.name for path in tmp_path.iterdir()] == ["status.json"]


def test_a_running_worker_is_alive_whatever_its_heartbeat() -> None:
    assert worker_lives(mine(), NOW)


def test_another_process_with_the_same_pid_is_not_the_worker() -> None:
    assert not worker_lives(mine(process_start=1.0), NOW)


def test_setting_the_clock_does_not_lose_a_worker() -> None:
    assert worker_lives(mine(process_start=1.0, heartbeat=NOW - FRESH_S / 2), NOW)


def test_a_dead_or_zombie_process_is_not_a_worker() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    status = mine(pid=process.pid, process_start=process_start(process.pid), heartbeat=NOW)
    assert worker_lives(status, NOW)
    process.kill()
    os.waitid(
        os.P_PID, process.pid, os.WEXITED | os.WNOWAIT
    )  # dead, and its parent has not waited for it: a zombie
    assert not worker_lives(status, NOW)
    process.communicate()
    assert not worker_lives(status, NOW)


def test_a_worker_on_another_host_is_judged_by_its_heartbeat() -> None:
    elsewhere = mine(host="elsewhere", pid=1)
    assert not worker_lives(elsewhere, OLD + SILENCE_LIMIT_S + 1)
    assert worker_lives(elsewhere, OLD + SILENCE_LIMIT_S - 1)


def test_a_worker_that_never_started_is_lost() -> None:
    starting = mine(state="starting", pid=0, process_start=0.0)
    assert worker_lives(starting, OLD + START_LIMIT_S - 1)
    assert not worker_lives(starting, OLD + START_LIMIT_S + 1)


@pytest.mark.parametrize("state", ["finished", "stopped", "diverged", "failed"])
def test_a_final_status_is_final(tmp_path: Path, state: Any) -> None:
    write_status(tmp_path, mine(state=state, pid=0))
    assert true_status(tmp_path).state == state
    assert true_status(tmp_path).is_over


@pytest.mark.parametrize("state", ["starting", "running", "paused"])
def test_without_a_final_status_it_is_lost(tmp_path: Path, state: Any) -> None:
    write_status(tmp_path, mine(state=state, process_start=1.0, steps_per_s=5.0))
    status = true_status(tmp_path)
    assert status.state == "lost"
    assert status.is_over
    assert status.steps_per_s is None
    assert read_status(tmp_path).state == state  # reading changes no file


def test_overwriting_needs_no_more_space(tmp_path: Path) -> None:
    write_status(tmp_path, mine(message="x" * 500))
    inode = (tmp_path / "status.json").stat().st_ino
    overwrite_status(tmp_path, mine(state="failed", message="disk full"))
    assert read_status(tmp_path).message == "disk full"
    assert (tmp_path / "status.json").stat().st_ino == inode


@given(
    st.binary(max_size=200)
    | st.sampled_from([b"{}", b'{"state":"asleep"}', b"[" * 5000, b'{"state":1}', b"1e9"])
)
def test_no_bytes_break_the_reader(content: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "status.json").write_bytes(content)
        with pytest.raises(RunError, match="damaged"):
            true_status(Path(folder))
