"""Links, pipes, devices and holes in a run's folder: nothing hangs, nothing is written outside, errors are one line."""

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.errors import NntermError, RunError
from engine.experiment.experiment import Experiment
from engine.files.regular import SPARSE_FROM, own_folder, reading
from engine.runs import (
    Run,
    compare,
    discard,
    empty_trash,
    fork,
    kept_checkpoints,
    list_runs,
    list_trash,
    rename,
)
from engine.runs.checkpoints import list_checkpoints
from engine.runs.history import read_history
from tests.engine.runs.workshop import Workshop

PARTS = (
    "events.jsonl",
    "commands.jsonl",
    "status.json",
    "experiment.toml",
    "brief.jsonl",
    "live.safetensors",
    "worker.log",
    "worker.lock",
    "checkpoints/newest",
)
HANG_S = 60
"""Seconds after which a call hangs: far above what any takes."""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A run that has trained to its end."""
    with pytest.MonkeyPatch.context() as patch:
        shop = Workshop(tmp_path_factory.mktemp("home"), patch)
        shop.work()
        yield shop.run


@pytest.fixture
def run(original: Run, tmp_path: Path) -> Run:
    return Run(shutil.copytree(original.path, tmp_path / "home" / "runs" / original.name))


@pytest.fixture(autouse=True)
def _no_hang() -> Iterator[None]:
    """Fail instead of waiting for ever."""

    def fail(*_: object) -> None:
        raise AssertionError("it hangs")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(HANG_S)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def place(run: Run, part: str) -> Path:
    """Return the path of a part of the folder, without what stood there."""
    path = list_checkpoints(run.path)[-1][1] if part.endswith("newest") else run.path / part
    path.unlink(missing_ok=True)
    return path


def use(run: Run, home: Path) -> None:
    """Read a run in every way; errors for the user are allowed."""
    calls: list[Callable[[], Any]] = [
        lambda: list_runs(home),
        run.status,
        run.experiment,
        lambda: list(run.events()),
        lambda: read_history(run.path),
        run.network,
        lambda: kept_checkpoints(run),
        lambda: compare([run, run]),
        lambda: run.command("pause"),
        lambda: fork(run, 1, {}),
        lambda: rename(run, "other"),
    ]
    messages = []
    for call in calls:
        try:
            call()
        except NntermError as error:
            messages.append(error.message)
    assert [message for message in messages if "\n" in message] == []


SPECIAL: dict[str, Callable[[Path], Any]] = {
    "fifo": os.mkfifo,
    "folder": Path.mkdir,
    "zeros": lambda path: path.symlink_to("/dev/zero"),
    "nowhere": lambda path: path.symlink_to("/nowhere/at/all"),
}


@pytest.mark.parametrize("kind", SPECIAL)
@pytest.mark.parametrize("part", PARTS)
def test_what_is_no_regular_file_is_neither_read_nor_waited_for(
    run: Run, tmp_path: Path, part: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.runs.fork.start_worker", lambda run: 0, raising=False)
    SPECIAL[kind](place(run, part))
    use(run, tmp_path / "home")


@pytest.mark.parametrize("part", PARTS)
def test_a_resume_writes_through_no_link(run: Run, tmp_path: Path, part: str) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"first line\nlast line, without an end")
    place(run, part).symlink_to(victim)
    with pytest.raises(RunError, match="is a symbolic link"):
        Workshop.resume(_shop_of(run), changes={"training.epochs": 20})
    assert victim.read_bytes() == b"first line\nlast line, without an end"


def test_a_resume_moves_nothing_behind_a_linked_folder(run: Run, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    shutil.move(run.path / "checkpoints", outside)
    (outside / ".mine.tmp").write_text("mine")
    (outside / "step-99999999.safetensors").write_text("precious")
    before = sorted(path.name for path in outside.iterdir())
    (run.path / "checkpoints").symlink_to(outside)
    with pytest.raises(RunError, match="checkpoints is a symbolic link"):
        Workshop.resume(_shop_of(run), changes={"training.epochs": 20})
    assert sorted(path.name for path in outside.iterdir()) == before


def _shop_of(run: Run) -> Workshop:
    shop = Workshop.__new__(Workshop)
    shop.run = run
    return shop


def test_a_file_that_is_a_hole_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "hole"
    with path.open("wb") as stream:
        stream.truncate(50 << 30)
    with pytest.raises(OSError, match="next to no data for its size"):
        reading(path)


def test_a_large_file_with_data_is_read(tmp_path: Path) -> None:
    path = tmp_path / "full"
    with path.open("wb") as stream:
        for _ in range(SPARSE_FROM // (1 << 20) + 1):
            stream.write(b"x" * (1 << 20))
    with reading(path) as stream:
        assert stream.read(3) == b"xxx"


def test_an_own_folder_is_no_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert own_folder(tmp_path / "new").is_dir()
    assert own_folder(tmp_path / "real").is_dir()
    with pytest.raises(OSError, match="symbolic link or not a folder"):
        own_folder(tmp_path / "link")


class TestDamagedEvents:
    """A first line that is damaged, or no events at all, cost no training."""

    @pytest.mark.parametrize("damage", ["first line", "gone", "empty"])
    def test_a_resume_continues_from_the_newest_checkpoint(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
    ) -> None:
        reference = Workshop(tmp_path / "undisturbed", monkeypatch)
        reference.to_the_end()
        shop = Workshop(tmp_path, monkeypatch)
        shop.work(dies_at=24)
        step = list_checkpoints(shop.run.path)[-1][0]
        events = shop.run.path / "events.jsonl"
        match damage:
            case "first line":
                events.write_bytes(b'{"u' + events.read_bytes()[3:])
            case "gone":
                events.unlink()
            case "empty":
                events.write_bytes(b"")
        shop.resume()
        shop.work()
        found = shop.events()
        starts = [event.step for event in found if type(event).__name__ == "Started"]
        assert starts[-1] == step > 0
        assert [event.step for event in found if type(event).__name__ == "Resumed"][-1] == step
        warnings = [event for event in found if getattr(event, "code", "") == "damaged-events"]
        assert len(warnings) == 1
        assert warnings[0].message.startswith("events.jsonl does not tell of the training up to step")
        assert shop.last().network.theta.tobytes() == reference.last().network.theta.tobytes()
        assert shop.run.status().state == "finished"

    def test_requests_that_were_answered_are_not_obeyed_again(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shop = Workshop(tmp_path, monkeypatch)
        shop.work(dies_at=20)
        shop.run.command("stop")
        shop.resume()
        shop.run.command("stop")
        shop.work()
        assert shop.run.status().state == "stopped"
        (shop.run.path / "events.jsonl").unlink()
        shop.resume()
        shop.work()
        assert shop.run.status().state == "finished"


class TestTrash:
    def test_a_run_that_is_a_link_is_removed_and_its_target_stays(self, run: Run, tmp_path: Path) -> None:
        home = tmp_path / "home"
        real = shutil.copytree(run.path, tmp_path / "real")
        link = run.path.with_name("linked")
        link.symlink_to(real)
        discard(Run(link))
        assert empty_trash(home) == 1
        assert (real / "events.jsonl").exists()
        assert list_trash(home) == []

    def test_what_killed_processes_left_half_made_is_cleared_by_the_next_run(
        self, run: Run, tmp_path: Path
    ) -> None:
        runs = run.path.parent
        for name, age in ((".new-1-1", 7200.0), (".new-2-2", 0.0)):
            (runs / name).mkdir()
            os.utime(runs / name, (time.time() - age, time.time() - age))
        Run.create(Experiment.quick("xor", [2]), tmp_path / "home")
        assert not (runs / ".new-1-1").exists()
        assert (runs / ".new-2-2").exists()
