"""`nnterm runs`, `tag` and `note`: columns, tags and notes in a shell."""

from pathlib import Path

import msgspec
import pytest

from engine.experiment.experiment import Experiment
from engine.runs import Run, RunNotes, fork, read_notes
from engine.runs.status import write_status
from tests.tui.cli.conftest import Nnterm
from tui.cli import output


@pytest.fixture
def run(home: Path) -> Run:
    return over(Run.create(Experiment.quick("moons", [8, 4]), home, "one"))


def over(run: Run) -> Run:
    """Return the run, which has no worker, as one that was stopped."""
    write_status(run.path, msgspec.structs.replace(run.status(), state="stopped"))
    return run


def test_tags_are_added_removed_and_found(nnterm: Nnterm, run: Run) -> None:
    assert nnterm("tag", "one").out == "one: no tags\n"
    assert nnterm("tag", "one", "+good", "base", "-h").code == 2  # a tag that it does not have, not the help
    assert nnterm("tag", "one", "+good", "base", "hard").out == "one: base good hard\n"
    assert nnterm("tag", "one", "-hard", "-base").out == "one: good\n"
    assert "one" in nnterm("runs", "tag=good").out
    assert "none of 1 run matches" in nnterm("runs", "tag=base").out
    assert nnterm("runs", "--json").lines[0]["tags"] == ["good"]


def test_a_note_is_shown_and_removed(nnterm: Nnterm, run: Run) -> None:
    assert nnterm("note", "one").out == "one: no note\n"
    assert nnterm("note", "one", "[b]as in[/ the course").out == "one: [b]as in[/ the course\n"
    assert "note: [b]as in[/ the course" in nnterm("show", "one").out
    assert nnterm("show", "one", "--json").lines[0]["note"] == "[b]as in[/ the course"
    assert nnterm("note", "one", "").out == "one: no note\n"
    assert read_notes(run.path) == RunNotes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("tag", "one", "a b"), "cannot be a tag"),
        (("tag", "one", "-bad"), 'has no tag "bad"'),
        (("tag", "one", "--bad"), "there is no option --bad"),
        (("tag", "two", "good"), 'there is no run "two"'),
        (("note", "one", "a\nb"), "one line without control characters"),
        (("runs", "--columns", "nam"), 'there is no column "nam"'),
    ],
)
def test_bad_input_is_one_clear_line(
    nnterm: Nnterm, run: Run, arguments: tuple[str, ...], message: str
) -> None:
    result = nnterm(*arguments)
    assert (result.code, result.out) == (2, "")
    assert message in result.err


def test_columns_are_chosen_by_name(nnterm: Nnterm, run: Run) -> None:
    head, line = nnterm("runs", "--columns", "network,lr,name").out.splitlines()
    assert head.split() == ["network", "lr", "run"]
    assert line.split()[0] == "2-8-4-1"
    assert "seed" in nnterm("runs", "--columns", "all").out


def test_a_narrow_terminal_shows_fewer_columns_and_whole_names(
    nnterm: Nnterm, run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = "a-name-of-24-characters-"
    over(fork(run, 0, name=long, starts=False).run)
    monkeypatch.setattr(output, "is_live", lambda: True)
    for width in (80, 140):
        monkeypatch.setenv("COLUMNS", str(width))
        lines = nnterm("runs").out.splitlines()
        assert all(len(line) <= width for line in lines)
        assert any(long in line for line in lines)
        assert "…" not in "".join(lines)
        assert {"run", "state", "lr"} <= set(lines[0].split())


def test_a_short_name_of_a_setting_is_enough(nnterm: Nnterm, run: Run, home: Path) -> None:
    forked = nnterm("fork", "one", "--at", "0", "--set", "lr=0.02", "--set", "epochs=1", "--plain")
    assert forked.code == 0
    training = Run.open("one-2", home).experiment().training
    assert (training.optimizer.lr, training.epochs) == (0.02, 1)
    wrong = nnterm("fork", "one", "--at", "0", "--set", "lrr=0.02")
    assert (wrong.code, "did you mean lr?" in wrong.err) == (2, True)


def test_of_a_long_list_the_nearest_three_are_named(nnterm: Nnterm) -> None:
    near = nnterm("runs", "--columns", "bset_acc").err.splitlines()[1]
    assert near.startswith('hint:  did you mean "best_acc"')
    assert near.count('"') <= 6
    far = nnterm("runs", "--columns", "qqq").err.splitlines()[1]
    assert far.count(",") == 3
    assert far.endswith("are known, see nnterm runs --help")
