"""`notes.json`: the tags and the note that a user gave a run. A fork starts without; a new name keeps them."""

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from engine.errors import RunError
from engine.files.atomic import read_limited, reason_of, replace_file
from engine.printable import printable_json
from engine.runs.folder import Run
from engine.words import counted

FILE_NAME = "notes.json"
LARGEST = 1 << 16
"""Size limit of the file, bytes."""
LONGEST_TAG, LONGEST_NOTE, MOST_TAGS = 30, 500, 20
"""Maximum numbers of characters of a tag and a note, and of tags."""
_IN_TAGS = "-_./"
"""Characters of a tag besides letters and digits."""


class RunNotes(msgspec.Struct, frozen=True):
    """The tags of a run in alphabetic order, and its note, a line."""

    tags: tuple[str, ...] = ()
    note: str = ""


NONE = RunNotes()
_DECODER = msgspec.json.Decoder(RunNotes)


def read_notes(folder: Path) -> RunNotes:
    """Return the tags and the note of the run in `folder`; empty ones if there are none, or the file is damaged."""
    if not os.access(
        f"{folder}/{FILE_NAME}", os.R_OK
    ):  # cheaper than an error, for a list of a thousand runs
        return NONE
    try:
        return _DECODER.decode(printable_json(read_limited(folder / FILE_NAME, LARGEST)))
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return NONE


def write_notes(run: Run, tags: Iterable[str], note: str) -> RunNotes:
    """Replace the tags and the note of `run`, and return them.

    Raises:
        RunError: a tag or the note is invalid, or the folder cannot be written.
    """
    notes = RunNotes(check_tags(tags), check_note(note))
    try:
        if notes == NONE:
            (run.path / FILE_NAME).unlink(missing_ok=True)
        else:
            replace_file(run.path / FILE_NAME, [msgspec.json.encode(notes), b"\n"], durable=True)
    except OSError as error:
        raise RunError(f"cannot write {run.path / FILE_NAME}: {reason_of(error)}") from None
    return notes


def change_tags(run: Run, add: Iterable[str] = (), remove: Iterable[str] = ()) -> RunNotes:
    """Add tags to `run` and remove others; return its notes.

    Raises:
        RunError: a tag to add is invalid, one to remove is not there, or the folder cannot be written.
    """
    before = read_notes(run.path)
    gone = set(remove)
    missing = sorted(gone - set(before.tags))
    if missing:
        there = f"its tags: {', '.join(before.tags)}" if before.tags else "it has no tags"
        raise RunError(f'{run.name} has no tag "{_shown(missing[0])}"', there)
    return write_notes(run, (set(before.tags) | set(add)) - gone, before.note)


def check_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Return the tags in alphabetic order, each once.

    Raises:
        RunError: one has a character other than letters, digits, "-", "_", "." and "/", or is too long; or there are
            too many.
    """
    found = tuple(sorted({*tags}))
    for tag in found:
        is_word = bool(tag) and tag[0].isalnum() and all(c.isalnum() or c in _IN_TAGS for c in tag)
        if not is_word or len(tag) > LONGEST_TAG:
            rule = (
                f'at most {LONGEST_TAG} letters, digits, "-", "_", "." and "/", the first a letter or digit'
            )
            raise RunError(f'"{_shown(tag)}" cannot be a tag', rule)
    if len(found) > MOST_TAGS:
        raise RunError(f"{len(found)} tags are too many", f"a run has at most {MOST_TAGS}")
    return found


def check_note(note: str) -> str:
    """Return the note without spaces at its ends.

    Raises:
        RunError: it is too long, or has control characters or line ends.
    """
    note = note.strip()
    if not note.isprintable():
        raise RunError(
            "a note is one line without control characters", "leave out tabs, line ends and the like"
        )
    if len(note) > LONGEST_NOTE:
        raise RunError(f"the note has {counted(len(note), 'character')}", f"at most {LONGEST_NOTE} are kept")
    return note


def _shown(tag: str) -> str:
    """Return what was given for a tag with all that a terminal may obey escaped, marks of the direction included."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in tag[:60])
