"""Reading the folder of a run."""

import shutil
from pathlib import Path

import pytest

from engine.errors import RunError
from tests.tui.fake_runs import FakeRun, epoch, finished, started, steps
from tui.follow.reader import RunReader


@pytest.fixture
def fake(tmp_path: Path) -> FakeRun:
    return FakeRun(tmp_path)


def test_a_missing_run_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RunError):
        RunReader.open("nothing", tmp_path)


def test_a_read_returns_news_or_none(fake: FakeRun, tmp_path: Path) -> None:
    reader = RunReader.open(fake.name, tmp_path)
    first = reader.look()
    assert first is not None
    assert first.state == "starting"
    assert reader.look() is None
    fake.begin()
    second = reader.look()
    assert second is not None
    assert (second.state, second.step, first.step) == ("running", 10, 0)


def test_a_change_of_state_alone_is_reported(fake: FakeRun) -> None:
    fake.begin()
    reader = RunReader(fake.run)
    reader.look()
    fake.set_status("paused")
    figures = reader.look()
    assert figures is not None
    assert figures.state == "paused"


def test_an_incomplete_line_waits_for_its_end(fake: FakeRun) -> None:
    fake.begin()
    reader = RunReader(fake.run)
    reader.look()
    path = fake.run.path / "events.jsonl"
    whole = path.read_bytes()
    fake.write(epoch(2, 20, accuracy=0.9))
    line = path.read_bytes()[len(whole) :]
    path.write_bytes(whole + line[:20])
    assert reader.look() is None
    path.write_bytes(whole + line)
    figures = reader.look()
    assert figures is not None
    assert figures.validation.accuracy == 0.9


def test_a_long_file_is_read_in_pieces_within_the_budget(fake: FakeRun) -> None:
    fake.write(started())
    fake.write(*(steps(first, [0.123456] * 2_000) for first in range(0, 400_000, 2_000)))
    reader = RunReader(fake.run)
    figures = reader.look(budget_s=0.0)
    assert figures is not None
    assert 0 < figures.step < 400_000
    assert reader.is_behind
    while reader.is_behind:
        figures = reader.look() or figures
    assert figures.step == 400_000


def test_a_replaced_file_is_read_from_its_start(fake: FakeRun) -> None:
    fake.begin()
    reader = RunReader(fake.run)
    reader.look()
    (fake.run.path / "events.jsonl").unlink()
    fake.write(started())
    figures = reader.look()
    assert figures is not None
    assert (figures.step, len(figures.lines)) == (0, 1)


def test_a_folder_that_disappears_shows_as_lost(fake: FakeRun) -> None:
    fake.begin()
    reader = RunReader(fake.run)
    reader.look()
    shutil.rmtree(fake.run.path)
    figures = reader.look()
    assert figures is not None
    assert figures.state == "lost"
    assert figures.step == 10
    assert figures.message


def test_the_final_event_counts_even_if_the_status_is_late(fake: FakeRun) -> None:
    fake.begin()
    fake.write(finished())
    figures = RunReader(fake.run).look()
    assert figures is not None
    assert figures.state == "finished"


def test_ignored_events_are_noted(fake: FakeRun) -> None:
    fake.begin()
    reader = RunReader(fake.run)
    assert reader.look() is not None
    with (fake.run.path / "events.jsonl").open("ab") as stream:
        stream.write(b'{"type":"dream","time":1,"step":1}\nnonsense\n')
    figures = reader.look()
    assert figures is not None
    assert "1 event of a newer nnterm" in figures.note
    assert "1 damaged line" in figures.note


@pytest.mark.parametrize(
    "line",
    [
        b'{"type":"steps","time":1,"step":99999999999999999999,"losses":[1],"seconds":1,"epoch":1,"learning_rate":1}',
        (
            b'{"type":"steps","time":1,"step":0,"losses":[],"seconds":1,"epoch":1,"learning_rate":1,"buckets":'
            b'{"size":99999999999999999,"count":9999999999999999999,"minimum":[1],"mean":[1],"maximum":[1]}}'
        ),
        (
            b'{"type":"epoch","time":1e308,"step":-5,"epoch":-1,"train_loss":1e308,"train_accuracy":7,'
            b'"validation_loss":-1e308,"validation_accuracy":null,"learning_rate":1,"samples_per_s":1,"seconds":1}'
        ),
        b'{"type":"resumed","time":1,"step":9223372036854775807,"path":""}',
    ],
)
def test_impossible_numbers_are_ignored(fake: FakeRun, line: bytes) -> None:
    fake.begin()
    with (fake.run.path / "events.jsonl").open("ab") as stream:
        stream.write(line + b"\n")
    fake.write(steps(10, [0.4]))
    figures = RunReader(fake.run).look()
    assert figures is not None
    assert figures.step == 11
