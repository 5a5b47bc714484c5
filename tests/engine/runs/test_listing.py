"""The list of runs: newest first, fast, and complete in spite of a damaged one."""

import socket
import time
from pathlib import Path

from engine.runs import list_runs
from engine.runs.status import Status, write_status


def add(home: Path, name: str, created: float, **fields: object) -> Path:
    folder = home / "runs" / name
    folder.mkdir(parents=True)
    state = fields.pop("state", "finished")
    write_status(folder, Status(state=state, created=created, dataset="moons", **fields))  # type: ignore[arg-type]
    return folder


def test_no_home_no_runs(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "none") == []


def test_newest_first_with_true_states(tmp_path: Path) -> None:
    add(tmp_path, "old", 1.0, validation_accuracy=0.5, step=9)
    add(tmp_path, "new", 3.0, state="running", pid=1, host=socket.gethostname(), heartbeat=3.0)
    add(tmp_path, "mid", 2.0, state="diverged")
    runs = list_runs(tmp_path)
    assert [(run.name, run.state) for run in runs] == [
        ("new", "lost"),
        ("mid", "diverged"),
        ("old", "finished"),
    ]
    assert (runs[2].validation_accuracy, runs[2].step, runs[2].dataset) == (0.5, 9, "moons")


def test_damaged_folders_are_listed_as_such(tmp_path: Path) -> None:
    add(tmp_path, "good", 1.0)
    (add(tmp_path, "torn", 2.0) / "status.json").write_text('{"state":"run')
    (tmp_path / "runs" / "empty").mkdir()
    (tmp_path / "runs" / "strange" / "status.json").mkdir(parents=True)
    (tmp_path / "runs" / "file").write_text("")
    (tmp_path / "runs" / ".new-1-2").mkdir()
    (tmp_path / "runs" / "gone").symlink_to(tmp_path / "nowhere")
    states = {run.name: run.state for run in list_runs(tmp_path)}
    assert states == {"good": "finished", "torn": "damaged", "empty": "damaged", "strange": "damaged"}
    assert all(run.message and run.is_over for run in list_runs(tmp_path) if run.state == "damaged")


def test_a_thousand_runs_list_in_less_than_a_second(tmp_path: Path) -> None:
    for i in range(1000):
        add(tmp_path, f"run-{i}", float(i), message="x" * 200)
    started = time.perf_counter()
    assert len(list_runs(tmp_path)) == 1000
    assert time.perf_counter() - started < 1.0
