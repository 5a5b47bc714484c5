"""Queries for runs, such as `lr>=1e-3 dataset=mnist state=lost moons`: all conditions must hold."""

import math
import re
import shlex
from collections.abc import Callable, Iterable, Sequence
from operator import eq, ge, gt, le, lt, ne
from typing import Any, NamedTuple

from engine.errors import NntermError, did_you_mean
from engine.runs.listing import RunSummary

FIELDS = {
    "name": "name",
    "state": "state",
    "dataset": "dataset",
    "network": "network",
    "optimizer": "optimizer",
    "host": "host",
    "backend": "backend",
    "parent": "parent",
    "lr": "base_learning_rate",
    "batch": "batch_size",
    "seed": "seed",
    "parameters": "n_parameters",
    "epoch": "epoch",
    "epochs": "epochs",
    "step": "step",
    "steps": "total_steps",
    "seconds": "seconds",
    "age": "created",
    "train_loss": "train_loss",
    "train_acc": "train_accuracy",
    "val_loss": "validation_loss",
    "val_acc": "validation_accuracy",
    "best_loss": "best_validation_loss",
    "best_acc": "best_validation_accuracy",
    "test_loss": "test_loss",
    "test_acc": "test_accuracy",
    "tag": "tags",
    "note": "note",
}
"""Fields of queries and sort orders, with the field of `RunSummary` for each; the latter's own names are valid too."""

_TEXTS = frozenset(
    {
        "name",
        "state",
        "dataset",
        "network",
        "optimizer",
        "host",
        "backend",
        "parent",
        "message",
        "tags",
        "note",
    }
)
_SEARCHED = ("name", "state", "dataset", "network", "optimizer", "host", "parent", "note")
_CONDITION = re.compile(r"([A-Za-z_.]+)\s*(>=|<=|!=|==|=|>|<|~)(.*)", re.DOTALL)
_AROUND = re.compile(r"\s*(>=|<=|!=|==|=|>|<|~)\s*")
_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(%|s|m|min|h|d)?", re.IGNORECASE)
_UNITS = {"%": 0.01, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {">=": ge, "<=": le, ">": gt, "<": lt, "=": eq, "!=": ne}
LONGEST = 1000
"""Maximum number of characters of a query."""

Key = tuple[bool, Any]


class QueryError(NntermError):
    """A query cannot be understood."""


class Condition(NamedTuple):
    """One condition; an empty field means a text to find in any text field of the run."""

    field: str
    operator: str
    value: Any

    def holds(self, run: RunSummary, now: float) -> bool:
        """Return True if the condition holds for the run at `now`, Unix seconds; for a missing figure only `!=` holds."""
        if not self.field:
            texts = (*(str(getattr(run, name)) for name in _SEARCHED), *run.tags)
            return any(self.value in text.lower() for text in texts)
        value = getattr(run, self.field)
        if isinstance(value, tuple):
            return self._holds_for_one_of(value)
        if self.field == "created":
            value = now - value
        if value is None:
            return self.operator == "!="
        if self.operator == "~":
            return self.value in str(value).lower()
        value = value.lower() if isinstance(value, str) else value
        return _OPERATORS[self.operator](value, self.value)

    def _holds_for_one_of(self, values: Sequence[str]) -> bool:
        texts = [value.lower() for value in values]
        if self.operator == "~":
            return any(self.value in text for text in texts)
        return (self.value in texts) == (self.operator == "=")


class Query:
    """Conditions that must all hold; a query without conditions matches every run."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self.conditions = tuple(conditions)

    @classmethod
    def parse(cls, text: str) -> "Query":
        """Parse a query.

        A word is `FIELD OPERATOR VALUE`, or a text to search for. Operators: `= != < <= > >=`, and `~` for "contains".
        A share may be written as 97%, an age or a duration as 90s, 5min, 2h, 3d; quotes enclose spaces.

        Raises:
            QueryError: a field is unknown, a number is malformed, or a quote is not closed.
        """
        if len(text) > LONGEST:
            raise QueryError("the query is too long", "for example lr>=1e-3 dataset=mnist")
        try:
            words = shlex.split(_AROUND.sub(r"\1", text))
        except ValueError:
            raise QueryError(f"{text}: a quote is not closed", 'for example name="a b"') from None
        return cls([_condition(word) for word in words])

    def matches(self, run: RunSummary, now: float) -> bool:
        """Return True if all conditions hold for a run at `now`, Unix seconds."""
        return all(condition.holds(run, now) for condition in self.conditions)


def sort_runs(runs: Iterable[RunSummary], by: str) -> list[RunSummary]:
    """Return the runs sorted by a field, ascending, or descending with a "-" before it; runs without it come last.

    Raises:
        QueryError: there is no such field.
    """
    name = _field(by.removeprefix("-"))
    descends = by.startswith("-") != (name == "created")  # the younger, the lower its age
    found = sorted(runs, key=lambda run: _key(getattr(run, name)), reverse=descends)
    return [run for run in found if _is_there(run, name)] + [run for run in found if not _is_there(run, name)]


def _key(value: Any) -> Any:
    value = " ".join(value) if isinstance(value, tuple) else value
    return value.lower() if isinstance(value, str) else (-math.inf if value is None else value)


def _is_there(run: RunSummary, name: str) -> bool:
    return getattr(run, name) not in (None, "", ())


def _condition(word: str) -> Condition:
    match = _CONDITION.fullmatch(word)
    if match is None:
        return Condition("", "~", word.lower())
    name, operator, text = match.groups()
    field, operator = _field(name), "=" if operator == "==" else operator
    if field in _TEXTS or operator == "~":
        if operator not in ("=", "!=", "~"):
            raise QueryError(
                f"{word}: {name} is a text, which is compared by =, != or ~", f"for example {name}={text}"
            )
        return Condition(field, operator, text.lower())
    return Condition(field, operator, _number(word, text))


def _field(name: str) -> str:
    if name in FIELDS:
        return FIELDS[name]
    if name in RunSummary.__struct_fields__:
        return name
    raise QueryError(f'"{name}" is not a field of a run', did_you_mean(name, FIELDS, "nnterm runs --help"))


def _number(word: str, text: str) -> float:
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        hint = "write a number: 10, 1e-3, 97%, or a time: 90s, 5min, 2h, 3d"
        raise QueryError(f'{word}: "{text}" is not a number', hint)
    return float(match[1]) * _UNITS.get((match[2] or "").lower(), 1.0)
