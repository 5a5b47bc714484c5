"""`nnterm tag` and `nnterm note`: tags and a note that tell runs apart."""

from typing import Annotated, Any

import typer

from engine.errors import NntermError
from tui.cli import output
from tui.cli.options import Home, RunName

TAG_SETTINGS: dict[str, Any] = {"ignore_unknown_options": True, "help_option_names": ["--help"]}
"""So that `-bad` is a tag to remove and no option; `-h` alone shows the help."""


def tag(
    run: RunName,
    changes: Annotated[
        list[str] | None,
        typer.Argument(metavar="[+]TAG|-TAG ...", help="Tags to add, with or without +; -TAG removes one."),
    ] = None,
    home: Home = None,
) -> int:
    """Add tags to a run, or remove them; without TAG, show them.

    Examples:
        nnterm tag mnist-1 good
        nnterm tag mnist-1 +good -draft
        nnterm runs tag=good                            # finds them
    """
    from engine.runs import Run, change_tags, read_notes

    opened = Run.open(run, home)
    texts = changes or []
    _refuse_options(texts)
    remove = [text[1:] for text in texts if text.startswith("-")]
    add = [text.removeprefix("+") for text in texts if not text.startswith("-")]
    notes = change_tags(opened, add, remove) if texts else read_notes(opened.path)
    output.line(f"{opened.name}: {' '.join(notes.tags) or 'no tags'}")
    return output.ExitCode.DONE


tag.context_settings = TAG_SETTINGS  # type: ignore[attr-defined]  # read by tui.cli.commands


def note(
    run: RunName,
    text: Annotated[
        str | None, typer.Argument(metavar="TEXT", help='The note, one line; "" removes it.')
    ] = None,
    home: Home = None,
) -> int:
    """Give a run a note; without TEXT, show it.

    Examples:
        nnterm note mnist-1 "learning rate too high"
        nnterm note mnist-1 ""                          # removes it
    """
    from engine.runs import Run, read_notes, write_notes

    opened = Run.open(run, home)
    notes = read_notes(opened.path)
    if text is not None:
        notes = write_notes(opened, notes.tags, text)
    output.line(f"{opened.name}: {notes.note or 'no note'}")
    return output.ExitCode.DONE


def _refuse_options(texts: list[str]) -> None:
    for text in texts:
        if text.startswith("--"):
            raise NntermError(f"there is no option {text}", "-TAG removes a tag, +TAG adds one")
