"""Lists on the command line are written with commas, `--layers 128,64`; spaces in their place are found here."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from engine.errors import NntermError


def _is_units(word: str) -> bool:
    return re.fullmatch(r"[\d,]+", word) is not None


def _is_key(word: str) -> bool:
    return re.fullmatch(r"[\w.\[\]]+=.*", word) is not None


def _is_one_of(kind: str) -> Callable[[str], bool]:
    def is_member(word: str) -> bool:
        from tui.cli.choices import choices

        return {part for part in word.split(",") if part} <= {*choices(kind)}

    return is_member


WITH_COMMAS: dict[str, Callable[[str], bool]] = {
    "--layers": _is_units,
    "--columns": _is_one_of("columns"),
    "--against": _is_one_of("rivals"),
}
"""Options whose value is a list with commas, and whether a word looks like a part of it."""
REPEATED: dict[str, Callable[[str], bool]] = {
    "--set": _is_key,
    "--case": _is_one_of("cases"),
    "--weight": _is_key,
}
"""Options that are given once for each value."""


def refuse_spaces(arguments: Sequence[str]) -> None:
    """Refuse a list that is written with spaces: each word behind the first would be taken for something else.

    Raises:
        NntermError: there is one; the hint has it as it is written.
    """
    for position, argument in enumerate(arguments):
        if argument == "--":
            return
        option, equals, value = argument.partition("=")
        looks_like = WITH_COMMAS.get(option) or REPEATED.get(option)
        first = position + (1 if equals else 2)
        if looks_like is None or first >= len(arguments):
            continue
        rest = _parts(arguments[first:], looks_like)
        value = value if equals else arguments[first - 1]
        if rest and looks_like(value):
            given = " ".join((option, value, *rest))
            raise NntermError(
                f"{given}: the values of {option} are not separated by spaces", _hint(option, [value, *rest])
            )


def _parts(words: Sequence[str], looks_like: Callable[[str], bool]) -> list[str]:
    """Return the words at the start that look like parts of a list and are no files."""
    found: list[str] = []
    for word in words:
        if word.startswith("-") or not looks_like(word) or Path(word).exists():
            break
        found.append(word)
    return found


def _hint(option: str, values: Sequence[str]) -> str:
    if option in WITH_COMMAS:
        return f"write them with commas: {option} {','.join(value.strip(',') for value in values)}"
    return f"repeat the option: {' '.join(f'{option} {value}' for value in values)}"
