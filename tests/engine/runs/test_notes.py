"""Tags and notes: one small file a run, valid or refused, and no reader fails over a damaged one."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import RunError
from engine.experiment.experiment import Experiment
from engine.runs import Run, RunNotes, change_tags, fork, list_runs, read_notes, rename, write_notes
from engine.runs.notes import FILE_NAME, check_note, check_tags


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.create(Experiment.quick("xor", [2]), tmp_path)


def test_tags_and_note_are_listed_with_the_run(run: Run) -> None:
    assert read_notes(run.path) == RunNotes()
    write_notes(run, ["good", "base", "good"], "  as in the course ")
    assert read_notes(run.path) == RunNotes(("base", "good"), "as in the course")
    (listed,) = list_runs(run.path.parent.parent)
    assert (listed.tags, listed.note) == (("base", "good"), "as in the course")


def test_tags_are_added_and_removed(run: Run) -> None:
    write_notes(run, ["base"], "kept")
    assert change_tags(run, ["good"], ["base"]) == RunNotes(("good",), "kept")
    with pytest.raises(RunError, match='has no tag "bad"') as caught:
        change_tags(run, remove=["bad"])
    assert "good" in caught.value.hint


def test_without_tags_and_note_there_is_no_file(run: Run) -> None:
    write_notes(run, ["base"], "")
    write_notes(run, [], " ")
    assert not (run.path / FILE_NAME).exists()
    write_notes(run, [], "")


@pytest.mark.parametrize("tag", ["", "a b", "a,b", "-x", "x" * 31, "a\x1b[1m", "\u202eab", "[b]", "a\n"])
def test_tags_that_are_refused(run: Run, tag: str) -> None:
    with pytest.raises(RunError, match="cannot be a tag"):
        write_notes(run, ["good", tag], "")
    assert read_notes(run.path) == RunNotes()


@pytest.mark.parametrize("note", ["a\nb", "a\x1b[1m", "a\tb", "\u202eab", "x" * 501])
def test_notes_that_are_refused(note: str) -> None:
    with pytest.raises(RunError):
        check_note(note)


@given(st.text(max_size=40))
def test_what_is_accepted_is_printable(text: str) -> None:
    for check in (check_note, lambda text: "".join(check_tags([text]))):
        try:
            said = check(text)
        except RunError as error:
            said = error.message
        assert said.isprintable()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"tags": 3}', b"\xff" * 9, b"[" * 50_000, b"x" * 100_000]
)
def test_a_damaged_file_is_as_none(run: Run, content: bytes) -> None:
    (run.path / FILE_NAME).write_bytes(content)
    assert read_notes(run.path) == RunNotes()
    assert list_runs(run.path.parent.parent)[0].tags == ()


def test_control_characters_of_a_foreign_file_are_escaped(run: Run) -> None:
    (run.path / FILE_NAME).write_text('{"note":"a\\u001b[1mb"}')
    assert read_notes(run.path).note == r"a\x1b[1mb"


def test_a_new_name_keeps_them_and_a_fork_starts_without(run: Run) -> None:
    write_notes(run, ["good"], "mine")
    renamed = rename(run, "other")
    assert read_notes(renamed.path) == RunNotes(("good",), "mine")
    assert read_notes(fork(renamed, 0, starts=False).run.path) == RunNotes()
