"""Typer's errors for a wrong command line, as our one line with a hint."""

import difflib
import math
import re
from collections.abc import Sequence
from typing import Any

import typer

from engine.errors import NntermError

UsageError: type[Exception] = typer.BadParameter.__bases__[0]
"""The class of Typer's errors for wrong options; it has no public name."""
_LIBRARY_WORDS = re.compile(r"^(Invalid value for |Value error, )+")


def on_one_line(error: Any, arguments: Sequence[str]) -> NntermError:
    """Return Typer's usage error in our words, with a hint at the help."""
    path = error.ctx.command_path if error.ctx is not None else ""
    if path in ("", "nnterm") and arguments and not arguments[0].startswith("-"):
        path = f"nnterm {arguments[0]}"
    see = f"see {path or 'nnterm'} --help"
    unknown = getattr(error, "option_name", "")
    if (unknown and getattr(error, "possibilities", None) is not None) or "No such option" in error.message:
        return NntermError(f"there is no option {unknown}", _near_option(error, unknown, see))
    param = getattr(error, "param", None)
    if (param is not None and error.message == "") or type(error).__name__ == "MissingParameter":
        return NntermError(f"{_shown(param)} is missing", see)
    given = _given(error, arguments)
    if param is not None and given is not None:
        return NntermError(f'{_shown(param)} = "{given}" must be {_wanted(param, error.message, given)}', see)
    extra = re.search(r"unexpected extra arguments? ?(?:\(s\))? ?\((.*)\)", error.message)
    if extra:
        return NntermError(f"unexpected argument: {extra[1]}", see)
    message = " ".join(error.format_message().split())
    message = _LIBRARY_WORDS.sub("", message).rstrip(".")
    message = message.removeprefix("Option ")
    return NntermError(re.sub(r"'(--?[\w-]+)'", r"\1", message), see)


def _shown(param: Any) -> str:
    """Return an option or argument as the user writes it."""
    if param.param_type_name == "option":
        return str(max(param.opts, key=len))
    return str(param.metavar or param.name.upper()).strip("[]")


def _near_option(error: Any, unknown: str, see: str) -> str:
    from engine.experiment.options import OPTION_KEYS

    known = [
        name
        for param in error.ctx.command.params
        if not getattr(param, "hidden", False)
        for name in param.opts
    ]
    name = unknown.removeprefix("--").replace("-", "_")
    if "--set" in known and name in OPTION_KEYS:
        return f"set it with --set {name}=VALUE; {see}"
    near = difflib.get_close_matches(unknown, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]}? {see}" if near else see


def _given(error: Any, arguments: Sequence[str]) -> str | None:
    """Return the value that a usage error is about; None if it cannot be found."""
    details = getattr(error.__cause__, "errors", None)
    if callable(details):
        return str(details()[0].get("input"))
    for option in getattr(getattr(error, "param", None), "opts", ()):
        for position, argument in enumerate(arguments):
            name, equals, value = argument.partition("=")
            if name == option:
                return value if equals else "".join(arguments[position + 1 : position + 2])
    return None


def _wanted(param: Any, message: str, given: str) -> str:
    """Return what a value must be, in words."""
    try:
        number = float(given)
    except ValueError:
        number = math.nan
    if "integer" in message and not (math.isfinite(number) and number.is_integer()):
        return "a whole number"
    if math.isnan(number):
        return "a number"
    low, high = (
        getattr(param, name, getattr(getattr(param, "type", None), name, None)) for name in ("min", "max")
    )
    if low is not None and high is not None:
        return f"from {low} to {high}"
    return f"at least {low}" if low is not None else f"at most {high}" if high is not None else "a number"
