"""The settings: their defaults and ranges, and the problems of a file that breaks them."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, get_type_hints

import msgspec

from engine.errors import NntermError, Problem, did_you_mean
from engine.printable import printable
from tui.config.keys import KEYS_BY_EXAMPLE, unknown_key
from tui.theme import AUTO, THEMES

SLOW_FRAMES = 2
"""Frames a second with `low_bandwidth`, at most."""


class SettingsError(NntermError):
    """The settings file breaks the rules; `problems` holds all problems found, `source` the name of the file."""

    def __init__(self, problems: list[Problem], source: str) -> None:
        prefix = f"{source}: " if source else ""
        super().__init__("\n".join(prefix + problem.message for problem in problems), problems[0].hint)
        self.problems = tuple(problems)
        self.source = source


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings, each with its default."""

    theme: str = AUTO
    """A name of `THEMES`, or "auto": dark, or what the terminal can show."""
    columns: tuple[str, ...] = ()
    """Columns of the table of runs, in order; empty: the table's own choice."""
    frames_per_second: Annotated[int, msgspec.Meta(ge=1, le=60)] = 8
    """Redraws of the screen a second, at most; a key is answered at once nevertheless."""
    bell: bool = False
    """Ring the terminal's bell when a run ends."""
    low_bandwidth: bool = False
    """Send as little as possible: two frames a second, 256 colours."""
    keys: dict[str, str] = {}
    """Keys by the id of their action; several are separated by commas."""

    @property
    def frame_s(self) -> float:
        """Seconds between two frames."""
        rate = min(self.frames_per_second, SLOW_FRAMES) if self.low_bandwidth else self.frames_per_second
        return 1 / rate


def read_settings(tables: Mapping[str, Any], source: str = "") -> Settings:
    """Return the settings in the plain tables of a file.

    Raises:
        SettingsError: a key is unknown, or a value has the wrong type or range; all problems at once.
    """
    problems: list[Problem] = []
    hints = get_type_hints(Settings, include_extras=True)
    values: dict[str, Any] = {}
    for name, value in tables.items():
        if name not in hints:
            path = printable(name)
            problems.append(Problem(path, f"{path} is not a known key", did_you_mean(name, hints)))
            continue
        problem = _problem(name, value, hints[name])
        if problem is None:
            values[name] = msgspec.convert(value, hints[name])
        else:
            problems.append(problem)
    problems += _key_problems(values.get("keys", {}))
    if problems:
        raise SettingsError(problems, source)
    return Settings(**values)


def _problem(name: str, value: object, kind: Any) -> Problem | None:
    if name == "theme":
        return _theme_problem(value)
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return Problem(name, f"{name} = {_show(value)} must be {_WANTED[name]}")
    return None


_WANTED = {
    "columns": 'a list of names of columns, such as ["name", "state"]',
    "frames_per_second": "a whole number from 1 to 60",
    "bell": "true or false",
    "low_bandwidth": "true or false",
    "keys": f"a table of keys, such as {KEYS_BY_EXAMPLE}",
}


def _theme_problem(value: object) -> Problem | None:
    if isinstance(value, str) and value in (AUTO, *THEMES):
        return None
    hint = did_you_mean(value, (AUTO, *THEMES)) if isinstance(value, str) else f"known: {', '.join(THEMES)}"
    return Problem("theme", f"theme = {_show(value)} is not a theme", hint)


def _key_problems(keys: Mapping[str, str]) -> list[Problem]:
    problems = []
    for action, text in keys.items():
        path = f"keys.{printable(action)}"
        wrong = unknown_key(text)
        if wrong is not None:
            message = f"{path} = {_show(text)}: {_show(wrong)} is not a key"
            problems.append(Problem(path, message, f"write keys as in {KEYS_BY_EXAMPLE}"))
    return problems


def refuse_unknown_actions(keys: Mapping[str, str], known: Iterable[str], source: str = "") -> None:
    """Raise an error if a key is set for an action that does not exist.

    Raises:
        SettingsError: it names every such id, and the nearest that exists.
    """
    names = list(known)
    unknown = [name for name in keys if name not in names]
    if unknown:
        raise SettingsError([_unknown_action(name, names) for name in unknown], source)


def _unknown_action(name: str, known: list[str]) -> Problem:
    path = f"keys.{printable(name)}"
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f'did you mean "{near[0]}"? ' if near else ""
    return Problem(path, f"{path}: there is no such action", f"{hint}nnterm config --keys lists them")


def _show(value: object) -> str:
    """Return a value as TOML writes it, cut to a line."""
    try:
        text = msgspec.json.encode(value).decode()
    except TypeError:
        text = str(value)
    return printable(text if len(text) <= 60 else text[:57] + "...")
