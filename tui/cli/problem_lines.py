"""An error as the mistakes that it reports, each with its own hint."""

from collections.abc import Iterator
from typing import Any

from engine.errors import MOST_PROBLEMS, ExperimentError, NntermError
from engine.words import counted
from tui.words.plain import plain_lines


def mistakes(error: NntermError) -> Iterator[tuple[str, str]]:
    """Yield the message and the hint of each mistake; the hint is empty where there is none."""
    if not isinstance(error, ExperimentError):
        yield error.message, error.hint
        return
    prefix = f"{error.source}: " if error.source else ""
    for problem in error.problems[:MOST_PROBLEMS]:
        yield plain_lines(f"{prefix}{problem.message}"), plain_lines(problem.hint)
    if len(error.problems) > MOST_PROBLEMS:
        yield plain_lines(f"{prefix}{counted(len(error.problems) - MOST_PROBLEMS, 'more problem')}"), ""


def as_record(error: NntermError) -> dict[str, Any]:
    """Return the error as a JSON record: the whole message, the first hint, and the list of mistakes with their keys."""
    found = error.problems if isinstance(error, ExperimentError) else ()
    problems = [{"key": one.key, "message": one.message, "hint": one.hint} for one in found] or [
        {"key": "", "message": error.message, "hint": error.hint}
    ]
    record = {"type": "error", "message": error.message, "hint": error.hint}
    shown = [{name: _encodable(text) for name, text in problem.items()} for problem in problems]
    return {**{name: _encodable(text) for name, text in record.items()}, "problems": shown}


def _encodable(text: str) -> str:
    """Return the text with undecodable bytes, as file names may hold, replaced by `?`."""
    return text.encode("utf-8", "replace").decode()
