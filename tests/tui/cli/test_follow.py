"""Following a run: its end, output and exit code; Ctrl-C once and twice."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.errors import NntermError
from tests.tui.cli.fakes import FakeRun, epoch, failed, finished, started, steps
from tui.cli.display import JsonDisplay, PlainDisplay
from tui.cli.follow import WorkerError, follow
from tui.cli.interrupts import Interrupts
from tui.cli.output import ReaderGone

COMPLETE = ([started()], [steps(0, [1.0] * 20, 1.0), epoch(1)], [epoch(2, step=20), finished()])


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.cli.follow.FRAME_S", 0.0)
    monkeypatch.setattr("tui.cli.follow.LOOK_S", 0.0)


def followed(run: FakeRun, *, as_json: bool = False, stops: bool = True) -> int:
    display: Any = JsonDisplay(run.name) if as_json else PlainDisplay(run.name)
    return follow(run, display, Interrupts(), stops=stops)  # type: ignore[arg-type]


def test_a_finished_run_ends_with_its_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert followed(FakeRun(tmp_path, COMPLETE)) == 0
    out = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in out[:2]] == [["epoch", "1/2"], ["epoch", "2/2"]]
    assert "test" in out[-2]
    assert "100.00 %" in out[-2]
    assert out[-1] == f"run r-1 in {tmp_path}"


def test_json_ends_with_the_finished_event_and_the_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    late = [*COMPLETE, [epoch(2, step=20)]]  # an event after the last one, as a checkpoint would be
    assert followed(FakeRun(tmp_path, late), as_json=True) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["type"] for line in lines] == ["started", "steps", "epoch", "epoch", "epoch", "finished"]
    assert lines[-1]["run"] == "r-1"
    assert lines[-1]["test_accuracy"] == 1.0


def test_divergence_is_a_no(tmp_path: Path) -> None:
    assert followed(FakeRun(tmp_path, ([started()], [finished("diverged")]), "diverged")) == 1


def test_a_stop_by_someone_else_is_no_interruption(tmp_path: Path) -> None:
    assert followed(FakeRun(tmp_path, ([started()], [finished("stopped")]), "stopped")) == 0


def test_a_mistake_of_the_user_found_by_the_worker_is_bad_input(tmp_path: Path) -> None:
    run = FakeRun(tmp_path, ([failed("x holds NaN")],), "failed")
    with pytest.raises(NntermError, match="x holds NaN") as caught:
        followed(run)
    assert caught.value.exit_code == 2
    assert caught.value.hint == "mend it"


def test_a_worker_that_breaks_down_shows_its_log(tmp_path: Path) -> None:
    log = "\n".join(f"log line {i}" for i in range(30))
    (tmp_path / "worker.log").write_text(log)
    run = FakeRun(tmp_path, ([failed("boom", "Traceback ...")],), "failed")
    with pytest.raises(WorkerError) as caught:
        followed(run)
    assert caught.value.exit_code == 1
    assert "boom" in caught.value.message
    assert "log line 29" in caught.value.message
    assert "log line 2\n" not in caught.value.message


def test_a_lost_worker_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "worker.log").write_text("Killed")
    with pytest.raises(WorkerError, match="lost") as caught:
        followed(FakeRun(tmp_path, ([started()], [steps(0, [1.0], 1.0)]), "lost"))
    assert "Killed" in caught.value.message


def pressing(interrupts: Interrupts) -> Any:
    def press() -> None:
        interrupts.count += 1

    return press


def test_the_first_interrupt_stops_the_worker_and_waits_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    interrupts = Interrupts()
    run = FakeRun(tmp_path, ([started(), pressing(interrupts)], [], [finished("stopped")]), "stopped")
    assert follow(run, PlainDisplay(run.name), interrupts, stops=True) == 130  # type: ignore[arg-type]
    assert run.commands == ["stop"]
    assert "stopped after" in capsys.readouterr().out


def test_the_second_interrupt_detaches_and_names_the_command_to_return(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    interrupts = Interrupts()
    press = pressing(interrupts)
    run = FakeRun(tmp_path, ([started()], [press], [], [press], [], [], []), "running")
    assert follow(run, PlainDisplay(run.name), interrupts, stops=True) == 130  # type: ignore[arg-type]
    assert run.commands == ["stop"]
    assert "nnterm attach r-1" in capsys.readouterr().out


def test_an_interrupt_detaches_from_a_run_that_is_only_watched(tmp_path: Path) -> None:
    interrupts = Interrupts()
    run = FakeRun(tmp_path, ([started(), pressing(interrupts)], [], [], []), "running")
    assert follow(run, PlainDisplay(run.name), interrupts, stops=False) == 130  # type: ignore[arg-type]
    assert run.commands == []


def test_a_reader_that_goes_away_leaves_the_training_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(text: str) -> None:
        raise ReaderGone

    monkeypatch.setattr("tui.cli.output.line", broken)
    run = FakeRun(tmp_path, COMPLETE)
    with pytest.raises(ReaderGone):
        followed(run)
    assert run.commands == []
    assert "nnterm attach r-1" in capsys.readouterr().err
