"""The words that fit at a place: names from the registries, runs, keys with their values, files of the folder."""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

Candidate = tuple[str, str]
"""A word, and a few words on it."""

FILES, FOLDERS = ":files", ":folders"
"""In place of the few words: no word of ours, but the shell may complete a path."""
_SAFE = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.+@-]*")
"""Names of files that no shell takes for something else; others are left to the shell itself."""

Values = Mapping[str, Any]


def candidates(kind: str, values: Values, typed: str) -> list[Candidate]:
    """Return the words of a kind that begin with what is typed; a last item with FILES or FOLDERS leaves it to the shell.

    Args:
        kind: one of `tui.cli.choices`, or of KINDS.
        values: what was given on the command line before, by parameter.
        typed: the word up to the cursor.
    """
    from tui.cli.choices import CHOICES, choices

    found = KINDS[kind](values, typed) if kind in KINDS else _plain(choices(kind) if kind in CHOICES else ())
    return [(word, text) for word, text in found if word.startswith(typed)]


def _plain(names: Iterable[str]) -> list[Candidate]:
    return [(name, "") for name in names]


def _nothing(values: Values, typed: str) -> list[Candidate]:
    return []


def _files(values: Values, typed: str) -> list[Candidate]:
    return [(typed, FILES)]


def _folders(values: Values, typed: str) -> list[Candidate]:
    return [(typed, FOLDERS)]


def _runs(values: Values, typed: str) -> list[Candidate]:
    """Return the names of the runs, of the trash with `--restore`; runs that were named already are left out."""
    from engine.runs.names import is_name, names_in, runs_folder

    if values.get("restore"):
        from engine.runs.trash import list_trash

        names = {discarded.name for discarded in list_trash(values.get("home"))}
    else:
        names = set(names_in(runs_folder(values.get("home"))))
    named = values.get("runs") or ()
    found = sorted((name for name in names if is_name(name) and name not in named), key=_by_number)
    return [*_plain(found), (typed, FOLDERS)]


def _by_number(name: str) -> list[tuple[int, str]]:
    """Sort `mnist-2` before `mnist-10`."""
    return [
        (int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d{1,9})", name) if part
    ]


def _files_or_runs(values: Values, typed: str) -> list[Candidate]:
    return [*_runs(values, typed)[:-1], *_experiment_files(), (typed, FILES)]


def _experiment_files() -> list[Candidate]:
    """Return the experiment files of the current folder whose names need no quotes."""
    try:
        names = sorted(path.name for path in Path().iterdir() if path.suffix == ".toml")
    except OSError:
        return []
    return _plain(name for name in names if _SAFE.fullmatch(name))


def _dataset(values: Values, typed: str) -> list[Candidate]:
    from tui.cli.choices import choices

    return [*_plain(choices("datasets")), (typed, FILES)]


def _commands(values: Values, typed: str) -> list[Candidate]:
    from tui.cli.registry import command_names, summary

    return [(name, summary(name)) for name in command_names() if name.startswith(typed)]


def _comma_list(kind: str) -> Callable[[Values, str], list[Candidate]]:
    """Return the words for a list with commas: the names that it does not hold yet."""

    def complete(values: Values, typed: str) -> list[Candidate]:
        from tui.cli.choices import choices

        before, comma, _ = typed.rpartition(",")
        taken = before.split(",")
        return [(before + comma + name, "") for name in choices(kind) if name not in taken]

    return complete


def _queries(values: Values, typed: str) -> list[Candidate]:
    """Return fields with `=`, and after it the values of those that have few."""
    from tui.cli.choices import choices

    field, equals, _ = typed.partition("=")
    if not equals:
        return [(f"{name}=", "") for name in choices("fields")]
    kind = {"dataset": "datasets", "optimizer": "optimizers", "backend": "backends", "state": "states"}.get(
        field
    )
    return [(f"{field}={name}", "") for name in choices(kind)] if kind else []


def _keys(values: Values, typed: str) -> list[Candidate]:
    """Return the keys of the experiment file with `=`, and after it the values of those that have few."""
    from engine.experiment.key_names import key_choices, keys_with
    from tui.cli.choices import load_own_members

    load_own_members()
    key, equals, _ = typed.partition("=")
    if equals:
        return [(f"{key}={value}", "") for value in key_choices(key)]
    return _plain(keys_with(typed))


def _words(*names: str) -> Callable[[Values, str], list[Candidate]]:
    return lambda values, typed: _plain(names)


KINDS: Mapping[str, Callable[[Values, str], list[Candidate]]] = {
    "nothing": _nothing,
    "files": _files,
    "folders": _folders,
    "runs": _runs,
    "files or runs": _files_or_runs,
    "dataset": _dataset,
    "commands": _commands,
    "column list": _comma_list("columns"),
    "rival list": _comma_list("rivals"),
    "epochs": _words("0", "best", "last"),
    "threads": _words("auto"),
    "moments": _words("newest", "best", "last", "0"),
    "queries": _queries,
    "keys": _keys,
}
