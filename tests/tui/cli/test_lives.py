"""`resume`, `fork`, `replay`, `compare`, `rename`, `rm` and the queries of `runs`, with real workers."""

from pathlib import Path

import msgspec
import pytest

from engine.experiment.experiment import Experiment
from engine.runs import Run
from engine.runs.status import write_status
from tests.tui.cli.conftest import Nnterm
from tests.tui.sentences import NO_RUNS

MOONS = ("train", "--dataset", "moons", "--layers", "4", "--epochs", "4", "--name", "one", "--plain")
EVERY = ("--set", "checkpoints.every=1")


@pytest.fixture
def one(nnterm: Nnterm) -> Nnterm:
    """Return `nnterm` for a home with one finished run."""
    assert nnterm(*MOONS, *EVERY).code == 0
    return nnterm


def test_a_finished_run_is_resumed_with_more_epochs(one: Nnterm, home: Path) -> None:
    refused = one("resume", "one")
    assert (refused.code, refused.out) == (2, "")
    assert "error: one is finished: all" in refused.err
    result = one("resume", "one", "--set", "training.epochs=6", "--json")
    assert result.code == 0
    assert result.lines[0]["type"] == "resumed"
    assert [line["epoch"] for line in result.lines if line["type"] == "epoch"] == [5, 6]
    assert result.lines[-1]["state"] == "finished"
    assert Run.open("one", home).status().epoch == 6
    replayed = one("replay", "one", "--plain")
    assert replayed.code == 0
    assert "through 1 resume" in replayed.out
    assert "the same bits at 6 checkpoints" in replayed.out


def test_a_fork_shows_where_it_comes_from(one: Nnterm) -> None:
    result = one("fork", "one", "--at", "2", "--lr", "0.05", "--name", "two", "--plain")
    assert result.code == 0
    assert "two continues from one" in result.out
    assert "epoch 1/4" not in result.out
    assert "forked from one at epoch 2" in one("show", "two").out
    assert "one @2" in one("runs", "parent=one").out
    assert one("runs", "lr>=0.05", "--json").lines[0]["name"] == "two"
    compared = one("compare", "one", "two")
    assert [line.split() for line in compared.out.splitlines()[:2]] == [
        ["differs", "one", "two"],
        ["learning", "rate", "0.01", "0.05"],
    ]
    (line,) = one("compare", "one", "two", "--json").lines
    assert line["differences"] == [
        {"key": "training.optimizer.lr", "values": [0.01, 0.05], "label": "learning rate"}
    ]


def test_renamed_thrown_away_and_back(one: Nnterm) -> None:
    assert one("rename", "one", "other").code == 0
    unasked = one("rm", "other")
    assert (unasked.code, "--yes" in unasked.err) == (2, True)
    assert one("rm", "other", "--yes").code == 0
    assert NO_RUNS in one("runs").out
    assert one("rm", "--restore", "other").code == 0
    assert one("runs", "other").out.count("other") == 1
    one("rm", "other", "--yes")
    assert "1 run deleted" in one("rm", "--empty-trash", "--yes").out
    assert "the trash is empty" in one("rm", "--empty-trash").out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("resume", "two"), 'there is no run "two"'),
        (("resume", "one", "--set", "training.batch_size=3"), "cannot be changed when a run is resumed"),
        (("resume", "one", "--set", "epochs"), "expected KEY=VALUE"),
        (("resume", "one", "--lr", "-1"), "must be a number above 0"),
        (("fork", "one", "--at", "soon"), "must be a number of epochs, best or last"),
        (("fork", "one", "--at", "9"), "has no checkpoint yet"),
        (("replay", "../one"), "../one does not exist"),
        (("compare", "one"), "at least two runs"),
        (("rm",), "name the runs"),
        (("rename", "one", "a/b"), "cannot be the name of a run"),
        (("runs", "lrr>3"), "is not a field of a run"),
        (("runs", "--sort", "colour"), "is not a field of a run"),
    ],
)
def test_bad_input_is_one_clear_line(
    nnterm: Nnterm, home: Path, arguments: tuple[str, ...], message: str
) -> None:
    run = Run.create(Experiment.quick("moons", [4], epochs=4), home, "one")
    write_status(run.path, msgspec.structs.replace(run.status(), state="stopped"))
    before = (run.path / "status.json").read_bytes()
    result = nnterm(*arguments)
    assert result.code == 2
    assert result.out == ""
    assert message in result.err
    assert "Traceback" not in result.err
    assert (run.path / "status.json").read_bytes() == before
