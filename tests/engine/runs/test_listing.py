"""The list of runs: newest first, from one small file each, and complete in spite of a damaged one."""

import socket
from pathlib import Path

import pytest

from engine.files import atomic as files
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


def test_of_each_run_one_small_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand runs list at once because nothing else is read of them."""
    for i in range(50):
        (add(tmp_path, f"run-{i}", float(i)) / "events.jsonl").write_text("{}\n")
    opened: list[str] = []
    with monkeypatch.context() as patch:
        for module, name in ((files, "reading"), (Path, "open"), (Path, "read_bytes")):
            original = getattr(module, name)
            patch.setattr(
                module,
                name,
                lambda path, *rest, original=original, **more: (
                    opened.append(path.name) or original(path, *rest, **more)
                ),
            )
        assert len(list_runs(tmp_path)) == 50
    assert set(opened) == {"status.json"}
    assert len(opened) == 50
