"""The place of the cursor: at a command, an option, or the value of an option or argument.

The words are walked through without parsing their values, which would load the library that converts them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Place:
    """The command at the cursor, what was given to it, and the parameter whose value is typed."""

    command: Any
    """Typer's command or group."""
    values: dict[str, Any] = field(default_factory=dict)
    """The values given so far by parameter, those before the command included; of a list a list."""
    param: Any = None
    """The option or argument that takes the word at the cursor; None: a command or an option's name."""
    after_dashes: bool = False
    """True behind `--`: there are no options any more."""


def find_place(program: Any, words: Sequence[str]) -> Place:
    """Return what takes the word after `words`."""
    place = Place(program)
    arguments = _arguments(program)
    waiting: Any = None
    for word in words:
        if waiting is not None:
            _note(place, waiting, word)
            waiting = None
        elif word == "--" and not place.after_dashes:
            place.after_dashes = True
        elif word.startswith("-") and len(word) > 1 and not place.after_dashes:
            name, equals, value = word.partition("=")
            option = _option(place.command, name)
            if option is not None and equals:
                _note(place, option, value)
            elif option is not None and option.is_flag:
                place.values[option.name] = name in option.opts
            else:
                waiting = option
        elif hasattr(place.command, "commands"):
            command = place.command.commands.get(word)
            if command is None:
                return Place(None)
            place.command, arguments = command, _arguments(command)
        else:
            _take(place, arguments, word)
    place.param = waiting if waiting is not None else (arguments or [None])[0]
    return place


def option_with_value(place: Place, word: str) -> tuple[Any, str]:
    """Return the option of `--name=value` and the part before the value; (None, "") if the word is not of this form."""
    name, equals, _ = word.partition("=")
    option = _option(place.command, name) if equals and word.startswith("--") else None
    return (option, f"{name}=") if option is not None and not option.is_flag else (None, "")


def options(place: Place) -> list[tuple[str, str]]:
    """Return the names of the options that may follow, with their help."""
    found = []
    for param in place.command.params:
        is_used = param.name in place.values and not getattr(param, "multiple", False)
        if param.param_type_name == "option" and not param.hidden and not is_used:
            names = [name for name in (*param.opts, *param.secondary_opts) if name.startswith("--")]
            found += [(name, param.help or "") for name in names]
    return [*found, ("--help", "Show this message and exit.")]


def _arguments(command: Any) -> list[Any]:
    return [param for param in command.params if param.param_type_name == "argument"]


def _option(command: Any, name: str) -> Any:
    for param in command.params:
        if param.param_type_name == "option" and name in (*param.opts, *param.secondary_opts):
            return param
    return None


def _note(place: Place, param: Any, word: str) -> None:
    if getattr(param, "multiple", False):
        place.values.setdefault(param.name, []).append(word)
    else:
        place.values[param.name] = word


def _take(place: Place, arguments: list[Any], word: str) -> None:
    """Give a word to the next argument; one that takes several stays the next."""
    if not arguments:
        return
    if arguments[0].nargs == -1:
        place.values.setdefault(arguments[0].name, []).append(word)
    else:
        place.values[arguments.pop(0).name] = word
