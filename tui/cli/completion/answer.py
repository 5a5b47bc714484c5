"""The program's answer to a shell that completes: the words that fit, a line each."""

import os
import re
import sys
from collections.abc import Sequence
from typing import Any

from tui.cli.completion.candidates import FILES, FOLDERS, Candidate
from tui.cli.completion.place import find_place, option_with_value, options
from tui.cli.completion.scripts import BREAKS_VARIABLE, LINE_VARIABLE, SCRIPTS, VARIABLE
from tui.cli.completion.words import Word, split_line


def answer(arguments: Sequence[str]) -> int:
    """Print the words that fit for the shell named by the environment; whatever is wrong, nothing is printed.

    With `bash_source` or `source_bash`, as programs made with Click and Typer have it, the script itself is printed.
    """
    request = os.environ[VARIABLE]
    shell = next((name for name in SCRIPTS if name in request.split("_")), "")
    try:
        if "source" in request:
            lines = SCRIPTS.get(shell, "").splitlines()
        elif shell == "bash":
            words, word = split_line(os.environ.get(LINE_VARIABLE, ""), os.environ.get(BREAKS_VARIABLE, ""))
            lines = _lines(words, word)
        else:
            *words, text = arguments or [""]
            lines = _lines(words, Word(text, 0, "'"))
    except Exception:  # a damaged home or a bad word: the shell must see no traceback while somebody types
        return 1
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


def _lines(words: Sequence[str], word: Word) -> list[str]:
    found = complete(words, word.text)
    shown = [candidate for candidate in found if candidate[1] not in (FILES, FOLDERS)]
    lines = [f"{word.as_typed(text)}\t{_one_line(about)}" for text, about in shown if text.isprintable()]
    return lines or [about for _, about in found if about in (FILES, FOLDERS)]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def complete(words: Sequence[str], typed: str) -> list[Candidate]:
    """Return the words that can stand in the place of `typed` after the arguments `words`."""
    from tui.cli.commands import program

    place = find_place(program(), words)
    if place.command is None:
        return []
    option, before = option_with_value(place, typed)
    if option is not None:
        found = _values(place.command, option, place.values, typed.removeprefix(before))
        return [(text if about in (FILES, FOLDERS) else before + text, about) for text, about in found]
    is_value = place.param is not None and place.param.param_type_name == "option"
    if typed.startswith("-") and not place.after_dashes and not is_value:
        return [(name, _brief(text)) for name, text in options(place) if name.startswith(typed)]
    if place.param is not None:
        return _values(place.command, place.param, place.values, typed)
    return _commands(place.command, typed)


def _brief(text: str) -> str:
    """Return the help of an option without its choices, which would have to be imported, and its default."""
    return re.split(r":? ?[\[{]", text, maxsplit=1)[0]


def _values(command: Any, param: Any, values: dict[str, Any], typed: str) -> list[Candidate]:
    """Return the words for the value of an option or argument."""
    context = command.context_class(command)
    context.params.update(values)
    return [(item.value, item.help or "") for item in param.shell_complete(context, typed)]


def _commands(group: Any, typed: str) -> list[Candidate]:
    """Return the commands of a group; none of a command that takes no further argument."""
    from tui.cli.commands import program
    from tui.cli.completion.candidates import candidates

    if group is program():
        return candidates("commands", {}, typed)
    commands = getattr(group, "commands", {})
    return [(name, one.get_short_help_str(100)) for name, one in commands.items() if name.startswith(typed)]
