"""`nnterm rm` and `nnterm rename`: moves runs to the trash and back, and renames them."""

import sys
from shlex import quote
from typing import Annotated

import typer

from engine.errors import NntermError
from engine.words import counted
from tui.cli import output
from tui.cli.options import Home, RunName
from tui.cli.values import takes

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]


def rm(
    runs: Annotated[
        list[str] | None,
        typer.Argument(metavar="RUN ...", autocompletion=takes("runs"), help="Runs to move to the trash."),
    ] = None,
    yes: Yes = False,
    empty_trash: Annotated[
        bool, typer.Option("--empty-trash", help="Delete the runs in the trash permanently.")
    ] = False,
    restore: Annotated[bool, typer.Option("--restore", help="Restore the runs from the trash.")] = False,
    home: Home = None,
) -> int:
    """Move runs to the trash, or empty it.

    Examples:
        nnterm rm mnist-1 mnist-2
        nnterm rm --restore mnist-1
        nnterm rm --empty-trash --yes
    """
    names = runs or []
    if empty_trash:
        if names or restore:
            raise NntermError("--empty-trash takes no other arguments", "nnterm rm --empty-trash")
        return _empty(home, yes)
    if not names:
        raise NntermError("name the runs to remove", "see nnterm runs")
    return _restore(names, home) if restore else _discard(names, home, yes)


def rename(
    run: RunName,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The new name.")],
    home: Home = None,
) -> int:
    """Rename a run.

    Example:
        nnterm rename mnist-1 baseline
    """
    from engine.runs import Run
    from engine.runs import rename as rename_run

    opened = Run.open(run, home)
    renamed = rename_run(opened, name)
    output.line(f"{opened.name} renamed to {renamed.name}")
    return output.ExitCode.DONE


def _discard(names: list[str], home: Home, yes: bool) -> int:
    from engine.runs import Run, discard, runs_folder
    from engine.runs.trash import refuse_homeless

    found = list({run.path: run for run in (Run.open(name, home) for name in names)}.values())
    for run in found:
        refuse_homeless(run)
    question = f"Move {', '.join(run.name for run in found)} to the trash?"
    if not (yes or _confirmed(question)):
        return output.ExitCode.NO
    for run in found:
        discard(run)
        elsewhere = "" if run.home in (None, runs_folder(home).parent) else f" --home {quote(str(run.home))}"
        command = f"nnterm rm --restore {run.name}{elsewhere}"
        output.line(f"{run.name} moved to the trash; restore it with: {command}")
    return output.ExitCode.DONE


def _restore(names: list[str], home: Home) -> int:
    from engine.runs import restore

    for name in names:
        output.line(f"{restore(name, home).name} restored")
    return output.ExitCode.DONE


def _empty(home: Home, yes: bool) -> int:
    from engine.runs import empty_trash, list_trash

    found = list_trash(home)
    if not found:
        output.line("the trash is empty")
        return output.ExitCode.DONE
    noun = counted(len(found), "run")
    if not (yes or _confirmed(f"Delete {noun} permanently?")):
        return output.ExitCode.NO
    empty_trash(home)
    output.line(f"{noun} deleted")
    return output.ExitCode.DONE


def _confirmed(question: str) -> bool:
    """Ask on the terminal; a script must pass --yes."""
    if not sys.stdin.isatty():
        raise NntermError(
            f"{question} There is no terminal for the answer", "use --yes to skip the confirmation"
        )
    return bool(typer.confirm(question))
