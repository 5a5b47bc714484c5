"""The status and events that a worker writes, also on a full disk."""

import errno
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.events import Failed, Steps
from engine.runs import log, recorder
from engine.runs.recorder import Recorder
from engine.runs.status import Status, read_status, write_status


class Clock:
    """A clock that shows a fixed time until it is set."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class FullStream(io.StringIO):
    """A log on a full disk."""

    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def recording(tmp_path: Path, clock: Clock) -> Iterator[Recorder]:
    status = Status(state="starting", created=1.0, dataset="moons", steps_per_epoch=10)
    write_status(tmp_path, status)
    recording = Recorder(tmp_path, status, clock=clock, timer=clock)
    recording.open()
    yield recording
    recording.close()


def steps(first: int) -> Steps:
    return Steps(time=1.0, step=first, losses=[0.5, 0.7], seconds=0.01, epoch=1, learning_rate=0.1)


def test_a_worker_is_identified_by_pid_and_host(recording: Recorder) -> None:
    status = read_status(recording.folder)
    assert status.pid == os.getpid()
    assert status.host
    assert abs(status.process_start - recorder.process_start(os.getpid())) < 0.1  # type: ignore[operator]


def test_figures_are_published_four_times_a_second_at_most(recording: Recorder, clock: Clock) -> None:
    published = []
    for tick in range(40):
        recording.record(steps(2 * tick))
        recording.publish_if_due()
        published.append(read_status(recording.folder).step)
        clock.now += 0.125
    assert len(set(published)) == 20
    assert published[-1] >= 76


def test_there_is_a_heartbeat_when_nothing_changes(recording: Recorder, clock: Clock) -> None:
    for since, expected in ((0.9, 1000.0), (0.2, 1001.1), (0.9, 1001.1), (0.2, 1002.2)):
        clock.now += since
        recording.publish_if_due()
        assert read_status(recording.folder).heartbeat == pytest.approx(expected)


def test_figures_of_a_chunk(recording: Recorder) -> None:
    recording.record(steps(9))
    assert (recording.status.step, recording.status.epoch) == (11, 1)
    assert recording.status.loss == pytest.approx(0.6)
    assert recording.status.steps_per_s == pytest.approx(200)
    assert recording.status.learning_rate == 0.1


def test_a_failure_is_recorded_in_events_status_and_log(
    recording: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    recording.fail("no luck", "try again", "Traceback ...")
    (line,) = (recording.folder / log.FILE_NAME).read_bytes().splitlines()
    event = log.decode_event(line)
    assert isinstance(event, Failed)
    assert (event.message, event.hint, event.traceback) == ("no luck", "try again", "Traceback ...")
    status = read_status(recording.folder)
    assert (status.state, status.message, status.hint) == ("failed", "no luck", "try again")
    assert "error: no luck" in capsys.readouterr().err


def test_a_failure_on_a_full_disk_is_recorded_in_the_status(
    recording: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(recorder, "write_status", full)
    monkeypatch.setattr(log.EventWriter, "write", full)
    monkeypatch.setattr(sys, "stderr", FullStream())
    recording.fail("disk full")
    monkeypatch.undo()
    assert read_status(recording.folder).message == "disk full"


def test_runs_are_read_without_numpy() -> None:
    code = "import engine.runs, sys; engine.runs.list_runs('/nowhere'); print('numpy' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "False\n"
